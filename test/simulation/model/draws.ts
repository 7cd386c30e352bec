import fc from "fast-check";
import { POSSIBLE } from "../azure/network.js";
import type { Call } from "../azure/azure.js";
import type { JobPlan } from "../jobs/job-plan.js";
import type { FaultId } from "../world/faults.js";
import type { Work } from "./model.js";

/** What is drawn of a job before it is known which of the world's it is. */
export interface JobDraw {
  readonly hasKey: boolean;
  readonly hasStore: boolean;
  readonly hasSink: boolean;
  readonly mode: JobPlan["mode"];
  readonly heir: JobPlan["heir"];
  readonly isSecretGiven: boolean;
  readonly limits: JobPlan["limits"];
  readonly work: Work;
}

const mostly = (chance: number): fc.Arbitrary<boolean> => fc.nat(99).map((draw) => draw < chance);

const limits: fc.Arbitrary<JobPlan["limits"]> = fc.record(
  {
    startTimeoutInMs: fc.constantFrom(60_000, 300_000),
    runTimeoutInMs: fc.constantFrom(60_000, 600_000, 1_800_000),
    cleanupTimeoutInMs: fc.constantFrom(60_000, 120_000),
    keep: fc.constantFrom("never", "never", "never", "never", "onFailure", "always"),
    retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 3 }), exitCodes: fc.constantFrom([], "nonZero" as const), firstDelayInMs: fc.constantFrom(500, 20_000) }),
    locations: fc.constant(["westeurope", "northeurope"]),
    retryOnLost: fc.constant(false),
    onRestart: fc.constant("continue"),
  },
  { requiredKeys: ["startTimeoutInMs", "runTimeoutInMs", "cleanupTimeoutInMs", "keep"] },
);

const work: fc.Arbitrary<Work> = fc.record({
  startsAfter: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 500, max: 40_000 }) }, { weight: 1, arbitrary: fc.constant(undefined) }),
  // Some run over their time, which is known only with the limits.
  runsFor: fc.oneof(fc.integer({ min: 50, max: 5000 }), fc.integer({ min: 50, max: 50_000 }), fc.integer({ min: 50, max: 900_000 })),
  exitCodes: fc.array(fc.constantFrom(0, 0, 3, 137), { minLength: 1, maxLength: 3 }),
  lines: fc.constantFrom(0, 1, 3, 20),
});

// Of a container that ends just when its time is over, two callers may say two things that are both true.
function awayFromTheLimit(drawn: Work, { runTimeoutInMs = 0 }: JobPlan["limits"]): Work {
  return Math.abs(drawn.runsFor - runTimeoutInMs) < 5000 ? { ...drawn, runsFor: runTimeoutInMs + 10_000 } : drawn;
}

export const jobDraw: fc.Arbitrary<JobDraw> = fc
  .record({
    hasKey: mostly(85),
    hasStore: mostly(60),
    hasSink: mostly(25),
    mode: fc.constantFrom<JobPlan["mode"]>("run", "run", "poller", "start", "step"),
    heir: fc.constantFrom<JobPlan["heir"]>("sameCall", "sameCall", "key", "handle", "nobody"),
    isSecretGiven: mostly(30),
    limits,
    work,
  })
  .map((draw) => ({ ...draw, work: awayFromTheLimit(draw.work, draw.limits), hasStore: draw.hasKey && draw.hasStore, heir: draw.hasKey || draw.heir === "handle" ? draw.heir : "nobody" }));

/** A fault, and how many of the next requests of a kind it meets. */
export interface FaultDraw {
  readonly verb: Call["verb"];
  readonly fault: FaultId;
  readonly count: number;
}

const VERBS: readonly Call["verb"][] = ["put", "get", "list", "logs", "delete", "patch"];

export const faultDraw: fc.Arbitrary<FaultDraw> = fc.constantFrom(...VERBS.flatMap((verb) => POSSIBLE[verb].map((fault) => ({ verb, fault })))).chain((one) => fc.integer({ min: 1, max: 4 }).map((count) => ({ ...one, count })));

/** How much time passes: short times are as likely as long ones. */
export const tickDraw: fc.Arbitrary<number> = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1000, max: 20_000 }), fc.integer({ min: 20_000, max: 120_000 }), fc.integer({ min: 120_000, max: 1_200_000 }));
