import type { Snapshot } from "../../container-group.js";
import type { ClientParts } from "../../client/parts.js";
import { jobHash, nameBaseOf, TAGS, tagOf } from "../../lifecycle/identity.js";
import { begin } from "../machine/begin.js";
import type { JobLimits, Plan } from "../machine/plan.js";
import type { MachineState } from "../machine/state.js";
import { doneOfTag } from "../options/done-when.js";
import { specHash } from "../spec/job-identity.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";
import type { KnownStrategy } from "../watch/strategy-of.js";

const VERSION = 1;

/**
 * All that is needed to carry a job on, in any process. Plain JSON without secrets, a few kilobytes. Keep it as it is: it
 * has more fields than these, which are this library's own, and goes on working in later versions.
 *
 * @public
 */
export interface JobHandle {
  readonly kind: "aci-lifecycle/job";
  readonly version: number;
  readonly key: string;
}

// A handle with all that is in it.
export interface WholeHandle extends JobHandle {
  readonly state: MachineState;
  readonly limits: JobLimits;
  /** The container that decides. */
  readonly main: string;
  /** Undefined if the job was found by its key: it can be carried on, but not started again. */
  readonly spec?: ContainerJobSpec<string> | undefined;
  readonly specHash?: string | undefined;
  /** The strategy that it was begun with, as far as that is data. */
  readonly completion?: KnownStrategy | undefined;
  /** Signals that the last step has taken. They are acknowledged when the handle has come back, and so was kept. */
  readonly taken?: readonly string[] | undefined;
}

/** A job by its handle, or by its key while its group exists or a store knows it. @public */
export type JobRef = JobHandle | { readonly key: string };

// The handle of a job of which nothing has been done yet. The spec must hold no secret values. Where it is begun anew that was
// `notRun`, it takes no name that was used before, and its intent is not mistaken for that one.
export function newHandle(spec: ContainerJobSpec<string>, key: string, { limits, main, completion }: Pick<WholeHandle, "limits" | "main" | "completion">, parts: ClientParts, notRun?: MachineState): WholeHandle {
  const handle = { kind: "aci-lifecycle/job", version: VERSION, key, limits, main, spec, specHash: specHash(spec), ...(completion && { completion }) } as const;
  const attempt = Math.max(notRun?.attempt ?? 1, (parts.usedAttempts.get(jobHash(key)) ?? 0) + 1);
  const now = parts.clock.now();
  const intendedAt = now === notRun?.marks.intendedAt ? now + 1 : now;
  const state = begin({ nameBase: nameBaseOf(jobHash(key)) }, limits.retry?.locations[0] ?? spec.location ?? parts.location, attempt, intendedAt);
  return { ...handle, state };
}

// The handle of a job of which only its group is known.
export function handleFrom(snapshot: Snapshot, key: string, parts: ClientParts): WholeHandle {
  const main = tagOf(snapshot, TAGS.main) ?? "main";
  const handle = { kind: "aci-lifecycle/job", version: VERSION, key, main, limits: limitsOf(snapshot) } as const;
  const attempt = Number(tagOf(snapshot, TAGS.attempt) ?? 1);
  const now = parts.clock.now();
  const state = begin({ nameBase: nameBaseOf(jobHash(key)) }, snapshot.location, attempt, now);
  const marks = { intendedAt: now, createAt: now };
  return { ...handle, state: { ...state, groupName: snapshot.groupName, phase: "provisioning", marks, snapshot, pending: { kind: "look" } } };
}

// What the decisions about a job rest on.
export function planOf(handle: WholeHandle, owner: string, given: Pick<Plan, "isKeyNew" | "isTakenUp" | "isStreaming" | "isHearing" | "nextCheck">): Plan {
  const job = jobHash(handle.key);
  const identity = { owner, job, ...(handle.specHash === undefined ? {} : { spec: handle.specHash }) };
  const outputs = handle.spec?.files && (handle.spec.files.outputs ?? {});
  return { key: handle.key, identity, limits: handle.limits, main: handle.main, nameBase: nameBaseOf(job), ...given, ...(outputs && { outputs }) };
}

// A handle as it came back from wherever it was kept, or a TypeError.
export function checkHandle(value: unknown): WholeHandle {
  const handle = (typeof value === "string" ? JSON.parse(value) : value) as Partial<WholeHandle> | null;
  if (handle?.kind !== "aci-lifecycle/job") throw new TypeError("Expected `job` to be a handle of this library or { key }.");
  if (handle.version !== VERSION) throw new TypeError(`Expected \`job.version\` to be ${VERSION}, got \`${String(handle.version)}\`.`);
  return handle as WholeHandle;
}

const DAY_IN_MS = 86_400_000;

function limitsOf(snapshot: Snapshot): JobLimits {
  const [start, run, cleanup, keep] = (tagOf(snapshot, TAGS.limits) ?? "").split(" ");
  const doneWhen = doneOfTag(tagOf(snapshot, TAGS.done));
  return {
    startTimeoutInMs: Number(start) || 600_000,
    runTimeoutInMs: Number(run) || DAY_IN_MS,
    cleanupTimeoutInMs: Number(cleanup) || 60_000,
    ...(doneWhen && { doneWhen }),
    keep: keep === "always" || keep === "onFailure" ? keep : "never",
  };
}
