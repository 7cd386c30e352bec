import { partsOf, setParts } from "../../src/client/parts.js";
import { AciClient, poll, runContainerJob, RunHistory, type CompletionStrategy, type PollOptions } from "../../src/index.js";
import { readAnswer, type ArmSender } from "../../src/azure/arm-client.js";
import { createGateway } from "../../src/azure/create-gateway.js";
import { isTerminated, type FakeArm } from "./fake-arm.js";
import type { PlannedJob } from "./jobs.js";
import type { Loop, Seen } from "./peers.js";

// Our own loop, `runContainerJob` itself. Each job has a client of its own, which knows of no other run. Where there are
// histories, each job has a copy of one of them, so that all know of equally many runs.
export function ours(options: PollOptions = {}, ...histories: readonly RunHistory[]): Loop {
  return (arm, jobs) =>
    Promise.all(
      jobs.map((job, index) => {
        const history = histories[index % histories.length];
        return runJob(arm, job, poll(history === undefined ? options : { ...options, history: RunHistory.from(history.toJSON()) }));
      }),
    );
}

// A history of these jobs, one after the other.
export async function learn(arm: FakeArm, jobs: readonly PlannedJob[]): Promise<RunHistory> {
  const history = new RunHistory();
  for (const job of jobs) await runJob(arm, job, poll({ history }));
  return history;
}

/** One job by a strategy. */
export async function runJob(arm: FakeArm, job: PlannedJob, completion: CompletionStrategy): Promise<Seen> {
  const seen = { at: NaN };
  const client = clientOf(arm, (at) => (seen.at = at));
  const { exitCode } = await runContainerJob(client, { image: "work:1", command: ["work"], environment: { JOB: String(job.index) } }, { completion, reject: false });
  if (exitCode !== job.exitCode) throw new Error(`Job ${job.index} ended with ${exitCode}, and not with ${job.exitCode}`);
  return seen;
}

// A client whose requests go to the fake ARM. `onEnd` is told when an answer first shows that the container has ended.
function clientOf(arm: FakeArm, onEnd: (at: number) => void): AciClient {
  const options = { subscriptionId: "s", resourceGroup: "r", credential: { getToken: () => Promise.reject(new Error("not used")) } };
  let hasEnded = false;
  const sender: ArmSender = {
    async send(request) {
      const answer = await arm.send(request.method, request.url, request.body);
      if (!hasEnded && "properties" in answer.body && isTerminated(answer)) {
        hasEnded = true;
        onEnd(arm.clock.now());
      }
      const headers = { get: (name: string) => answer.headers[name] };
      return readAnswer(request, { status: answer.status, headers, bodyAsText: JSON.stringify(answer.body) });
    },
  };
  const client = new AciClient({ ...options, location: "westeurope", clock: arm.clock });
  setParts(client, { ...partsOf(client), gateway: createGateway(options, sender) });
  return client;
}
