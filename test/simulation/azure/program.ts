import type { Dice } from "../world/dice.js";
import type { Faults } from "../world/faults.js";

/** The line that a container prints whose job waits for one. */
export const LINE = "it is done";

/** What a container does when it is run, and what becomes of its group by itself. All times in milliseconds. */
export interface Program {
  /** From the create until it starts; undefined if it never does. */
  readonly startsAfter: number | undefined;
  readonly pullFails: boolean;
  readonly runsFor: number;
  readonly exitCode: number;
  readonly detail: string;
  /** Azure never tells the exit code, or tells that it ended before it began. */
  readonly tells: "all" | "noExitCode" | "endBeforeStart";
  readonly lines: number;
  readonly lineLength: number;
  readonly oddLines: boolean;
  /** Lines that hold the job's secret: its own doing. */
  readonly printsSecret: boolean;
  readonly initFails: boolean;
  readonly hasSidecar: boolean;
  readonly provisioning: "Succeeded" | "Failed" | "Repairing";
  /** The provisioning fails for want of room, after the create was accepted. */
  readonly lacksRoom: boolean;
  /** From the create until somebody else deletes the group. */
  readonly deletedAfter: number | undefined;
  /** From the start until the platform begins the container anew. */
  readonly restartedAfter: number | undefined;
  readonly logsLateBy: number;
  readonly logEmptyFor: number;
}

/** What comes of what the containers are asked to do. */
export interface Tasks {
  /** Which of its lines is the one that is waited for. */
  readonly lineAt?: number | undefined;
  /** What the containers beside the one that decides do from its first start on. */
  readonly beside: { readonly runsFor: number; readonly exitCode: number };
  /** Its image is pulled from the create until it starts, in these parts of that time; what never starts may be pulled for ever. */
  readonly pulls: { readonly from: number; readonly until: number; readonly isStuck: boolean };
}

/** Draws what comes of the commands of a group. */
export function drawTasks(dice: Dice, commands: readonly (readonly string[])[], { runsFor, lines }: Program): Tasks {
  const isAsked = (task: string): boolean => commands.some((command) => command.includes(task));
  const hasEnd = (isAsked("end") || isAsked("decide")) && dice.chance(0.9);
  return {
    lineAt: isAsked("line") && dice.chance(0.7) && lines > 0 ? dice.between(0, lines - 1) : undefined,
    beside: { runsFor: hasEnd ? dice.spread(50, 2 * runsFor + 60_000) : Infinity, exitCode: dice.pick([0, 0, 9]) },
    pulls: { from: dice.fraction() / 2, until: 0.5 + dice.fraction() / 2, isStuck: dice.chance(0.5) },
  };
}

/** What runs in the next group. Half of what is drawn is nothing out of the ordinary. */
export function drawProgram(dice: Dice, faults: Faults, runTimeoutInMs: number, hasSidecar: boolean): Program {
  const neverStarts = faults.strike(["C12", "C15", "C16"]);
  const startsAfter = neverStarts === undefined ? dice.spread(500, 40_000) : undefined;
  const runsFor = faults.strikes("R9") ? runTimeoutInMs + dice.spread(1000, 3_600_000) : Math.min(runTimeoutInMs * 0.8, dice.spread(50, 1_200_000));
  const fails = faults.strikes("C13");
  const killed = faults.strikes("R7");
  const initFails = hasSidecar && faults.strikes("R8", 2);
  const isLong = faults.strikes("G5") || faults.strikes("G6");
  const provisioning = faults.strikes("C14") || (neverStarts === "C15" && dice.chance(0.5)) ? "Failed" : faults.strikes("R5") ? "Repairing" : "Succeeded";
  const isDeleted = faults.strike(["C17", "R3"]);
  return {
    startsAfter,
    pullFails: neverStarts === "C16",
    runsFor,
    exitCode: killed ? 137 : fails ? dice.between(1, 255) : dice.chance(0.8) ? 0 : 3,
    detail: killed ? "OOMKilled" : "Completed",
    tells: faults.strikes("R6") ? dice.pick(["noExitCode", "endBeforeStart"] as const) : "all",
    lines: isLong ? dice.between(900, 1500) : dice.pick([0, 1, 3, 20]),
    lineLength: isLong ? dice.pick([20, 90]) : 12,
    oddLines: faults.strikes("G7"),
    printsSecret: faults.strikes("G8"),
    initFails,
    hasSidecar,
    provisioning,
    lacksRoom: neverStarts === "C12",
    deletedAfter: isDeleted === undefined ? undefined : isDeleted === "C17" ? dice.between(100, startsAfter ?? 5000) : (startsAfter ?? 5000) + dice.spread(100, runsFor + 1000),
    restartedAfter: faults.strikes("R4") ? dice.spread(100, runsFor + 5000) : undefined,
    logsLateBy: faults.strikes("G2") ? dice.between(500, 20_000) : 0,
    logEmptyFor: faults.strikes("G3") ? dice.between(100, 4500) : 0,
  };
}
