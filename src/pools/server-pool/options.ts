import type { SecretSource } from "../../container-spec.js";
import { expectFields, expectFunction, expectName, expectPositive, fail } from "../../lifecycle/expect.js";
import type { JobStore } from "../../store.js";
import type { ScalingRule } from "../scaling/scaling-rule.js";
import type { ServerSpec } from "../server-spec.js";
import { checkHealthCheck, checkReach, type HealthCheck } from "../servers/health-check.js";
import { checkServer, isReachable } from "../servers/server-group.js";
import type { PoolRules } from "./plan/rules.js";

/** Options of {@link ServerPool}. @public */
export interface ServerPoolOptions {
  /** The pool's name: pools of one name, owner and store are the same pool. Lower-case letters, digits and single hyphens. */
  readonly name: string;
  /** What its servers are. The main container finds its server's id in the variable `ACI_SERVER_ID`. */
  readonly server: ServerSpec;
  /** How many there should be: {@link bySessions}, {@link byBacklog} or a rule of your own. */
  readonly scaling: ScalingRule;
  /** Where servers and sessions are kept. One that has {@link JobStore.list}, and that all processes of the pool share. */
  readonly store: JobStore;
  /** The fewest servers. @defaultValue `0` */
  readonly min?: number | undefined;
  /** The most servers, those that are drained included, and those that are there still after a delete. What replaces a lost one at once comes beside it. @defaultValue `10` */
  readonly max?: number | undefined;
  /** The shortest time between two moves to more servers. A lost server is replaced at once, unless it was younger than `startTimeoutInMs`. @defaultValue `60_000` (1 minute) */
  readonly scaleOutCooldownInMs?: number | undefined;
  /** The shortest time from any move to one to fewer servers. @defaultValue `300_000` (5 minutes) */
  readonly scaleInCooldownInMs?: number | undefined;
  /** How long a server may take from its create until it answers. It is replaced then. @defaultValue `600_000` (10 minutes) */
  readonly startTimeoutInMs?: number | undefined;
  /** How long a session is good for without {@link ServerPool.renew}. It is reclaimed after twice that. @defaultValue `60_000` (1 minute) */
  readonly sessionLeaseInMs?: number | undefined;
  /** How long a server of which something was reported may be silent before it is suspected. @defaultValue `120_000` (2 minutes) */
  readonly reportsWithinInMs?: number | undefined;
  /** How long a suspected server, one that is silent, not there or does not answer, has to come back before it is lost; ten times that where it may be the observer that is unwell, because most servers are suspected at once. @defaultValue `60_000` (1 minute) */
  readonly lostAfterInMs?: number | undefined;
  /** How long a group outlives the last reconcile, if {@link sweep} comes by. @defaultValue `3_600_000` (1 hour) */
  readonly groupLeaseInMs?: number | undefined;
  /** Asked before a server takes its first session, at each reconcile, and before each session. @defaultValue what Azure says of its containers is enough */
  readonly isHealthy?: HealthCheck | undefined;
  /** Resolves the `{ secret: "name" }` values of `server`: to create one, and to take them out of what Azure says of one. */
  readonly secrets?: SecretSource | undefined;
}

export interface ResolvedServerPoolOptions {
  readonly name: string;
  readonly server: ServerSpec;
  readonly store: JobStore;
  readonly sessionLeaseInMs: number;
  /** How long an adopted server is held for those whose sessions on it are not known of. */
  readonly heldInMs: number;
  readonly isHealthy: HealthCheck | undefined;
  readonly secrets: SecretSource | undefined;
  readonly rules: PoolRules;
}

const TIMES = ["scaleOutCooldownInMs", "scaleInCooldownInMs", "startTimeoutInMs", "sessionLeaseInMs", "reportsWithinInMs", "lostAfterInMs", "groupLeaseInMs"] as const;
const FIELDS = ["name", "server", "scaling", "store", "min", "max", ...TIMES, "isHealthy", "secrets"] as const;
// All but these are more than 0. A group's lease is renewed when half of it is left, and reconciles may be minutes apart.
const LEAST: Partial<Record<(typeof TIMES)[number], number>> = { scaleOutCooldownInMs: 0, scaleInCooldownInMs: 0, lostAfterInMs: 0, groupLeaseInMs: 600_000 };

export function resolveServerPoolOptions(options: ServerPoolOptions): ResolvedServerPoolOptions {
  check(options);
  const { name, server, scaling, store, isHealthy, secrets, sessionLeaseInMs = 60_000, min = 0, max = 10 } = options;
  const rules = { ...timesOf(options), scaling, min, max, isReachable: isReachable(server), hasHealthCheck: isHealthy !== undefined };
  // A session is kept for twice its lease, and was to be kept for as long before the row was lost.
  const heldInMs = Math.max(rules.reportsWithinInMs, 2 * sessionLeaseInMs);
  return { name, server, store, isHealthy, secrets, sessionLeaseInMs, heldInMs, rules };
}

function timesOf(options: ServerPoolOptions): Omit<PoolRules, "scaling" | "min" | "max" | "isReachable" | "hasHealthCheck"> {
  return {
    scaleOutCooldownInMs: options.scaleOutCooldownInMs ?? 60_000,
    scaleInCooldownInMs: options.scaleInCooldownInMs ?? 300_000,
    startTimeoutInMs: options.startTimeoutInMs ?? 600_000,
    reportsWithinInMs: options.reportsWithinInMs ?? 120_000,
    lostAfterInMs: options.lostAfterInMs ?? 60_000,
    groupLeaseInMs: options.groupLeaseInMs ?? 3_600_000,
  };
}

function check(options: ServerPoolOptions): void {
  expectFields("options", options, FIELDS);
  expectName("name", options.name);
  checkServer(options.server);
  checkRule(options.scaling);
  checkStore(options.store);
  for (const field of TIMES) expectPositive(field, options[field], LEAST[field]);
  checkBounds(options);
  checkHealthCheck(options.isHealthy);
  checkReach(options.isHealthy, options.server);
  expectFunction("secrets", options.secrets);
}

function checkBounds({ min = 0, max = 10 }: ServerPoolOptions): void {
  for (const [field, count] of Object.entries({ min, max })) if (!Number.isInteger(count) || count < 0) fail(field, "a whole number of at least 0", count);
  if (min > max) fail("min", "at most `max`", min);
}

function checkRule(scaling: unknown): void {
  const { desired, measure, capacityPerServer } = (scaling ?? {}) as Partial<ScalingRule>;
  if (typeof desired !== "function") throw new TypeError("Expected `scaling` to be a scaling rule, bySessions({ … }) for instance.");
  expectFunction("scaling.measure", measure);
  if (capacityPerServer !== Infinity) expectPositive("scaling.capacityPerServer", capacityPerServer);
}

function checkStore(store: unknown): void {
  const { read, write, list } = (store ?? {}) as Partial<JobStore>;
  if (typeof read !== "function" || typeof write !== "function") throw new TypeError("Expected `store` to be a store, tableStore({ … }) for instance.");
  if (typeof list !== "function") throw new TypeError("Expected `store` to have `list`, which pools need.");
}
