import { jobHash, nameBaseOf, shortHash } from "../../lifecycle/identity.js";
import type { Signal } from "../../signal.js";

const KINDS: ReadonlyMap<unknown, Signal["kind"]> = new Map([["job.started", "started"], ["job.alive", "alive"], ["job.ended", "ended"]]);
const MOST_ATTEMPTS = 999_999;
/** Of a job that can be told of. */
export const LONGEST_KEY = 1024;
// A handle keeps the ids of what it has taken, and has to stay small.
const LONGEST_ID = 64;

/** What a container says of its job, as JSON. @beta */
export interface Report {
  readonly job?: unknown;
  readonly attempt?: unknown;
  readonly type?: unknown;
  readonly exitCode?: unknown;
}

/**
 * The signal that a container's report is: `{"job": "<key>", "attempt": 1, "type": "job.ended", "exitCode": 0}`, or with the
 * type `job.started` or `job.alive`. One that is sent again is the same signal; a heartbeat is another one every second.
 *
 * @param from - How it came, when, in milliseconds since 1970, and under which id, if it has one of its own.
 * @returns `undefined` if it is no report.
 * @beta
 */
export function readReport(report: unknown, from: { readonly source: string; readonly at: number; readonly id?: string | undefined }): Signal | undefined {
  const { job, attempt, type, exitCode: code } = (report ?? {}) as Report;
  const kind = KINDS.get(type);
  const groupName = reportedGroup(job, attempt);
  if (kind === undefined || groupName === undefined) return undefined;
  const id = shortened(from.id) ?? `${groupName}/${kind}${kind === "alive" ? `/${Math.floor(from.at / 1000)}` : ""}`;
  const exitCode = kind === "ended" && Number.isSafeInteger(code) ? { exitCode: code as number } : {};
  return { id, groupName, key: job as string, kind, ...exitCode, source: from.source, at: new Date(from.at).toISOString() };
}

function shortened(id: string | undefined): string | undefined {
  return id === undefined || id.length <= LONGEST_ID ? id : shortHash(id);
}

// The name of the group that an attempt at a job has, if there can be such a one.
export function reportedGroup(key: unknown, attempt: unknown): string | undefined {
  const isNamed = typeof key === "string" && key !== "" && key.length <= LONGEST_KEY;
  const isCounted = Number.isInteger(attempt) && (attempt as number) >= 1 && (attempt as number) <= MOST_ATTEMPTS;
  return isNamed && isCounted ? `${nameBaseOf(jobHash(key))}-${attempt as number}` : undefined;
}
