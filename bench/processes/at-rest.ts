import { setTimeout as sleep } from "node:timers/promises";
import { JobPool, poll, type CompletionStrategy } from "../../src/index.js";
import type { Verdict } from "../pools/verdict.js";
import { Child } from "./child.js";
import { groupFor, jobFor, ourClient, sdkClient } from "./clients.js";
import { Server, type ServerAddress } from "./server.js";

const RUN_IN_MS = 3_600_000;
const LONG_PAUSE_IN_MS = 600_000;
// So many creates at a time.
const AT_ONCE = 32;

interface Question {
  readonly side: "ours" | "sdk";
  readonly address: ServerAddress;
  readonly jobs: number;
}

/** A process while its jobs run and nothing is asked. */
interface Rest {
  readonly rssInBytes: number;
  readonly heapInBytes: number;
  readonly timers: number;
}

// Memory and timers of so many jobs in flight, by a pool and by loops of Microsoft's client.
export async function atRest(many: number, few: number): Promise<readonly Verdict[]> {
  const [ours, sdk] = await Promise.all([measure("ours", many), measure("sdk", many)]);
  const less = await measure("ours", few);
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  const kb = ({ heapInBytes }: Rest, jobs: number): number => heapInBytes / 1024 / jobs;
  return [
    { name: `B9 ${many} jobs in flight: growth of the process, to the raw SDK`, value: ours.rssInBytes / sdk.rssInBytes, atMost: 1.25, text: `${mb(ours.rssInBytes)} to ${mb(sdk.rssInBytes)}` },
    { name: `B9 ${many} jobs in flight: KB of heap a job`, value: kb(ours, many), atMost: 2.5, text: `raw SDK ${kb(sdk, many).toFixed(2)}` },
    { name: `B13 heap a job, ${many} to ${few} in flight`, value: kb(ours, many) / kb(less, few), atMost: 1.15, text: `${kb(ours, many).toFixed(2)} KB to ${kb(less, few).toFixed(2)} KB` },
    { name: `B13 timers with ${many} jobs in flight`, value: ours.timers, atMost: 2, text: `raw SDK ${sdk.timers}` },
  ];
}

async function measure(side: Question["side"], jobs: number): Promise<Rest> {
  await using server = await Server.start({ startInMs: 0 });
  await using child = new Child("atRest");
  return await child.ask<Rest>({ side, address: server.address, jobs } satisfies Question);
}

/** What the process of a client does. */
export async function runAtRest({ side, address, jobs }: Question): Promise<Rest> {
  const begin = side === "ours" ? ourJobs(address) : sdkJobs(address);
  await begin(AT_ONCE * 4);
  const before = await settled();
  await begin(jobs);
  const after = await settled();
  return { rssInBytes: after.rss - before.rss, heapInBytes: after.heapUsed - before.heapUsed, timers: process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length };
}

async function settled(): Promise<NodeJS.MemoryUsage> {
  await sleep(500);
  for (let times = 0; times < 3; times++) globalThis.gc?.();
  return process.memoryUsage();
}

type Begin = (jobs: number) => Promise<void>;

const rarely: CompletionStrategy = { ...poll(), name: "rarely", nextCheck: () => ({ earliestInMs: LONG_PAUSE_IN_MS }) };

// Begins jobs, and resolves once Azure has accepted them all. The pool has so many that wait to be created as there may be.
function ourJobs(address: ServerAddress): Begin {
  let onAccepted = (): void => undefined;
  const pool = new JobPool(ourClient(address), {
    concurrency: Infinity,
    completion: rarely,
    runTimeoutInMs: 2 * RUN_IN_MS,
    onEvent: ({ type }) => {
      if (type === "jobAccepted") onAccepted();
    },
  });
  return (jobs) =>
    new Promise((resolve) => {
      let [begun, accepted] = [0, 0];
      const add = (): void => {
        if (begun++ < jobs) void pool.run(jobFor(RUN_IN_MS));
      };
      onAccepted = () => {
        add();
        if (++accepted === jobs) resolve();
      };
      for (let count = 0; count < AT_ONCE; count++) add();
    });
}

// As a loop has it between two looks. That it waits for the operation of the create before that leaves nothing behind.
function sdkJobs(address: ServerAddress): Begin {
  const client = sdkClient(address);
  const { resourceGroup, location } = address;
  let names = 0;
  const loop = async (name: string): Promise<void> => {
    await sleep(LONG_PAUSE_IN_MS);
    await client.containerGroups.get(resourceGroup, name);
  };
  return async (jobs) => {
    let left = jobs;
    const beginOneByOne = async (): Promise<void> => {
      while (left-- > 0) {
        const name = `sdk-${names++}`;
        await client.containerGroups.beginCreateOrUpdate(resourceGroup, name, groupFor(RUN_IN_MS, location));
        void loop(name);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, beginOneByOne));
  };
}
