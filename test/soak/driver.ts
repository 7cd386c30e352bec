// Runs the jobs of the soak, so many at once, and says at the end by a line on stdout how that went. Started with --expose-gc.
import { getEventListeners } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { AciClient, memoryStore, runContainerJob, sweep, type JobResult, type JobStore, type LifecycleEvent } from "aci-lifecycle";
import { exitCodeOf, logOf, type DriverReport } from "./work.js";

const { jobs, atOnce } = JSON.parse(process.argv[2] ?? "{}") as { jobs: number; atOnce: number };
const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
const MB = 1024 * 1024;
// What every process has that was started like this one.
const handlesBefore = process.getActiveResourcesInfo();
const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);

const warnings: string[] = [];
process.on("warning", ({ name, message }) => warnings.push(`${name}: ${message}`));
const listenersBefore = listeners();
const client = AciClient.fromEnvironment({ owner: "soak" });
const memory = memoryStore();
const storedUnder = new Map<string, string>();
// The store names jobs in its own way; what a job is kept under is noted, to be deleted.
const store: JobStore = {
  ...memory,
  write: (name, value, ifVersion) => {
    storedUnder.set((value as { key: string }).key, name);
    return memory.write(name, value, ifVersion);
  },
};
const stop = new AbortController();
const delay = monitorEventLoopDelay({ resolution: 10 });
const wrong: string[] = [];
const greedy: string[] = [];
const samples: { readonly done: number; readonly rss: number; readonly heap: number }[] = [];
const sums = { done: 0, faults: 0, polls: 0, requests: 0 };

async function runOne(n: number): Promise<void> {
  const key = `soak-${n}`;
  let [faults, polls] = [0, 0];
  const onEvent = ({ type }: LifecycleEvent): void => {
    if (type === "jobFault") faults++;
    if (type === "jobObserved") polls++;
  };
  const spec = { key, image: "soak", environment: { JOB: String(n) }, tags: { soak: String(n) }, cpu: 1, memoryInGB: 1 };
  const result = await runContainerJob(client, spec, { store, reject: false, onEvent, abortSignal: stop.signal, cleanupTimeoutInMs: 300_000 });
  const trouble = troubleWith(n, result);
  if (trouble !== undefined) wrong.push(`job ${n}: ${trouble}`);
  if (result.requests > 12 + polls + 3 * faults) greedy.push(`job ${n}: ${result.requests} requests, ${polls} polls, ${faults} faults`);
  // Whoever keeps results for ever needs a store that is not in memory.
  await store.delete(storedUnder.get(key) ?? "");
  storedUnder.delete(key);
  sums.done++;
  sums.faults += faults;
  sums.polls += polls;
  sums.requests += result.requests;
  if (sums.done % Math.ceil(jobs / 50) === 0) sample();
}

function troubleWith(n: number, { outcome, exitCode, logs, cleanup, isLogTruncated }: JobResult): string | undefined {
  const expected = exitCodeOf(n);
  if (exitCode !== expected || outcome !== (expected === 0 ? "succeeded" : "failed")) return `${outcome} with ${exitCode ?? "no exit code"} instead of ${expected}`;
  if (logs !== logOf(n) || isLogTruncated === true) return `a log of ${logs.length} instead of ${logOf(n).length} characters`;
  return cleanup === "done" ? undefined : `clean-up is ${cleanup}`;
}

function sample(): void {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  samples.push({ done: sums.done, rss, heap: heapUsed });
}

// MB per 1,000 jobs, by least squares over what came after the first fifth.
function slopeOf(field: "rss" | "heap"): number {
  const after = samples.filter(({ done }) => done >= jobs / 5);
  const mean = (of: (one: (typeof after)[number]) => number): number => after.reduce((sum, one) => sum + of(one), 0) / after.length;
  const [x, y] = [mean(({ done }) => done), mean((one) => one[field])];
  const slope = mean((one) => (one.done - x) * (one[field] - y)) / mean(({ done }) => (done - x) ** 2);
  return (slope * 1000) / MB;
}

const began = performance.now();
delay.enable();
const queue = Array.from({ length: jobs }, (_unused, n) => n).values();
const work = async (): Promise<void> => {
  for (const n of queue) await runOne(n);
};
await Promise.all(Array.from({ length: atOnce }, work));
delay.disable();
const seconds = (performance.now() - began) / 1000;
const { groups, counts } = await sweep(client, { graceInMs: 1, store });

// What was to be let go of is let go of when its turn in the loop has come; a socket that is kept for later does not count, as it
// keeps no process alive.
await sleep(100);
collect();
const left = process.getActiveResourcesInfo().filter((name) => name !== "TCPSocketWrap");
for (const name of handlesBefore) if (left.includes(name)) left.splice(left.indexOf(name), 1);
const report: DriverReport = {
  jobs: sums.done,
  seconds: Math.round(seconds),
  wrong,
  greedy,
  faults: sums.faults,
  requests: sums.requests,
  polls: sums.polls,
  rssSlope: slopeOf("rss"),
  heapSlope: slopeOf("heap"),
  rss: Math.round((samples.at(-1)?.rss ?? 0) / MB),
  delayP99: Math.round(delay.percentile(99) / 1e6),
  handlesLeft: left,
  listenersLeft: listeners() - listenersBefore + getEventListeners(stop.signal, "abort").length,
  warnings,
  swept: groups.length,
  unswept: groups.length - counts.deleted,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
