import { inspect } from "node:util";
import { cancelContainerJob, ContainerJobError, findContainerJob, firstOf, isAciError, JobDetachedError, poll, type RunContainerJobOptions, type JobResult } from "../../../src/index.js";
import type { WholeHandle } from "../../../src/jobs/drive/job-handle.js";
import type { Process } from "../world/process.js";
import type { World } from "../world/world.js";
import { wrong } from "../callbacks/wrong-strategy.js";
import { begin, takeUp, type Caller, type Kept } from "./calls.js";
import { clientIn } from "./client.js";
import type { JobPlan } from "./job-plan.js";

/** So often a caller takes a job up again, after a death or an error that tells nothing of it. */
const LIVES = 5;

/** The life of a job, over the deaths of those who care for it. Resolves when nobody does any more. */
export async function live(world: World, plan: JobPlan, line: "job" | "twin" | "other" = "job", kept: Kept = {}): Promise<void> {
  for (let life = 0; life < LIVES; life++) {
    const isLastLife = life === LIVES - 1;
    const process = world.spawn(`${line}${plan.index}`, isLastLife && plan.heir !== "nobody" ? Infinity : undefined);
    process.isLast = plan.heir === "nobody";
    const signals = { aborting: new AbortController(), detaching: new AbortController() };
    if (life === 0) disturb(world, process, plan, signals);
    const how = await Promise.race([call(world, process, plan, kept, life === 0 && kept.handle === undefined, signals), process.died.then(() => "died" as const)]);
    if (how === "told" || plan.heir === "nobody") return;
    process.die();
    await world.time.sleep(world.dice.spread(10, 120_000));
  }
}

/** How a caller lets go of its job. */
export interface Signals {
  readonly aborting: AbortController;
  readonly detaching: AbortController;
}

function disturb(world: World, process: Process, plan: JobPlan, { aborting, detaching }: Signals): void {
  const after = (ms: number | undefined, what: "abort" | "detach", controller: AbortController): void => {
    if (ms === undefined) return;
    world.time.in(ms - 1, () => {
      if (!process.isAlive) return;
      world.history.add({ kind: "asked", job: plan.index, what, by: process.name });
      controller.abort(new Error(what));
    });
  };
  after(plan.abortAfter, "abort", aborting);
  after(plan.detachAfter, "detach", detaching);
}

/** One call for a job in a process, and what came of it: written to the history, and whether the caller has to ask again. */
export async function call(world: World, process: Process, plan: JobPlan, kept: Kept, isFirst: boolean, { aborting, detaching }: Signals): Promise<"told" | "failed"> {
  const { history, faults } = world;
  const caller: Caller = {
    world,
    process,
    client: clientIn(world, process),
    plan,
    kept,
    options: {
      secrets: () => plan.secret,
      ...(plan.hasStore && { store: world.store.for(process) }),
      ...completionOf(world, process, plan, isFirst),
      ...(plan.hasSink && { logSink: { write: (lines) => history.add({ kind: "sunk", by: process.name, lines: lines.filter(({ containerName }) => containerName === (caller.plan.spec.sidecars?.some(({ command }) => command?.includes("decide")) === true ? "side" : "main")).map(({ text }) => text) }) } }),
      onEvent: (event) => {
        history.spoken.push(JSON.stringify(event));
        history.add({ kind: "event", by: process.name, job: plan.index, type: event.type, attempt: event.attempt, ...("request" in event && { request: event.request }), ...("outcome" in event && { outcome: event.outcome }) });
      },
    },
    abortSignal: aborting.signal,
    detachSignal: detaching.signal,
  };
  history.add({ kind: "called", by: process.name, job: plan.index });
  try {
    const result = await (isFirst ? begin(caller, plan.spec) : takeUp(caller));
    if (process.sleepers > 0) history.add({ kind: "rejected", by: process.name, job: plan.index, code: "TIMERS_LEFT", text: "" });
    return tell(world, process, plan, result);
  } catch (error) {
    // Who cancels a poller that he has detached goes on with that.
    const isCanceling = plan.mode === "poller" && plan.abortAfter !== undefined && error instanceof JobDetachedError;
    if (process.sleepers > 0 && plan.wrongs.length === 0 && !isCanceling) history.add({ kind: "rejected", by: process.name, job: plan.index, code: "TIMERS_LEFT", text: String(error) });
    if (error instanceof ContainerJobError) return tell(world, process, plan, error.toJSON());
    const code = isAciError(error) ? error.code : error instanceof Error && error.message.startsWith("ENOSPC") ? "STORE" : "UNEXPECTED";
    // A handle holds the end of the log, by its nature.
    history.spoken.push(code === "ACI_JOB_DETACHED" ? String((error as Error).stack) : inspect(error, { depth: 8, showHidden: true }));
    history.add({ kind: "rejected", by: process.name, job: plan.index, code, text: error instanceof Error ? (code === "UNEXPECTED" ? String(error.stack) : error.message) : String(error) });
    if (error instanceof JobDetachedError) {
      kept.handle = error.handle;
      const { attempt, phase } = (error.handle as WholeHandle).state;
      history.add({ kind: "handed", by: process.name, job: plan.index, attempt, phase });
    }
    return ["ACI_JOB_CONFLICT", "ACI_NAME_CONFLICT"].includes(code) && !faults.isOn("C7") ? "told" : "failed";
  }
}

function completionOf(world: World, process: Process, { index, completion, wrongs, forgetsStrategy }: JobPlan, isFirst: boolean): Pick<RunContainerJobOptions, "completion"> {
  if (completion === "own" || (forgetsStrategy && !isFirst)) return {};
  const webhook = wrong(world.webhookIn(process), wrongs, process, world.dice.fork(`wrong${index}`));
  return { completion: completion === "webhook" ? webhook : firstOf(webhook, poll({ pace: "frugal" })) };
}

// What was not run is asked for once more by most: that does not stand.
function tell({ history, dice }: World, process: Process, { index }: JobPlan, result: JobResult): "told" | "failed" {
  history.words.push(JSON.stringify({ ...result, logs: "", containers: {} }));
  const { outcome, exitCode, groupName, attempt, earlierAttempts, logs, isLogTruncated, requests, location, timings: { totalInMs }, cost: { amount: cost }, cleanup, reason } = result;
  const earlier = earlierAttempts.map((one) => ({ attempt: one.attempt, outcome: one.outcome, exitCode: one.exitCode, reason: one.text, cost: one.cost.amount }));
  history.add({ kind: "result", by: process.name, job: index, result: { outcome, exitCode, groupName, attempt, earlier, logs, isLogTruncated, requests, location, totalInMs, cost, cleanup, reason, ...(result.outcome !== "succeeded" && { code: result.error.code }) } });
  return outcome === "notRun" && dice.chance(0.7) ? "failed" : "told";
}

/** Somebody else cancels a job: by its key, or by a handle that he has had for a while. */
export async function cancelFromElsewhere(world: World, plan: JobPlan): Promise<void> {
  const { dice, time, history } = world;
  const process = world.spawn(`canceler${plan.index}`, Infinity);
  const client = clientIn(world, process);
  const key = plan.spec.key ?? "";
  try {
    const handle = dice.chance(0.3) ? await findContainerJob(client, key) : undefined;
    if (handle !== undefined) await time.sleep(dice.spread(1000, 1_200_000));
    history.add({ kind: "asked", job: plan.index, what: "cancel", by: process.name });
    const completion = plan.completion !== "own" && dice.fork(`cancel${plan.index}`).chance(0.4) ? world.webhookIn(process) : undefined;
    await cancelContainerJob(client, handle ?? { key }, { reason: "not wanted", completion });
    history.add({ kind: "canceled", by: process.name, job: plan.index });
  } catch (error) {
    if (!isAciError(error)) throw error;
  }
}
