import type { ContainerJobSpec, DoneWhen, JobHandle, RunContainerJobOptions } from "../../../src/index.js";
import { LINE } from "../azure/program.js";
import { drawWrongs, type Wrong } from "../callbacks/wrong-strategy.js";
import type { Dice } from "../world/dice.js";
import type { Faults } from "../world/faults.js";

/** What a caller wants of a job, and what is done to it. */
export interface JobPlan {
  readonly index: number;
  readonly spec: ContainerJobSpec;
  readonly limits: Pick<RunContainerJobOptions, "startTimeoutInMs" | "pullTimeoutInMs" | "runTimeoutInMs" | "cleanupTimeoutInMs" | "keep" | "retry" | "locations" | "retryOnLost" | "onRestart" | "doneWhen">;
  readonly hasStore: boolean;
  readonly hasSink: boolean;
  /** How its callers learn of its end. */
  readonly completion: "own" | "webhook" | "both";
  /** What is wrong with its strategy. */
  readonly wrongs: readonly Wrong[];
  /** Who takes it up again has forgotten to give the strategy. */
  readonly forgetsStrategy: boolean;
  readonly mode: "run" | "start" | "step" | "poller";
  /** How it is taken up again after a death. */
  readonly heir: "sameCall" | "handle" | "key" | "nobody";
  /** When what is done to it by its caller, or by somebody else. */
  readonly abortAfter: number | undefined;
  readonly detachAfter: number | undefined;
  readonly cancelAfter: number | undefined;
  /** When a second caller asks for the same. */
  readonly twinAfter: number | undefined;
  /** When somebody asks for something else by the same key. */
  readonly otherAfter: number | undefined;
  readonly isNameTaken: boolean;
  readonly secret: string;
  readonly forgetsLimits: boolean;
  /** The handles of it that there ever were, where hosts are given any of them. */
  readonly shelf?: JobHandle[];
}

/** Draws a job. */
export function drawJob(index: number, dice: Dice, faults: Faults): JobPlan {
  const when = (chance: boolean): number | undefined => (chance ? dice.spread(1, 600_000) : undefined);
  const hasKey = dice.chance(0.75);
  const hasStore = hasKey && dice.chance(0.55);
  const mode = dice.pick(["run", "run", "run", "start", "step", "poller"] as const);
  const isHandleKnown = mode === "start" || mode === "step";
  const heirs = hasKey ? (["sameCall", "sameCall", "key", "nobody"] as const) : (["nobody"] as const);
  const secret = `secret-${index}-${dice.between(100_000, 999_999)}`;
  const isSidecarred = dice.chance(0.3);
  const doneWhen = drawEnd(dice.fork("end"), isSidecarred);
  const spec: ContainerJobSpec = {
    ...(hasKey && { key: `job-${dice.seed}-${index}` }),
    image: "sim:1",
    command: isByLine({ limits: { doneWhen } }) ? ["work", "line"] : ["work"],
    environment: { KEY: dice.chance(0.3) ? { secureValue: secret } : { secret: "key" } },
    ...(isSidecarred && { sidecars: [{ name: "side", image: "sim:1", command: taskOfOther(doneWhen) }], initContainers: [{ name: "init", image: "sim:1" }] }),
  };
  const plan: JobPlan = {
    index,
    spec,
    limits: { ...drawLimits(dice), ...(doneWhen && { doneWhen }), ...drawPull(dice.fork("pull")) },
    hasStore,
    hasSink: dice.chance(0.25),
    completion: dice.pick(["own", "own", "webhook", "webhook", "both"] as const),
    wrongs: [],
    forgetsStrategy: dice.chance(0.15),
    mode,
    heir: isHandleKnown && dice.chance(0.6) ? "handle" : dice.pick(heirs),
    abortAfter: when(faults.strikes("P5")),
    detachAfter: when(mode !== "step" && faults.strikes("P2")),
    cancelAfter: when(hasKey && dice.chance(0.1)),
    twinAfter: hasKey && faults.strikes("C8") ? dice.pick([0, dice.between(1, 2000), dice.spread(1, 120_000)]) : undefined,
    otherAfter: hasKey && faults.strikes("C7") ? dice.spread(1, 60_000) : undefined,
    isNameTaken: hasKey && faults.strikes("C6"),
    secret,
    forgetsLimits: isHandleKnown && faults.strikes("P7"),
  };
  return plan.completion === "own" ? plan : { ...plan, wrongs: drawWrongs(dice.fork("strategy")) };
}

/** Whether a line of its log is what ends a job. */
export function isByLine({ limits: { doneWhen } }: { readonly limits: Pick<JobPlan["limits"], "doneWhen"> }): boolean {
  return typeof doneWhen === "object" && doneWhen.logLine !== undefined;
}

// What ends a job, where that is not its main container's end. What the containers are to do tells Azure which of them that is.
function drawEnd(dice: Dice, isSidecarred: boolean): DoneWhen | undefined {
  if (!dice.chance(0.3)) return undefined;
  const byLine = { logLine: dice.pick([LINE, new RegExp(`^${LINE}$`, "gu")]) };
  return isSidecarred ? dice.pick<DoneWhen>(["all", "all", { container: "side" }, { ...byLine, container: "side" }, byLine]) : byLine;
}

function taskOfOther(doneWhen: DoneWhen | undefined): readonly string[] | undefined {
  if (doneWhen === "all") return ["end"];
  return typeof doneWhen === "object" && doneWhen.container !== undefined ? ["decide"] : undefined;
}

function drawPull(dice: Dice): Pick<JobPlan["limits"], "pullTimeoutInMs"> {
  return dice.chance(0.2) ? { pullTimeoutInMs: dice.spread(5000, 600_000) } : {};
}

function drawLimits(dice: Dice): JobPlan["limits"] {
  const isRetried = dice.chance(0.35);
  const retry = { maxAttempts: dice.between(1, 4), ...(dice.chance(0.3) && { exitCodes: "nonZero" as const }), firstDelayInMs: dice.spread(100, 60_000) };
  return {
    startTimeoutInMs: dice.spread(30_000, 900_000),
    runTimeoutInMs: dice.spread(20_000, 7_200_000),
    cleanupTimeoutInMs: dice.spread(10_000, 300_000),
    keep: dice.chance(0.9) ? "never" : dice.pick(["onFailure", "always"] as const),
    ...(isRetried && { retry }),
    ...(dice.chance(0.25) && { locations: ["westeurope", "northeurope"] }),
    ...(dice.chance(0.2) && { retryOnLost: false }),
    ...(dice.chance(0.2) && { onRestart: "continue" as const }),
  };
}
