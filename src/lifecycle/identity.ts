import { createHash } from "node:crypto";
import type { Snapshot } from "../container-group.js";

// The tags by which a group is known to be ours. ARM keeps their case but compares without it.
export const TAGS = {
  owner: "aci-lifecycle-owner",
  job: "aci-lifecycle-job",
  attempt: "aci-lifecycle-attempt",
  spec: "aci-lifecycle-spec",
  main: "aci-lifecycle-main",
  limits: "aci-lifecycle-limits",
  /** What ends the job, where that is not the end of the main container. */
  done: "aci-lifecycle-done",
  cancel: "aci-lifecycle-cancel",
  /** How long, in milliseconds, those may not look who wait for a job, where it is longer than usual. */
  pause: "aci-lifecycle-pause",
  /** When a sweep first met a group of which Azure does not tell when it was created. */
  seen: "aci-lifecycle-seen",
  /** Until when a server is wanted, as whoever keeps it renews it. */
  lease: "aci-lifecycle-lease",
  /** The pool that a server is of, and which of its servers it is. */
  pool: "aci-lifecycle-pool",
  server: "aci-lifecycle-server",
  /** The hash of the key of a server that stands by itself. */
  key: "aci-lifecycle-key",
} as const;

export interface Identity {
  readonly owner: string;
  /** 16 hex digits of the key's hash. */
  readonly job: string;
  /** Hash of the spec, secret values by name only; undefined when found by key alone. */
  readonly spec?: string | undefined;
}

// Whose group this is: the job's own, the same job's with another spec, or somebody else's.
export function whose(identity: Identity, snapshot: Pick<Snapshot, "tags">): "ours" | "otherSpec" | "foreign" {
  if (tagOf(snapshot, TAGS.owner) !== identity.owner || tagOf(snapshot, TAGS.job) !== identity.job) return "foreign";
  return identity.spec === undefined || tagOf(snapshot, TAGS.spec) === identity.spec ? "ours" : "otherSpec";
}

// 16 hex digits that stand for a key in names and tags.
export function jobHash(key: string): string {
  return shortHash(key);
}

// 16 hex digits that stand for a text.
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest().toString("hex", 0, 8);
}

// What the names of all groups of a job begin with; a hyphen and the number of the attempt follow.
export function nameBaseOf(job: string): string {
  return `aci-${job}`;
}

// The value of a tag, whatever case its name came back in.
export function tagOf(snapshot: Pick<Snapshot, "tags">, tag: string): string | undefined {
  return Object.entries(snapshot.tags).find(([name]) => name.toLowerCase() === tag)?.[1];
}

// One name for a location, which Azure writes as `West Europe` or `westeurope`.
export function locationName(location: string): string {
  return location.toLowerCase().replaceAll(" ", "");
}
