import { JobPool } from "../../src/index.js";
import { mean, type Verdict } from "../pools/verdict.js";
import { Child } from "./child.js";
import { jobFor, ourClient, sdkClient, sdkJob } from "./clients.js";
import { Server, type ServerAddress, type ServerCounts } from "./server.js";

const START_IN_MS = 3000;
const RUN_IN_MS = 20_000;
// So that code is warm.
const WARM_UP = { jobs: 100, runInMs: 100 };

interface Question {
  readonly side: Side;
  readonly address: ServerAddress;
  readonly jobs: number;
  readonly runInMs: number;
}

interface Burst {
  readonly cpuInMs: number;
  readonly lagInMs: number;
}

type Side = "ours" | "sdk";

// Many jobs at once, by a pool and by Microsoft's client: what they take of the processor, and how many connections.
export async function burst(jobs: number): Promise<readonly Verdict[]> {
  const ours = await measure("ours", jobs);
  const sdk = await measure("sdk", jobs);
  const name = `${jobs} jobs of 20 s at once`;
  const perJob = ({ cpuInMs, requests }: Measured): string => `${(cpuInMs / jobs).toFixed(2)} ms and ${(requests / jobs).toFixed(1)} requests`;
  return [
    { name: `B8 ${name}: CPU, to the raw SDK at 5 s`, value: ours.cpuInMs / sdk.cpuInMs, atMost: 1, text: `${perJob(ours)} a job to ${perJob(sdk)}` },
    { name: `B10 ${name}: connections at a time`, value: ours.mostAtOnce, atMost: 64, text: `${ours.connections} opened in all; raw SDK ${sdk.mostAtOnce}, ${sdk.connections} in all` },
    { name: `B10 ${name}: share of requests that open a connection`, value: ours.connections / ours.requests, atMost: 0.02, text: `raw SDK ${(sdk.connections / sdk.requests).toFixed(3)}` },
    { name: `B10 ${name}: mean lag, to the raw SDK at 5 s`, value: ours.lagInMs / sdk.lagInMs, atMost: 0.7, text: `${(ours.lagInMs / 1000).toFixed(2)} s to ${(sdk.lagInMs / 1000).toFixed(2)} s` },
  ];
}

type Measured = Burst & ServerCounts;

async function measure(side: Side, jobs: number): Promise<Measured> {
  await using server = await Server.start({ startInMs: START_IN_MS });
  await using child = new Child("burst");
  const { address } = server;
  await child.ask({ side, address, ...WARM_UP } satisfies Question);
  await server.reset();
  const figures = await child.ask<Burst>({ side, address, jobs, runInMs: RUN_IN_MS } satisfies Question);
  return { ...figures, ...(await server.count()) };
}

/** What the process of a client does. */
export async function runBurst({ side, address, jobs, runInMs }: Question): Promise<Burst> {
  const before = process.cpuUsage();
  const lags = await (side === "ours" ? byPool : bySdk)(address, jobs, runInMs);
  const { user, system } = process.cpuUsage(before);
  return { cpuInMs: (user + system) / 1000, lagInMs: mean(lags) };
}

async function byPool(address: ServerAddress, jobs: number, runInMs: number): Promise<readonly number[]> {
  const seenAt = new Map<string, number>();
  const pool = new JobPool(ourClient(address), {
    concurrency: jobs,
    onEvent: (event) => {
      if (event.type === "jobEnded") seenAt.set(event.key, Date.parse(event.at));
    },
  });
  const run = async (): Promise<number> => {
    const { key, containers } = await pool.run(jobFor(runInMs));
    return (seenAt.get(key) ?? NaN) - Date.parse(containers["main"]?.finishedAt ?? "");
  };
  const lags = await Promise.all(Array.from({ length: jobs }, run));
  await pool.close();
  return lags;
}

async function bySdk(address: ServerAddress, jobs: number, runInMs: number): Promise<readonly number[]> {
  const client = sdkClient(address);
  return Promise.all(Array.from({ length: jobs }, (_unused, index) => sdkJob(client, address, `sdk-${runInMs}-${index}`, runInMs)));
}
