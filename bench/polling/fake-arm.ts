import type { VirtualClock } from "../../src/internal/clock.js";
import type { PlannedJob } from "./jobs.js";

/** An answer of the fake ARM. */
export interface ArmAnswer {
  readonly status: number;
  readonly body: Group | Operation | { readonly [key: string]: unknown };
  readonly headers: Readonly<Record<string, string>>;
}

interface Operation {
  readonly status: "InProgress" | "Succeeded";
}

/** As far as the loops read it. */
export interface Group {
  readonly properties: {
    readonly provisioningState: string;
    readonly instanceView: { readonly state: string };
    readonly containers: readonly [{ readonly name?: string | undefined; readonly properties: { readonly instanceView?: { readonly currentState: { readonly state: string; readonly startTime?: string }; readonly [key: string]: unknown } } }];
  };
}

interface Deployed {
  readonly body: { readonly tags?: object; readonly properties?: { readonly containers?: readonly { readonly name: string; readonly properties: object }[] } };
  readonly job: PlannedJob;
  readonly acceptedAt: number;
}

/** A group that was accepted, for its container. */
export interface Deployment {
  readonly job: PlannedJob;
  readonly environment: Readonly<Record<string, string>>;
  readonly startsInMs: number;
  readonly endsInMs: number;
}

/** What the server counts of a job. */
export interface Counted {
  requests: number;
  /** Reads of the group and of operations while it is there, by which its end is looked for; not of logs, and not of whether it is gone. */
  statusReads: number;
  finishedAt: number;
  /** When an answer came that shows the end of the container for the first time. */
  seenAt: number;
}

export const RTT_IN_MS = 100;
const PATH = /\/(?:containerGroups|operations)\/([^/?]+)/iu;

// An ARM in one process and in virtual time: half of the round trip there, half of it back. It counts all requests by job; a job
// is known by a variable of its container, whatever its group is called.
export class FakeArm {
  readonly counts = new Map<PlannedJob, Counted>();
  onDeployed: (deployment: Deployment) => void = () => undefined;
  readonly #groups = new Map<string, Deployed>();
  readonly #owners = new Map<string, PlannedJob>();
  readonly #jobs: Map<string, PlannedJob>;

  constructor(
    readonly clock: VirtualClock,
    jobs: readonly PlannedJob[],
  ) {
    this.#jobs = new Map(jobs.map((job) => [String(job.index), job]));
    for (const job of jobs) this.counts.set(job, { requests: 0, statusReads: 0, finishedAt: NaN, seenAt: NaN });
  }

  /** How many groups there are. */
  get groupsLeft(): number {
    return this.#groups.size;
  }

  async send(method: string, url: string, body?: unknown, of?: PlannedJob): Promise<ArmAnswer> {
    await this.clock.sleep(RTT_IN_MS / 2);
    const answer = this.answer(method, url, body, of);
    await this.clock.sleep(RTT_IN_MS / 2);
    return answer;
  }

  /** What the server makes of a request, in the middle of its round trip. */
  protected answer(method: string, url: string, body: unknown, of: PlannedJob | undefined): ArmAnswer {
    const name = PATH.exec(url)?.[1] ?? "";
    if (method === "PUT") this.#deploy(name, body as Deployed["body"]);
    const group = this.#groups.get(name);
    this.#count(method, url, this.#owners.get(name) ?? of, group !== undefined);
    if (method === "PUT") return { status: 201, body: this.#view(name, group as Deployed), headers: { "azure-asyncoperation": `https://management.azure.com/operations/${name}` } };
    if (name === "") return { status: 200, body: { value: [] }, headers: {} };
    if (group === undefined) return { status: method === "DELETE" ? 204 : 404, body: { error: { code: "ResourceNotFound", message: "It is not there" } }, headers: {} };
    if (method === "DELETE") this.#groups.delete(name);
    if (url.includes("/logs")) return { status: 200, body: { content: "done\n" }, headers: {} };
    if (url.includes("/operations/")) return { status: 200, body: { status: this.clock.now() < startOf(group) ? "InProgress" : "Succeeded" }, headers: {} };
    return { status: 200, body: this.#view(name, group), headers: {} };
  }

  #deploy(name: string, body: Deployed["body"]): void {
    const variables = (body.properties?.containers?.[0]?.properties as { readonly environmentVariables?: readonly { readonly name: string; readonly value?: string; readonly secureValue?: string }[] }).environmentVariables;
    const environment = Object.fromEntries((variables ?? []).map((one) => [one.name, one.value ?? one.secureValue ?? ""]));
    const job = this.#jobs.get(environment["JOB"] ?? "");
    if (job === undefined) throw new Error(`There is no plan for ${name}`);
    const group = { body, job, acceptedAt: this.clock.now() };
    this.#groups.set(name, group);
    this.#owners.set(name, job);
    this.#countOf(job).finishedAt = endOf(group);
    this.onDeployed({ job, environment, startsInMs: job.startsAfterInMs, endsInMs: job.startsAfterInMs + job.runsForInMs });
  }

  #count(method: string, url: string, job: PlannedJob | undefined, isThere: boolean): void {
    if (job === undefined) return;
    const counted = this.#countOf(job);
    counted.requests++;
    if (method === "GET" && isThere && !url.includes("/logs")) counted.statusReads++;
  }

  #countOf(job: PlannedJob): Counted {
    return this.counts.get(job) as Counted;
  }

  #view(name: string, group: Deployed): Group & { readonly [key: string]: unknown } {
    const { body, job } = group;
    const now = this.clock.now();
    const isStarted = now >= startOf(group);
    const isEnded = now >= endOf(group);
    const counted = this.#countOf(job);
    if (isEnded && Number.isNaN(counted.seenAt)) counted.seenAt = now + RTT_IN_MS / 2;
    const startTime = new Date(startOf(group)).toISOString();
    const ended = { state: "Terminated", startTime, finishTime: new Date(endOf(group)).toISOString(), exitCode: job.exitCode, detailStatus: job.exitCode === 0 ? "Completed" : "Error" };
    const currentState = isEnded ? ended : isStarted ? { state: "Running", startTime, detailStatus: "" } : { state: "Waiting", detailStatus: "" };
    const state = isEnded ? (job.exitCode === 0 ? "Succeeded" : "Failed") : isStarted ? "Running" : "Pending";
    const [container] = body.properties?.containers ?? [];
    return {
      id: `/groups/${name}`,
      name,
      location: "westeurope",
      tags: body.tags ?? {},
      properties: {
        ...body.properties,
        provisioningState: isStarted ? "Succeeded" : "Creating",
        instanceView: { state },
        containers: [{ name: container?.name, properties: { ...container?.properties, instanceView: { restartCount: 0, currentState, events: [] } } }],
      },
    };
  }
}

function startOf({ acceptedAt, job }: Deployed): number {
  return acceptedAt + job.startsAfterInMs;
}

function endOf(group: Deployed): number {
  return startOf(group) + group.job.runsForInMs;
}

/** Whether an answer shows that the container has ended. */
export function isTerminated({ body }: ArmAnswer): boolean {
  return (body as Group).properties.containers[0].properties.instanceView?.currentState.state === "Terminated";
}
