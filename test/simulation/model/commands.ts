import fc from "fast-check";
import { faultDraw, jobDraw, tickDraw, type FaultDraw, type JobDraw } from "./draws.js";
import { mayBeAskedAgain, mayBeTakenUp, type Model, type ModelCaller, type ModelJob } from "./model.js";
import type { Reality } from "./reality.js";

type Command = fc.AsyncCommand<Model, Reality>;

/** How often each kind of command was played. */
export const played: Record<string, number> = {};

// One kind of command: when it makes sense, and what it does. None waits for anything that only time brings.
function kind<T>(name: string, draws: fc.Arbitrary<T>, isPossible: (model: Model, draw: T) => boolean, play: (model: Model, real: Reality, draw: T) => void | Promise<void>): fc.Arbitrary<Command> {
  return draws.map((draw) => ({
    check: (model) => isPossible(model, draw),
    run: async (model, real) => {
      played[name] = (played[name] ?? 0) + 1;
      await play(model, real, draw);
      // Whatever can go on without time does.
      await new Promise((resolve) => setImmediate(resolve));
    },
    toString: () => `${name}(${JSON.stringify(draw)})`,
  }));
}

// A kind that is about one of the jobs for which it makes sense.
function ofJob(name: string, fits: (job: ModelJob) => boolean, play: (job: ModelJob, real: Reality, draw: number) => void): fc.Arbitrary<Command> {
  return kind(
    name,
    fc.nat(11),
    (model, draw) => model.pick(draw, fits) !== undefined,
    (model, real, draw) => play(model.pick(draw, fits) as ModelJob, real, draw),
  );
}

function ofCaller(name: string, fits: (caller: ModelCaller, job: ModelJob) => boolean, play: (caller: ModelCaller, job: ModelJob, real: Reality) => void): fc.Arbitrary<Command> {
  return kind(
    name,
    fc.nat(11),
    (model, draw) => model.pickCaller(draw, fits) !== undefined,
    (model, real, draw) => {
      const { job, caller } = model.pickCaller(draw, fits) as { job: ModelJob; caller: ModelCaller };
      play(caller, job, real);
    },
  );
}

const submit = kind<JobDraw>(
  "submit",
  jobDraw,
  (model) => model.hasRoom,
  (model, real, draw) => {
    const job: ModelJob = { plan: real.plan(model.jobs.length, draw), work: draw.work, callers: [], isDeleted: false, isRestarted: false, isCanceled: false };
    model.jobs.push(job);
    job.callers.push(real.ask(job, "job"));
  },
);
const submitAgain = ofJob("submitAgain", mayBeAskedAgain, (job, real) => job.callers.push(real.ask(job, "twin")));
const submitOther = ofJob("submitOther", mayBeAskedAgain, (job, real) => job.callers.push(real.ask(job, "twin", { isOther: true })));
const takeUp = ofJob("takeUp", mayBeTakenUp, (job, real) => job.callers.push(real.ask(job, "job", { isTakenUp: true })));
const cancel = ofJob(
  "cancel",
  ({ plan }) => plan.spec.key !== undefined,
  (job, real) => {
    job.isCanceled = true;
    real.cancel(job);
  },
);
const abort = ofCaller(
  "abort",
  ({ abortedAt }) => abortedAt === undefined,
  (caller, job, real) => {
    job.isCanceled = true;
    caller.abortedAt = real.world.time.now;
    real.stop(caller, job, "abort");
  },
);
const detach = ofCaller(
  "detach",
  ({ line, isDetached, isTakenUp }, { plan }) => !isDetached && !isTakenUp && (line === "twin" || plan.mode === "run" || plan.mode === "poller"),
  (caller, job, real) => {
    caller.isDetached = true;
    real.stop(caller, job, "detach");
  },
);
const crash = ofCaller(
  "crash",
  () => true,
  (caller, _, real) => {
    caller.isCrashed = true;
    real.kill(caller);
  },
);
const deleteGroup = ofJob(
  "deleteGroup",
  () => true,
  (job, real) => {
    for (const group of real.groupsOf(job)) {
      job.isDeleted = true;
      real.world.azure.remove(group, "somebody");
    }
  },
);
const restartContainer = ofJob(
  "restartContainer",
  () => true,
  (job, real) => {
    const { now } = real.world.time;
    for (const group of real.groupsOf(job)) {
      // One that has ended stays as it is: whoever is about to read its log could not tell.
      if ((group.runs.at(-1)?.endAt ?? 0) <= now) continue;
      job.isRestarted = true;
      group.restart(now);
    }
  },
);
const sweepAll = kind(
  "sweep",
  fc.boolean(),
  () => true,
  (model, real, hasStore) => real.sweep(hasStore && model.jobs.every(({ plan }) => plan.hasStore)),
);
const fault = kind<FaultDraw>("fault", faultDraw, () => true, (_, real, draw) => real.disturb(draw));
const tick = kind<number>("tick", tickDraw, () => true, (_, real, ms) => real.tick(ms));

/** All kinds of commands. Time passes oftener than anything else happens. */
export const commands: fc.Arbitrary<Command>[] = [submit, submit, submit, submit, submitAgain, submitOther, ...Array.from({ length: 6 }, () => takeUp), cancel, abort, abort, detach, detach, crash, crash, deleteGroup, restartContainer, sweepAll, fault, fault, ...Array.from({ length: 8 }, () => tick)];
