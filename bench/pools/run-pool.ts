import { readAnswer, type ArmSender } from "../../src/azure/arm-client.js";
import { createGateway } from "../../src/azure/create-gateway.js";
import { headroomIn } from "../../src/azure/headroom.js";
import type { Lane } from "../../src/budget/ledger.js";
import { ledgerOf } from "../../src/budget/request-budget.js";
import { withBudget } from "../../src/budget/with-budget.js";
import { partsOf, setParts } from "../../src/client/parts.js";
import { AciClient, JobPool, poll, RequestBudget, type CompletionStrategy, type JobPoolOptions, type RequestBudgetOptions } from "../../src/index.js";
import { inVirtualTime } from "../polling/measure.js";
import type { PlannedJob } from "../polling/jobs.js";
import type { LimitedArm } from "./limited-arm.js";

/** A job of a bench, and the image by which its kind is known. */
export interface PoolJob extends PlannedJob {
  readonly image: string;
}

/** What came of a job. */
export interface Told {
  readonly job: PoolJob;
  readonly isDone: boolean;
  readonly endedAt: number;
  /** From the end of its container to the answer that showed it. */
  readonly lagInMs: number;
}

/** What a pool did with its jobs. */
export interface PoolRun {
  readonly told: readonly Told[];
  readonly startedAt: number;
  readonly endedAt: number;
}

/** When jobs are given to a pool, and when it is left. */
export interface Course {
  /** One after the other. @defaultValue all at once */
  readonly everyInMs?: number | undefined;
  /** After so long since the last create, whatever runs then. @defaultValue never */
  readonly leftAfterInMs?: number | undefined;
}

/** Round robin: as often as one can, and in turn. */
export const inTurn: CompletionStrategy = { ...poll(), name: "inTurn", nextCheck: () => ({ earliestInMs: 0 }) };

// Numbers the jobs of several lists, so that one server knows them all.
export function numbered(...lists: readonly (readonly PoolJob[])[]): PoolJob[][] {
  let index = 0;
  return lists.map((list) => list.map((job) => ({ ...job, index: index++ })));
}

/** Runs jobs in a pool of this client, in virtual time. */
export async function runPool(client: AciClient, arm: LimitedArm, jobs: readonly PoolJob[], options: JobPoolOptions, { everyInMs = 0, leftAfterInMs }: Course = {}): Promise<PoolRun> {
  const { clock } = arm;
  const startedAt = clock.now();
  const pool = new JobPool(client, options);
  let uncreated = jobs.length;
  arm.onDeployed = () => {
    if (--uncreated === 0 && leftAfterInMs !== undefined) void clock.sleep(leftAfterInMs).then(() => pool.detach());
  };
  const run = async (job: PoolJob, place: number): Promise<Told> => {
    if (everyInMs > 0) await clock.sleep(place * everyInMs);
    const exitCode = await pool.run({ image: job.image, command: ["work"], environment: { JOB: String(job.index) } }).then(
      (result) => result.exitCode,
      (error: unknown) => (error as { readonly exitCode?: number }).exitCode,
    );
    const { finishedAt, seenAt } = arm.counts.get(job) ?? { finishedAt: NaN, seenAt: NaN };
    return { job, isDone: exitCode === job.exitCode, endedAt: finishedAt, lagInMs: seenAt - finishedAt };
  };
  const all = async (): Promise<PoolRun> => {
    const told = await Promise.all(jobs.map(run));
    await pool.close();
    return { told, startedAt, endedAt: clock.now() };
  };
  return inVirtualTime(clock, all());
}

/** A client whose requests go to the fake ARM. */
export function clientOf(arm: LimitedArm, budget: RequestBudgetOptions): AciClient {
  const { clock } = arm;
  const options = { subscriptionId: "s", resourceGroup: "r", credential: { getToken: () => Promise.reject(new Error("not used")) } };
  const requestBudget = new RequestBudget(budget);
  const ledger = ledgerOf(requestBudget);
  if (ledger === undefined) throw new Error("A budget has a ledger");
  const client = new AciClient({ ...options, location: "westeurope", clock, requestBudget });
  const sender: ArmSender = {
    async send(request) {
      const answer = await arm.send(request.method, request.url, request.body);
      const headers = { get: (name: string) => answer.headers[name] };
      ledger.learn(laneOf(request.method), clock.now(), headroomIn(headers));
      return readAnswer(request, { status: answer.status, headers, bodyAsText: JSON.stringify(answer.body) });
    },
  };
  setParts(client, { ...partsOf(client), gateway: withBudget(createGateway(options, sender), ledger, clock) });
  return client;
}

function laneOf(method: string): Lane {
  return method === "GET" ? "reads" : method === "DELETE" ? "deletes" : "writes";
}
