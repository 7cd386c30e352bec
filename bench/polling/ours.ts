import type { CompletionStrategy, EarlierRun, JobView, LookView } from "../../src/completion-strategy.js";
import { poll, type PollOptions } from "../../src/completion/poll.js";
import { RunHistory } from "../../src/completion/run-history.js";
import type { FakeArm, Group } from "./fake-arm.js";
import { isTerminated } from "./fake-arm.js";
import type { PlannedJob } from "./jobs.js";
import type { Loop, Seen } from "./peers.js";

// Our own loop. Where there are histories, each job has a copy of one of them, so that all know of equally many runs.
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

const GROUPS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups";
async function runJob(arm: FakeArm, planned: PlannedJob, strategy: CompletionStrategy): Promise<Seen> {
  const { clock } = arm;
  const path = `${GROUPS}/job-${planned.index}`;
  const send = (m: string, u: string, b?: unknown) => arm.send(m, u, b, planned);
  await send("PUT", path, { properties: { containers: [{ name: "main", properties: { image: "work:1", environmentVariables: [{ name: "JOB", value: String(planned.index) }] } }] } });
  const acceptedAt = clock.now();
  const job: JobView = { key: "k", attempt: 1, groupName: "g", kind: "k", osType: "Linux" };
  let startedAt: number | undefined;
  let logDue = 60_000;
  for (let looks = 0; ; looks++) {
    const view: LookView = { job, phase: startedAt === undefined ? "starting" : "running", acceptedForInMs: clock.now() - acceptedAt, runningForInMs: startedAt === undefined ? undefined : clock.now() - startedAt, unseenForInMs: 0, looks, signals: {}, earlierRuns: [] };
    await clock.sleep(strategy.nextCheck?.(view).earliestInMs ?? 1000);
    const answer = await send("GET", path);
    const state = (answer.body as Group).properties.containers[0].properties.instanceView?.currentState as { startTime?: string; finishTime?: string };
    if (state.startTime !== undefined) startedAt = Date.parse(state.startTime);
    if (isTerminated(answer)) {
      const at = clock.now();
      const run: EarlierRun = { startedAfterInMs: (startedAt as number) - acceptedAt, ranForInMs: Date.parse(state.finishTime as string) - (startedAt as number), hasSucceeded: planned.exitCode === 0 };
      await send("GET", `${path}/containers/main/logs`);
      await send("DELETE", path);
      await send("GET", path);
      await strategy.learn?.(job, run);
      return { at };
    }
    if (startedAt !== undefined && clock.now() - startedAt >= logDue) {
      logDue = 2 * (clock.now() - startedAt);
      await send("GET", `${path}/containers/main/logs`);
    }
  }
}
