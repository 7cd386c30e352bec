import { beginContainerJob, ContainerJobError, findContainerJob, isAciError, resumeContainerJob, runContainerJob, startContainerJob, stepContainerJob, type AciClient, type ContainerJobSpec, type JobHandle, type JobPoller, type JobResult, type RunContainerJobOptions } from "../../../src/index.js";
import { foreign } from "../callbacks/wrong-strategy.js";
import type { Process } from "../world/process.js";
import type { Dice } from "../world/dice.js";
import type { World } from "../world/world.js";
import type { WholeHandle } from "../../../src/jobs/drive/job-handle.js";
import type { JobPlan } from "./job-plan.js";

/** What outlives a caller's process because the caller has kept it. */
export interface Kept {
  handle?: JobHandle | undefined;
}

/** One call of the library for a job, in a process. */
export interface Caller {
  readonly world: World;
  readonly process: Process;
  readonly client: AciClient;
  readonly plan: JobPlan;
  readonly kept: Kept;
  readonly options: Pick<RunContainerJobOptions, "completion" | "secrets" | "store" | "logSink" | "onEvent">;
  readonly abortSignal: AbortSignal;
  readonly detachSignal: AbortSignal;
}

/** Begins a job in its mode, and stays with it. */
export async function begin(caller: Caller, spec: ContainerJobSpec): Promise<JobResult> {
  const { client, plan, options, abortSignal, detachSignal, kept } = caller;
  const all = { ...options, ...plan.limits };
  switch (plan.mode) {
    case "run":
      return runContainerJob(client, spec, { ...all, abortSignal, detachSignal, reject: false });
    case "poller":
      return untilDone(caller, beginContainerJob(client, spec, { ...all, abortSignal, detachSignal }));
    case "start":
      kept.handle = pack(caller, await startContainerJob(client, spec, { ...all, abortSignal }));
      return carryOn(caller, kept.handle);
    case "step":
      kept.handle = pack(caller, await startContainerJob(client, spec, { ...all, abortSignal }));
      return stepOn(caller);
  }
}

/** Takes a job up by what is known of it. */
export async function takeUp(caller: Caller): Promise<JobResult> {
  const { plan, kept, client } = caller;
  if (plan.heir === "handle" && kept.handle !== undefined) return plan.mode === "step" ? stepOn(caller) : carryOn(caller, kept.handle);
  if (plan.heir === "key" && plan.spec.key !== undefined) {
    const found = plan.hasStore ? undefined : await findContainerJob(client, plan.spec.key);
    return carryOn(caller, found ?? { key: plan.spec.key });
  }
  return begin(caller, plan.spec);
}

async function carryOn(caller: Caller, job: JobHandle | { readonly key: string }): Promise<JobResult> {
  const { client, options } = caller;
  return untilDone(caller, await resumeContainerJob(client, job, options));
}

// Polls now and then itself, and waits for the rest. Its waits are stopped at times, which leaves the job alone.
async function untilDone(caller: Caller, poller: JobPoller): Promise<JobResult> {
  const { world, process, plan, abortSignal } = caller;
  const cancel = (): void => void poller.cancel().catch(() => undefined);
  if (abortSignal.aborted) cancel();
  else abortSignal.addEventListener("abort", cancel, { once: true });
  const { dice } = world;
  for (let turn = 0; turn < 3 && dice.chance(0.5); turn++) {
    const { result } = await orAgain(world, process, () => poller.poll());
    if (plan.shelf !== undefined) pack(caller, poller.handle);
    if (result !== undefined && poller.isDone) return result;
    await process.sleep(dice.between(0, 5000));
  }
  return orAgain(world, process, () => poller.pollUntilDone());
}

// Some ask the same poller again when it has told them of trouble.
async function orAgain<T>({ dice }: World, process: Process, ask: () => Promise<T>): Promise<T> {
  for (let turn = 0; ; turn++) {
    try {
      return await ask();
    } catch (error) {
      const isAnEnd = error instanceof ContainerJobError || (isAciError(error) && error.code !== "ACI_REQUEST_FAILED");
      if (isAnEnd || turn === 3 || dice.chance(0.3)) throw error;
      await process.sleep(dice.spread(10, 60_000));
    }
  }
}

// A host that never waits: a queue, a timer. What it runs may be run twice from the same message.
async function stepOn(caller: Caller): Promise<JobResult> {
  const { world, process, client, plan, options, kept, abortSignal } = caller;
  for (;;) {
    const from = given(caller);
    const since = world.time.now;
    const signals = plan.wrongs.includes("receive lies") ? foreign((from as WholeHandle).state, process.now()) : [];
    const step = await stepContainerJob(client, from, { ...options, signals, ...(abortSignal.aborted && { abortSignal }) });
    // The answer of the first is lost, and the host runs it again.
    if (world.faults.strikes("P6")) {
      world.history.add({ kind: "forgot", by: process.name, since });
      continue;
    }
    kept.handle = pack(caller, step.handle);
    if (step.done) return step.result;
    await process.sleep(step.nextCheckInMs);
  }
}

// What its message has: the last handle, or that of a message that comes once more.
function given({ world: { dice, history }, process, plan: { shelf }, kept }: Caller): JobHandle {
  if (shelf === undefined || shelf.length === 0 || !dice.chance(0.1)) return kept.handle as JobHandle;
  history.add({ kind: "forgot", by: process.name, since: 0 });
  return handleFrom(shelf, dice) as JobHandle;
}

/** One of the handles that there ever were, most likely the last. */
export function handleFrom(shelf: readonly JobHandle[], dice: Dice): JobHandle | undefined {
  return dice.chance(0.5) ? shelf.at(-1) : dice.pick(shelf);
}

// A handle is kept as text. One of an older version of the library knows nothing of attempts.
function pack({ plan, world, process }: Caller, handle: JobHandle): JobHandle {
  const text = JSON.stringify(handle);
  const { attempt, phase } = (handle as WholeHandle).state;
  world.history.add({ kind: "handed", by: process.name, job: plan.index, attempt, phase });
  world.history.words.push(text);
  const forget = (name: string, value: unknown): unknown => (["retry", "retryOnLost", "onRestart"].includes(name) ? undefined : value);
  const packed = JSON.parse(text, plan.forgetsLimits ? forget : undefined) as JobHandle;
  plan.shelf?.push(packed);
  return packed;
}
