import { webhook, type WebhookStrategy } from "../../src/index.js";
import type { Deployment, FakeArm } from "./fake-arm.js";
import { runJob } from "./ours.js";
import type { Loop } from "./peers.js";

/** From the container to the receiver, and as long back. */
export const DELIVERY_IN_MS = 150;
export const SAFETY_IN_MS = 120_000;
// From the answer to its call until a container has exited: 10 to 50 ms were measured on Docker.
const EXIT_IN_MS = 20;

/**
 * Our own loop with a webhook whose receiver is in the same process. A container calls when it starts and when its command has
 * ended, and exits once it is answered; of a share of the jobs no call arrives.
 */
export function hooked(lostShare = 0): Loop {
  return (arm, jobs) => {
    const { clock } = arm;
    const completion = webhook({ url: "https://jobs.example.com/", secret: "the secret of the bench, which is long", safetyIntervalInMs: SAFETY_IN_MS, clock });
    const isLost = (index: number): boolean => lostShare > 0 && index % Math.round(1 / lostShare) === 0;
    arm.onDeployed = (deployment) => {
      if (!isLost(deployment.job.index)) callAt(arm, completion, deployment);
    };
    return Promise.all(jobs.map((job) => runJob(arm, job, completion)));
  };
}

function callAt({ clock }: FakeArm, receiver: WebhookStrategy, { environment, startsInMs, endsInMs }: Deployment): void {
  const query = new URL(environment["ACI_JOB_CALLBACK_URL"] ?? "").searchParams;
  const headers: Readonly<Record<string, string>> = { authorization: `Bearer ${environment["ACI_JOB_CALLBACK_TOKEN"] ?? ""}` };
  const call = async (inMs: number, type: string): Promise<void> => {
    await clock.sleep(inMs);
    const { status } = await receiver.accept({ query, header: (name) => headers[name], body: Buffer.from(JSON.stringify({ type })) });
    if (status !== 204) throw new Error(`A call was answered ${status}`);
  };
  void call(startsInMs + DELIVERY_IN_MS, "job.started");
  void call(Math.max(startsInMs, endsInMs - EXIT_IN_MS - DELIVERY_IN_MS), "job.ended");
}
