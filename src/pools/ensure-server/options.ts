import type { SecretSource } from "../../container-spec.js";
import { expectFunction, expectKeys, expectPositive, expectSignal, expectStore } from "../../lifecycle/expect.js";
import type { JobStore } from "../../store.js";
import { checkHealthCheck, type HealthCheck } from "../servers/health-check.js";

/** Options of {@link ensureServer}. @public */
export interface EnsureServerOptions {
  /** Asked until it says yes, and at every call. @defaultValue what Azure says of its containers is enough */
  readonly isHealthy?: HealthCheck | undefined;
  /** The longest time until the server answers. It is left as it is: the next call goes on waiting. @defaultValue `600_000` (10 minutes) */
  readonly startTimeoutInMs?: number | undefined;
  /** How long a server is kept that nobody asks for, if {@link sweep} comes by. @defaultValue `86_400_000` (24 hours) */
  readonly idleTimeoutInMs?: number | undefined;
  /** Lets one process at a time replace a server that has died. Without one, two that do so at once may cost each other a start. */
  readonly store?: JobStore | undefined;
  /** Resolves the `{ secret: "name" }` values of the spec: to start the server, and to take them out of what Azure says of it. */
  readonly secrets?: SecretSource | undefined;
  /** Stops the waiting. A server that was started goes on. */
  readonly abortSignal?: AbortSignal | undefined;
}

export interface ResolvedEnsureServerOptions {
  readonly isHealthy: HealthCheck | undefined;
  readonly startTimeoutInMs: number;
  readonly idleTimeoutInMs: number;
  readonly store: JobStore | undefined;
  readonly secrets: SecretSource | undefined;
  readonly abortSignal: AbortSignal | undefined;
}

export function resolveEnsureServerOptions(options: EnsureServerOptions): ResolvedEnsureServerOptions {
  expectKeys("options", options, ["isHealthy", "startTimeoutInMs", "idleTimeoutInMs", "store", "secrets", "abortSignal"]);
  expectPositive("startTimeoutInMs", options.startTimeoutInMs);
  expectPositive("idleTimeoutInMs", options.idleTimeoutInMs);
  checkHealthCheck(options.isHealthy);
  expectStore("store", options.store);
  expectFunction("secrets", options.secrets);
  expectSignal("abortSignal", options.abortSignal);
  const { isHealthy, store, secrets, abortSignal, startTimeoutInMs = 600_000, idleTimeoutInMs = 86_400_000 } = options;
  return { isHealthy, store, secrets, abortSignal, startTimeoutInMs, idleTimeoutInMs };
}
