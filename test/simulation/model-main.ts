// Plays sequences of commands in a process of its own and says what came of them, as one line of JSON.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { played } from "./model/commands.js";
import { property } from "./model/play.js";

interface Order {
  readonly seed: number;
  readonly numRuns: number;
  /** Of a run that failed. */
  readonly path?: string;
  readonly replayPath?: string;
  /** Writes what happened in the last run. */
  readonly isTold?: boolean;
}

const { seed, numRuns, path, replayPath, isTold = false } = JSON.parse(process.argv[2] ?? "{}") as Order;
/** So long a run may take, on a machine that has other things to do first. */
const MOST_PER_RUN_IN_MS = 2500;
const unhandled: string[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(String((reason as Error).stack ?? reason)));

const sum = { jobs: 0, requests: 0, virtualMs: 0, hits: {} as Record<string, number> };
const hash = createHash("sha256");
let story: readonly object[] = [];
const outcome = await fc.check(
  property(({ real: { world }, model }) => {
    sum.jobs += model.jobs.length;
    for (const entry of world.history.entries) {
      if (entry.kind !== "request") continue;
      sum.requests++;
      if (entry.fault !== undefined) sum.hits[entry.fault] = (sum.hits[entry.fault] ?? 0) + 1;
    }
    sum.virtualMs += world.time.now - Date.UTC(2026, 0, 1);
    hash.update(world.history.hash());
    story = world.history.entries;
  }, replayPath),
  // What was found is told in the end, however much smaller it might still be made.
  { seed, numRuns, interruptAfterTimeLimit: 20_000 + numRuns * MOST_PER_RUN_IN_MS, ...(path !== undefined && { path }), endOnFailure: path !== undefined },
);
if (isTold) for (const entry of story) process.stderr.write(`${JSON.stringify(entry)}\n`);
const failure = outcome.failed ? { run: outcome.numRuns, seed, path: outcome.counterexamplePath, counterexample: outcome.counterexample?.map(String).join(", "), error: String((outcome.errorInstance as Error | null)?.message) } : undefined;
process.stdout.write(`${JSON.stringify({ runs: outcome.numRuns, commands: played, ...sum, hash: hash.digest("hex"), unhandled, failure })}\n`);
