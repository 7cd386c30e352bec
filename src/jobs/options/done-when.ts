import { types } from "node:util";
import { expectKeys, expectText, fail } from "../../lifecycle/expect.js";
import type { DoneWhenPlan } from "../machine/plan.js";

/**
 * What the end of a job is.
 *
 * - `main`: its main container has ended.
 * - `all`: every container of the group has ended. The exit code is the main container's; the job has failed if any of them has.
 *   One that never ends keeps the job until `runTimeoutInMs` is over.
 * - `{ container }`: the container of that name has ended. It takes the main container's place in all: the exit code, the logs,
 *   the deadlines, and what the completion strategy puts into it are that container's.
 * - `{ logLine }`: a line of the main container's log, or of `container`, has this text in it or matches this regular expression.
 *   The job has succeeded then, without an exit code, and its group is deleted although the container still runs. If that ends
 *   before, whatever its exit code, its log is searched once more, and without the line the job has failed.
 *
 * @remarks
 * A line counts once it is whole: when the next one has begun, or the container has ended. The log is read at each look, whose
 * pace the completion strategy has. Azure keeps 4 MB of it while the container runs and may keep 16 KB after that, so that a line
 * with more than this behind it at the next look is never seen. A log line is kept in the handle and in a tag of the group: it
 * must be no secret, and 256 characters as JSON at the most.
 *
 * @public
 */
export type DoneWhen = "main" | "all" | { readonly container: string; readonly logLine?: undefined } | { readonly logLine: string | RegExp; readonly container?: string | undefined };

const RULE = '"main", "all", { container } or { logLine, container? }';
// What a tag of Azure's has room for.
const LONGEST_TAG = 256;

// Throws for what can be no end of a job.
export function checkDoneWhen(given: unknown): void {
  if (given === undefined || given === "main" || given === "all") return;
  if (typeof given !== "object") fail("doneWhen", RULE, given, typeof given === "string" ? "range" : "type");
  expectKeys("doneWhen", given, ["container", "logLine"]);
  const { container, logLine } = given as { readonly container?: unknown; readonly logLine?: unknown };
  if (container === undefined && logLine === undefined) fail("doneWhen", RULE, given, "type");
  if (container !== undefined) expectText("doneWhen.container", container);
  if (logLine !== undefined) checkLine(logLine);
}

function checkLine(logLine: unknown): void {
  const isPattern = types.isRegExp(logLine);
  if (!isPattern && (typeof logLine !== "string" || logLine === "")) fail("doneWhen.logLine", "a non-empty string or a regular expression", logLine, "type");
  const shown = isPattern ? String(logLine) : logLine;
  if (!isPattern && /[\r\n]/u.test(logLine)) fail("doneWhen.logLine", "a text without line breaks", shown);
  if (tagOfDone({ logLine: lineOf(logLine) }).length > LONGEST_TAG) fail("doneWhen.logLine", `short enough for a tag, ${LONGEST_TAG} characters as JSON`, shown);
}

// Throws for a container that is none of the job's.
export function checkDecider(given: DoneWhen | undefined, names: readonly string[]): void {
  const decider = deciderOf(given);
  if (decider !== undefined && !names.includes(decider)) fail("doneWhen.container", `one of the containers of the spec, ${names.join(", ")}`, decider);
}

// The container that is given the main one's place.
export function deciderOf(given: DoneWhen | undefined): string | undefined {
  return typeof given === "object" ? given.container : undefined;
}

// What of it is a limit of the job; undefined where the end of one container decides.
export function resolveDoneWhen(given: DoneWhen | undefined): DoneWhenPlan | undefined {
  if (given === "all") return given;
  return typeof given === "object" && given.logLine !== undefined ? { logLine: lineOf(given.logLine) } : undefined;
}

function lineOf(given: string | RegExp): Exclude<DoneWhenPlan, "all">["logLine"] {
  return typeof given === "string" ? given : { source: given.source, flags: given.flags };
}

// The same as the value of a tag.
export function tagOfDone(plan: DoneWhenPlan): string {
  return JSON.stringify(plan);
}

// What a tag says. One that says nothing that is known is as if it were not there.
export function doneOfTag(tag: string | undefined): DoneWhenPlan | undefined {
  try {
    const value = JSON.parse(tag ?? "null") as unknown;
    if (value === "all") return value;
    const { logLine } = value as Exclude<DoneWhenPlan, "all">;
    return { logLine: typeof logLine === "string" ? logLine : lineOf(new RegExp(logLine.source, logLine.flags)) };
  } catch {
    return undefined;
  }
}
