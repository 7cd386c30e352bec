import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { bundle } from "./build.js";

const RUNS = Number(process.env["ACI_TEST_MODEL_RUNS"] ?? 1000);
const KINDS = ["submit", "submitAgain", "submitOther", "takeUp", "cancel", "abort", "detach", "crash", "deleteGroup", "restartContainer", "sweep", "fault", "tick"];
/** So long a run may take, on a machine that has other things to do first. */
const MOST_PER_RUN_IN_MS = 2500;

interface Report {
  readonly runs: number;
  readonly commands: Readonly<Record<string, number>>;
  readonly jobs: number;
  readonly requests: number;
  readonly virtualMs: number;
  readonly hits: Readonly<Record<string, number>>;
  readonly hash: string;
  readonly unhandled: readonly string[];
  readonly failure?: object;
}

let file: string;

beforeAll(async () => {
  file = await bundle("model-main.ts", "model.mjs");
}, 60_000);

async function play(seed: number, numRuns: number): Promise<Report> {
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify({ seed, numRuns })], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Report;
}

it(
  "ends every job as its model foretells, whatever is done to it in whatever order",
  async () => {
    const reports = await Promise.all([play(1, Math.ceil(RUNS / 2)), play(2, Math.floor(RUNS / 2))]);
    for (const { failure, unhandled } of reports) expect({ failure, unhandled }).toEqual({ failure: undefined, unhandled: [] });
    expect(reports.map(({ runs }) => runs)).toEqual([Math.ceil(RUNS / 2), Math.floor(RUNS / 2)]);
    const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0);
    const counts = KINDS.map((kind) => [kind, sum(({ commands }) => commands[kind] ?? 0)] as const);
    for (const [kind, count] of counts) expect(count, kind).toBeGreaterThanOrEqual(RUNS / 2);
    const kindsOfFault = new Set(reports.flatMap(({ hits }) => Object.keys(hits))).size;
    console.log(`model: ${sum(({ runs }) => runs)} runs, ${counts.reduce((total, [, count]) => total + count, 0)} commands (${counts.map((one) => one.join(" ")).join(", ")}), ${sum(({ jobs }) => jobs)} jobs, ${sum(({ requests }) => requests)} requests, ${kindsOfFault} kinds of fault, ${Math.round(sum(({ virtualMs }) => virtualMs) / 3_600_000)} hours`);
  },
  // Two processes with half of them each; each stops by itself before this.
  60_000 + RUNS * MOST_PER_RUN_IN_MS,
);

it("plays the same from the same seed", async () => {
  const [one, two] = await Promise.all([play(3, 20), play(3, 20)]);
  expect(one.hash).toBe(two.hash);
}, 600_000);
