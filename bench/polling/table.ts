import { historyOf } from "./bars.js";
import { hooked } from "./hooked.js";
import { jobsOf } from "./jobs.js";
import { measure, type Figures } from "./measure.js";
import { ours } from "./ours.js";
import { airflow, airflowDeferrable, awsWaiter, composeCli, durableFunctions, logicApps, prefect, rawSdk, virtualKubelet, type Loop } from "./peers.js";

const JOBS = 200;
const SEED = 1;

// All loops on the same jobs of about 60 s, as a table for docs/completion.md.
export async function table(): Promise<readonly string[]> {
  const loops: readonly (readonly [string, Loop])[] = [
    ["Airflow", airflow],
    ["raw SDK, 1 s", rawSdk(1)],
    ["compose-cli", composeCli],
    ["raw SDK, 5 s", rawSdk(5)],
    ["raw SDK, 10 s", rawSdk(10)],
    ["Virtual Kubelet, 1 pod", virtualKubelet(1)],
    ["Prefect", prefect],
    ["Logic Apps", logicApps],
    ["durable-functions", durableFunctions],
    ["Airflow, deferrable", airflowDeferrable],
    ["AWS SDK, the pauses of `waitUntilTasksStopped`", awsWaiter],
    ["Virtual Kubelet, 100 pods", virtualKubelet(100)],
    ['**`poll({ pace: "fast" })`**', ours({ pace: "fast" })],
    ["**`poll()`**", ours()],
    ['**`poll({ pace: "frugal" })`**', ours({ pace: "frugal" })],
    ["**`webhook()`**", hooked()],
    ["**`webhook()`**, one job in ten without its calls", hooked(0.1)],
  ];
  const anyLength = jobsOf({ seed: SEED, count: JOBS, medianInMs: 60_000 });
  const like = jobsOf({ seed: SEED, count: JOBS, medianInMs: 60_000, sd: 0.05 });
  const history = await historyOf(SEED, 0.05);
  return [
    "| loop | requests | mean lag | p95 | longest | lost |",
    "| --- | --- | --- | --- | --- | --- |",
    ...(await Promise.all(loops.map(async ([name, loop]) => row(name, await measure(loop, anyLength))))),
    row('**`poll({ pace: "fast", history })`**, after ten runs, sd 5 %', await measure(ours({ pace: "fast" }, history), like)),
    row("**`poll({ history })`**, after ten runs, sd 5 %", await measure(ours({}, history), like)),
  ];
}

// What was seen by `poll()` of jobs of other lengths.
export async function lengths(): Promise<readonly string[]> {
  const row = async (seconds: number): Promise<string> => {
    const jobs = jobsOf({ seed: SEED, count: 20, medianInMs: seconds * 1000 });
    const cells = await Promise.all([ours(), rawSdk(5)].map(async (loop) => cellOf(await measure(loop, jobs))));
    return `| ${seconds} s | ${cells.join(" | ")} |`;
  };
  return ["| job | `poll()` | raw SDK, 5 s |", "| --- | --- | --- |", ...(await Promise.all([5, 60, 600, 3600].map(row)))];
}

function cellOf({ requests, meanLagInS }: Figures): string {
  return `${requests.toFixed(1)} · ${meanLagInS.toFixed(1)} s`;
}

function row(name: string, { requests, meanLagInS, p95InS, maxInS, lost }: Figures): string {
  return `| ${name} | ${requests.toFixed(1)} | ${meanLagInS.toFixed(2)} s | ${p95InS.toFixed(2)} | ${maxInS.toFixed(1)} | ${lost === 0 ? "" : `${((100 * lost) / JOBS).toFixed(1)} %`} |`;
}
