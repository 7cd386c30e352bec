import type { RestartPolicy } from "../../body/group-body.js";

/** How long a restart waits: the first wait, doubled by each further failure up to the longest. */
export interface BackOff {
  readonly firstInMs: number;
  readonly longestInMs: number;
}

/** Kubernetes' own figures. */
export const kubernetesBackOff: BackOff = { firstInMs: 10_000, longestInMs: 300_000 };

// A run this long is taken as a recovery, and the next back-off begins anew.
const RECOVERED_AFTER_IN_MS = 600_000;

/** Whether a container that ended with `exitCode` is started again. */
export function shouldRestart(policy: RestartPolicy, exitCode: number): boolean {
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

/** What policy holds for init containers: they end, so Always means OnFailure. */
export function initPolicy(policy: RestartPolicy): RestartPolicy {
  return policy === "Always" ? "OnFailure" : policy;
}

/** How many ends in a row now count for the back-off. */
export function nextStreak(streak: number, ranInMs: number): number {
  return ranInMs >= RECOVERED_AFTER_IN_MS ? 1 : streak + 1;
}

/** The wait before the restart after the `streak`-th end in a row. */
export function backOffInMs(backOff: BackOff, streak: number): number {
  return Math.min(backOff.firstInMs * 2 ** (streak - 1), backOff.longestInMs);
}

/** A wait in the words of a state's detail, as in `Back-off 1m20s restarting failed`. */
export function describeWait(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
