import { setTimeout as sleep } from "node:timers/promises";
import { JobPool, RequestBudget, type JobPoolOptions } from "../../src/index.js";
import { inTurn } from "../pools/run-pool.js";
import { mean, middle, type Verdict } from "../pools/verdict.js";
import { Child } from "./child.js";
import { groupFor, jobFor, ourClient, sdkClient } from "./clients.js";
import { Server, type ServerAddress } from "./server.js";

const START_IN_MS = 1900;
const RUN_IN_MS = 600_000;
const TIMES = 5;
const MANY = 1000;
// At other times between two polls of Microsoft's client.
const SDK_AFTER_IN_MS = [300, 900, 1700];

interface Aborts {
  /** From the abort to the end of the call, by what the job was doing. */
  readonly phases: Readonly<Record<string, readonly number[]>>;
  readonly sdk: readonly number[];
  /** From the abort of one signal to the end of a thousand jobs. */
  readonly manyInMs: number;
  readonly timersLeft: number;
}

// How soon a job ends whose signal is aborted, its group included; and what is left of the pool then.
export async function aborts(): Promise<readonly Verdict[]> {
  await using server = await Server.start({ startInMs: START_IN_MS });
  await using child = new Child("aborts");
  const { phases, sdk, manyInMs, timersLeft } = await child.ask<Aborts>(server.address);
  const middles = Object.entries(phases).map(([phase, times]) => middle(`B12 ms from an abort to the end, ${phase}`, times, { atMost: 100 }));
  const worst = Math.max(...middles.map(({ value }) => value));
  const exitInMs = await child.end();
  return [
    ...middles,
    { name: "B12 the slowest of them, to the raw SDK while it waits for a create", value: worst / mean(sdk), atMost: 0.2, text: `${mean(sdk).toFixed(0)} ms, and the group is left` },
    { name: `B12 warnings with ${MANY} jobs of one signal`, value: child.errors.split("\n").filter((line) => line.includes("Warning")).length, atMost: 0, text: `all ended within ${manyInMs.toFixed(0)} ms of its abort` },
    { name: "B12 timers left", value: timersLeft, atMost: 0, text: "after the last job" },
    { name: "B12 ms to the end of the process", value: exitInMs, atMost: 200, text: "after its last job, by itself" },
  ];
}

/** What the process of a client does. */
export async function runAborts(address: ServerAddress): Promise<Aborts> {
  // The first makes the code warm.
  await abortEach(address, running);
  const phases = {
    "waiting in the pool": await abortEach(address, waiting),
    "while it is created": await abortEach(address, created),
    "while it starts": await abortEach(address, starting),
    "between two looks": await abortEach(address, running),
    "waiting for its turn to be looked at": await abortEach(address, short),
  };
  const sdk = [];
  for (const [index, ms] of SDK_AFTER_IN_MS.entries()) sdk.push(await abortSdk(address, ms, `sdk-${index}`));
  const manyInMs = await abortMany(address);
  return { phases, sdk, manyInMs, timersLeft: await timersLeft() };
}

interface Stage {
  readonly pool: JobPool;
  /** Resolves when the jobs are where they are to be aborted. */
  readonly isThere: Promise<unknown>;
}

type Arrange = (address: ServerAddress) => Stage;

const waiting: Arrange = (address) => {
  const pool = new JobPool(ourClient(address), { concurrency: 1 });
  begin(pool, 1);
  return { pool, isThere: sleep(100) };
};
const created: Arrange = (address) => when(address, "jobCreating", 0);
const starting: Arrange = (address) => when(address, "jobAccepted", 200);
const running: Arrange = (address) => when(address, "jobStarted", 100);

// Jobs that are looked at in turn as often as may be, so that each waits for some seconds.
const short: Arrange = (address) => {
  const pool = new JobPool(ourClient(address, new RequestBudget({ createsPerFiveMinutes: 1e6, createsPerHour: 1e6 })), { completion: inTurn });
  begin(pool, 60);
  return { pool, isThere: sleep(6000) };
};

function begin(pool: JobPool, jobs: number): void {
  for (let count = 0; count < jobs; count++) void pool.run(jobFor(RUN_IN_MS), { priority: 1 }).catch(() => undefined);
}

// There are all of the jobs some time after each has told of an event.
function when(address: ServerAddress, type: string, laterInMs: number): Stage {
  let [come, left] = [(): void => undefined, TIMES];
  const isThere = new Promise<void>((resolve) => (come = resolve));
  const onEvent: JobPoolOptions["onEvent"] = (event) => {
    if (event.type === type && --left === 0) come();
  };
  return { pool: new JobPool(ourClient(address), { onEvent }), isThere: laterInMs === 0 ? isThere : isThere.then(() => sleep(laterInMs)) };
}

// Some jobs of one pool, one after the other.
async function abortEach(address: ServerAddress, arrange: Arrange): Promise<readonly number[]> {
  const { pool, isThere } = arrange(address);
  const jobs = Array.from({ length: TIMES }, () => {
    const stop = new AbortController();
    return { stop, job: pool.run(jobFor(RUN_IN_MS), { abortSignal: stop.signal }).catch(() => undefined) };
  });
  await isThere;
  const took: number[] = [];
  for (const { job, stop } of jobs) took.push(await timeOf(job, stop));
  await pool.destroy();
  return took;
}

async function timeOf(job: Promise<unknown>, stop: AbortController): Promise<number> {
  const began = performance.now();
  stop.abort();
  await job;
  return performance.now() - began;
}

async function abortSdk(address: ServerAddress, afterInMs: number, name: string): Promise<number> {
  const client = sdkClient(address);
  const stop = new AbortController();
  const create = client.containerGroups.beginCreateOrUpdateAndWait(address.resourceGroup, name, groupFor(RUN_IN_MS, address.location), { abortSignal: stop.signal }).catch(() => undefined);
  await sleep(afterInMs);
  return timeOf(create, stop);
}

async function abortMany(address: ServerAddress): Promise<number> {
  const stop = new AbortController();
  let begun = 0;
  const pool = new JobPool(ourClient(address), { concurrency: MANY, onEvent: ({ type }) => (begun += type === "jobAccepted" ? 1 : 0) });
  const jobs = Array.from({ length: MANY }, () => pool.run(jobFor(RUN_IN_MS), { abortSignal: stop.signal }).catch(() => undefined));
  while (begun < MANY) await sleep(50);
  const took = await timeOf(Promise.all(jobs), stop);
  await pool.close();
  return took;
}

// Timers of connections that nobody uses go by themselves, and keep no process alive.
async function timersLeft(): Promise<number> {
  await sleep(50);
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}
