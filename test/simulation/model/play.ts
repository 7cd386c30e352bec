import fc from "fast-check";
import { check } from "../check/check.js";
import type { JobPlan } from "../jobs/job-plan.js";
import { seedRandom } from "../seeded-random.js";
import { lastExpiry } from "../simulate.js";
import { commands } from "./commands.js";
import { isKnownLimit } from "./limits.js";
import { mayBeTakenUp, Model, type ModelJob } from "./model.js";
import { contradictions } from "./predict.js";
import { Reality } from "./reality.js";

const MOST_COMMANDS = 60;
const SWEEP_EVERY_IN_MS = 900_000;

/** What is told of each world that was played to its end. */
export interface Played {
  readonly real: Reality;
  readonly model: Model;
}

/** What must hold of every sequence of commands. */
export function property(onEnd: (played: Played) => void, replayPath?: string): fc.IAsyncProperty<[number, Iterable<fc.AsyncCommand<Model, Reality>>]> {
  const sequences = fc.commands(commands, { maxCommands: MOST_COMMANDS, size: "max", ...(replayPath !== undefined && { replayPath }) });
  return fc.asyncProperty(fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 })), sequences, async (seed, sequence) => {
    seedRandom(seed);
    const [real, model] = [new Reality(seed), new Model()];
    await fc.asyncModelRun(() => ({ model, real }), sequence);
    await settle(model, real);
    onEnd({ real, model });
    const judgments = check(real.world, model.jobs.map(judged), true).filter((text) => !isKnownLimit(text, model, real));
    const violations = [...real.failures, ...judgments, ...contradictions(model, real)];
    if (violations.length > 0) throw new Error(violations.join("\n"));
  });
}

// From here on nothing goes wrong, who was left takes his job up, and a timer sweeps until nothing of ours is there.
async function settle(model: Model, real: Reality): Promise<void> {
  const { world } = real;
  world.calm();
  for (const job of model.jobs) if (mayBeTakenUp(job)) job.callers.push(real.ask(job, "job", { isTakenUp: true }));
  const isSettled = (): boolean => !real.isBusy && model.jobs.every(({ callers }) => callers.every(({ isOpen }) => !isOpen));
  const until = world.time.now + Math.max(3_600_000, ...model.jobs.map(longest));
  while (!isSettled() && world.time.now < until) await real.tick(SWEEP_EVERY_IN_MS);
  if (!isSettled()) real.failures.push("L1: somebody still waits");
  const over = Math.max(world.time.now, lastExpiry(world)) + 2 * SWEEP_EVERY_IN_MS + 3_600_000;
  while (real.isAnythingLeft && world.time.now < over) {
    real.sweep(false);
    await real.tick(SWEEP_EVERY_IN_MS);
  }
}

// A job that goes on settles within this time, whatever it waits for.
function longest({ plan }: ModelJob): number {
  const { startTimeoutInMs = 0, runTimeoutInMs = 0, cleanupTimeoutInMs = 0, retry } = plan.limits;
  return 2 * (retry?.maxAttempts ?? 3) * (startTimeoutInMs + runTimeoutInMs + cleanupTimeoutInMs + 300_000) + 3_600_000;
}

// The plan of a job as the checks want it: with what has been done to it.
function judged({ plan, callers }: ModelJob): JobPlan {
  const at = (is: boolean): number | undefined => (is ? 0 : undefined);
  return { ...plan, otherAfter: at(callers.some(({ isOther }) => isOther)), detachAfter: at(callers.some(({ isDetached }) => isDetached)), twinAfter: at(callers.some(({ line }) => line === "twin")) };
}
