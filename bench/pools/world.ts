import { createGateway } from "../../src/azure/create-gateway.js";
import { readAnswer, type ArmSender } from "../../src/azure/arm-client.js";
import { ledgerOf } from "../../src/budget/request-budget.js";
import { withBudget } from "../../src/budget/with-budget.js";
import { partsOf, setParts } from "../../src/client/parts.js";
import { AciClient, JobPool, RequestBudget, type JobPoolOptions, type RequestBudgetOptions } from "../../src/index.js";
import { VirtualClock } from "../../src/internal/clock.js";
import { FakeArm, isTerminated, type ArmAnswer } from "../polling/fake-arm.js";
import type { PlannedJob } from "../polling/jobs.js";
import { inVirtualTime } from "../polling/measure.js";

/** A job of a bench, and the image by which its kind is known. */
export interface PoolJob extends PlannedJob {
  readonly image: string;
}

/** What came of a job. */
export interface Told {
  readonly job: PoolJob;
  /** From the end of its container to the answer that showed it. */
  readonly lagInMs: number;
  readonly endedAt: number;
  readonly requests: number;
}

/** What a pool did with a list of jobs. */
export interface PoolRun {
  readonly told: readonly Told[];
  readonly reads: readonly number[];
  readonly creates: readonly number[];
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Runs lists of jobs one after the other through pools of one client, so that what the first shows is known to the next. */
export async function runPools(lists: readonly (readonly PoolJob[])[], budget: RequestBudgetOptions, options: JobPoolOptions): Promise<PoolRun> {
  const clock = new VirtualClock();
  const all = lists.flat().map((job, index) => ({ ...job, index }));
  const arm = new FakeArm(clock, all);
  const seenAt = new Map<string, number>();
  const reads: number[] = [];
  const creates: number[] = [];
  const sender: ArmSender = {
    async send(request) {
      if (request.method === "GET") reads.push(clock.now());
      if (request.method === "PUT") creates.push(clock.now());
      const answer = await arm.send(request.method, request.url, request.body);
      note(answer, clock.now(), seenAt);
      return readAnswer(request, { status: answer.status, headers: { get: (name: string) => answer.headers[name] }, bodyAsText: JSON.stringify(answer.body) });
    },
  };
  const client = clientOver(clock, sender, new RequestBudget(budget));
  let [first, from] = [0, 0];
  let run: PoolRun | undefined;
  for (const { length } of lists) {
    const jobs = all.slice(first, first + length);
    first += length;
    from = clock.now();
    const told = await inVirtualTime(clock, runOne(client, jobs, options, arm, seenAt));
    run = { told, reads: reads.filter((at) => at >= from), creates: creates.filter((at) => at >= from), startedAt: from, endedAt: clock.now() };
  }
  return run as PoolRun;
}

async function runOne(client: AciClient, jobs: readonly PoolJob[], options: JobPoolOptions, arm: FakeArm, seenAt: ReadonlyMap<string, number>): Promise<Told[]> {
  const pool = new JobPool(client, options);
  const told: Told[] = [];
  const run = async (job: PoolJob): Promise<void> => {
    const { requests } = await pool.run({ image: job.image, command: ["work"], environment: { JOB: String(job.index) } }).catch((error: unknown) => ({ requests: (error as { readonly requests?: number }).requests ?? NaN }));
    const endedAt = arm.counts.get(job)?.finishedAt ?? NaN;
    told.push({ job, endedAt, lagInMs: (seenAt.get(`${endedAt}${job.index}`) ?? NaN) - endedAt, requests });
  };
  await Promise.all(jobs.map(run));
  await pool.close();
  return told;
}

// When an answer first shows that a container has ended. It is known by its job, which is in its environment.
function note({ body }: ArmAnswer, now: number, seenAt: Map<string, number>): void {
  if (!("properties" in body) || !isTerminated({ body } as ArmAnswer)) return;
  const [container] = (body as { readonly properties: { readonly containers: readonly { readonly properties: { readonly environmentVariables?: readonly { readonly name: string; readonly value?: string }[]; readonly instanceView?: { readonly currentState: { readonly finishTime?: string } } } }[] } }).properties.containers;
  const job = container?.properties.environmentVariables?.find(({ name }) => name === "JOB")?.value ?? "";
  const endedAt = Date.parse(container?.properties.instanceView?.currentState.finishTime ?? "");
  const key = `${endedAt}${job}`;
  if (!seenAt.has(key)) seenAt.set(key, now);
}

function clientOver(clock: VirtualClock, sender: ArmSender, requestBudget: RequestBudget): AciClient {
  const options = { subscriptionId: "s", resourceGroup: "r", credential: { getToken: () => Promise.reject(new Error("not used")) } };
  const client = new AciClient({ ...options, location: "westeurope", clock, requestBudget });
  const gateway = createGateway(options, sender);
  const ledger = ledgerOf(requestBudget);
  setParts(client, { ...partsOf(client), gateway: ledger === undefined ? gateway : withBudget(gateway, ledger, clock) });
  return client;
}
