import type { FakeArm, ArmAnswer, Group } from "./fake-arm.js";
import { isTerminated } from "./fake-arm.js";
import { randomOf, type PlannedJob } from "./jobs.js";

/** How one loop ended: when it knew the end of the job, or gave up. */
export interface Seen {
  readonly at: number;
  readonly isLost?: boolean | undefined;
}

/** Runs all jobs at once, and says of each when its end was known. */
export type Loop = (arm: FakeArm, jobs: readonly PlannedJob[]) => Promise<readonly Seen[]>;

const GROUPS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups";

// The requests of one job, as all of the loops send them.
class Requests {
  readonly #path: string;
  /** Threads end with the task. */
  isOver = false;

  constructor(
    readonly arm: FakeArm,
    readonly job: PlannedJob,
  ) {
    this.#path = `${GROUPS}/job-${job.index}`;
  }

  readonly send = (method: string, url: string, body?: unknown): Promise<ArmAnswer> => this.arm.send(method, url, body, this.job);
  readonly put = (): Promise<ArmAnswer> => this.send("PUT", this.#path, { properties: { containers: [{ name: "main", properties: { image: "work:1", environmentVariables: [{ name: "JOB", value: String(this.job.index) }] } }] } });
  readonly get = (): Promise<ArmAnswer> => this.send("GET", this.#path);
  readonly logs = (): Promise<ArmAnswer> => this.send("GET", `${this.#path}/containers/main/logs`);
  readonly delete = (): Promise<ArmAnswer> => this.send("DELETE", this.#path);
  readonly sleep = (seconds: number): Promise<void> => this.arm.clock.sleep(seconds * 1000);

  async isCreated(): Promise<boolean> {
    const { body } = await this.send("GET", `/operations/job-${this.job.index}`);
    return (body as { readonly status: string }).status === "Succeeded";
  }

  // A wait on the operation of the create with a pause before each question.
  async awaitCreated(everyInS: number): Promise<void> {
    do await this.sleep(everyInS);
    while (!this.isOver && !(await this.isCreated()));
  }

  seen(): Seen {
    return { at: this.arm.clock.now() };
  }
}

function each(one: (requests: Requests) => Promise<Seen>): Loop {
  return (arm, jobs) => Promise.all(jobs.map((job) => one(new Requests(arm, job))));
}

// `beginCreateOrUpdateAndWait`, which asks at 0, 0, 2, 4 ... seconds and reads the group once more; then a get every so often,
// `listLogs` and `beginDeleteAndWait`.
export function rawSdk(everyInS: number): Loop {
  return each(async (requests) => {
    await requests.put();
    if (!(await requests.isCreated())) while (!(await requests.isCreated())) await requests.sleep(2);
    await requests.get();
    while (!isTerminated(await requests.get())) await requests.sleep(everyInS);
    const seen = requests.seen();
    await requests.logs();
    await requests.delete();
    return seen;
  });
}

// Lists the resource group; then a get, the logs once it runs, and a second of sleep. A thread asks for the operation every 30 s.
export const airflow = each(async (requests) => {
  await requests.send("GET", GROUPS);
  await requests.put();
  void requests.awaitCreated(30).then(async () => requests.isOver || requests.get());
  for (;;) {
    const answer = await requests.get();
    if (isTerminated(answer)) break;
    if ((answer.body as Group).properties.containers[0].properties.instanceView?.currentState.state === "Running") await requests.logs();
    await requests.sleep(1);
  }
  const seen = requests.seen();
  requests.isOver = true;
  await requests.logs();
  await requests.delete();
  return seen;
});

// The same as a trigger: a get every 30 s, and the logs at the end.
export const airflowDeferrable = each(async (requests) => {
  await requests.send("GET", GROUPS);
  await requests.put();
  void requests.awaitCreated(30).then(async () => requests.isOver || requests.get());
  while (!isTerminated(await requests.get())) await requests.sleep(30);
  const seen = requests.seen();
  requests.isOver = true;
  await requests.logs();
  await requests.delete();
  return seen;
});

// Of another cloud: a get after a pause drawn between 6 s and twice as much each time, 120 s at the most.
export const awsWaiter = each(async (requests) => {
  const random = randomOf(requests.job.index);
  await requests.put();
  let isEnded = isTerminated(await requests.get());
  for (let longest = 6; !isEnded; longest = Math.min(120, 2 * longest)) {
    await requests.sleep(6 + random() * (longest - 6));
    isEnded = isTerminated(await requests.get());
  }
  const seen = requests.seen();
  await requests.logs();
  await requests.delete();
  return seen;
});

// A deployment, whose poller asks every 30 s and is looked at every 5; then a get every 5 s. It reads no logs unless told to.
export const prefect = each(async (requests) => {
  await requests.put();
  let isDone = false;
  void requests.awaitCreated(30).then(() => (isDone = true));
  const isPending = (): boolean => !isDone;
  while (isPending()) await requests.sleep(5);
  while (!isTerminated(await requests.get())) await requests.sleep(5);
  const seen = requests.seen();
  await requests.delete();
  return seen;
});

// One timer of 5 s for all pods, and then a get of each, one after the other.
export function virtualKubelet(pods: number): Loop {
  return async (arm, jobs) => {
    const nodes = Array.from({ length: Math.ceil(jobs.length / pods) }, (_unused, index) => jobs.slice(index * pods, (index + 1) * pods));
    return (await Promise.all(nodes.map((node) => watchNode(arm, node)))).flat();
  };
}

async function watchNode(arm: FakeArm, jobs: readonly PlannedJob[]): Promise<readonly Seen[]> {
  const requests = jobs.map((job) => new Requests(arm, job));
  const seen = new Map<Requests, Seen>();
  await Promise.all(requests.map((one) => one.put()));
  while (seen.size < requests.length) {
    await arm.clock.sleep(5000);
    for (const one of requests) {
      if (seen.has(one) || !isTerminated(await one.get())) continue;
      seen.set(one, one.seen());
      void one.delete();
    }
  }
  return requests.map((one) => seen.get(one) as Seen);
}

// A get, a create whose operation is asked for every 5 s; then logs and a get every 2 s.
export const composeCli = each(async (requests) => {
  await requests.get();
  await requests.put();
  await requests.awaitCreated(5);
  for (;;) {
    await requests.logs();
    if (isTerminated(await requests.get())) break;
    await requests.sleep(2);
  }
  const seen = requests.seen();
  await requests.delete();
  return seen;
});

// A get of the resource group, a create whose operation is asked for every 30 s (assumed); then a get every 30 s, for 30
// minutes. No logs.
export const durableFunctions = each(async (requests) => {
  await requests.send("GET", "/subscriptions/s/resourceGroups/r");
  await requests.put();
  await requests.awaitCreated(30);
  await requests.get();
  const until = requests.arm.clock.now() + 30 * 60_000;
  let isEnded = isTerminated(await requests.get());
  while (!isEnded && requests.arm.clock.now() < until) {
    await requests.sleep(30);
    isEnded = isTerminated(await requests.get());
  }
  const seen = { ...requests.seen(), isLost: !isEnded };
  await requests.delete();
  return seen;
});

// Until the group's state is `Succeeded`, a get and 10 s of delay; 60 times at the most. What has failed is never seen.
export const logicApps = each(async (requests) => {
  await requests.put();
  for (let loops = 0; loops < 60; loops++) {
    const { body } = await requests.get();
    if ((body as Group).properties.instanceView.state === "Succeeded") {
      const seen = requests.seen();
      await requests.logs();
      await requests.delete();
      return seen;
    }
    await requests.sleep(10);
  }
  return { ...requests.seen(), isLost: true };
});
