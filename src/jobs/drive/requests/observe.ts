import type { Snapshot } from "../../../container-group.js";
import { isAciError, type AciError } from "../../../errors.js";
import type { LifecycleEvent } from "../../../lifecycle-event.js";
import { classifyFault } from "../../../lifecycle/faults/classify-fault.js";
import { faultData } from "../../../lifecycle/faults/fault-data.js";
import { TAGS, tagOf } from "../../../lifecycle/identity.js";
import { itemsOf } from "../../../lifecycle/items-of.js";
import type { Next, Observation, Request } from "../../machine/state.js";
import { link } from "../../../internal/abort.js";
import { hideSecrets } from "../../spec/hide-secrets.js";
import { hasLine } from "../../watch/find-line.js";
import type { Wakers } from "../../watch/listening.js";
import { moveTo, type ActiveJob } from "../active-job.js";
import { isFileRequest, moveFiles, type Breaking, type BrokenOff, type FileRequest } from "./file-requests.js";
import { look } from "./look.js";
import { prepareGroup } from "./prepare-group.js";

/** Where a step ends: something is to be saved or waited for, or nothing is left. */
export type StepEnd = Extract<Next, { kind: "wait" | "finish" | "refuse" | "save" }>;

/** What is asked for. */
export interface Asked {
  readonly request: Exclude<Request, StepEnd>;
  /** The job before it was decided to ask. */
  readonly before: ActiveJob["handle"];
  /** To be told when it is sent. */
  readonly held: readonly LifecycleEvent[];
  /** What breaks it off; undefined where nobody would go on from there. */
  readonly stop: Wakers | undefined;
}

// What comes of a request, without what is secret: from here on it goes to listeners, handles and results. File transfers take
// long, and reads may wait for their turn: `stop` breaks them off.
export async function observe(job: ActiveJob, asked: Asked): Promise<Observation | BrokenOff> {
  const [abortSignal, release, breakOff] = link(...(asked.stop ?? []));
  try {
    const seen = await perform(job, asked, { abortSignal, breakOff: asked.stop && breakOff });
    return seen.kind === "brokenOff" ? seen : hideSecrets(seen, job.hide);
  } finally {
    release();
  }
}

async function perform(job: ActiveJob, { request, before, held }: Asked, breaking: Breaking): Promise<Observation | BrokenOff> {
  if (isFileRequest(request)) return moveFiles(job, request, breaking.abortSignal);
  if (request.kind !== "create") return sent(job, request, () => send(job, request, breaking), breaking.abortSignal);
  const until = job.parts.budget?.creates.take(job.parts.clock.now(), job.handle.state.groupName) ?? 0;
  if (until > job.parts.clock.now()) return { kind: "heldBack", until };
  const group = await prepareGroup(job, before);
  if (group === undefined) {
    // Another process has carried the job further: what it knows comes first.
    job.parts.budget?.creates.drop(before.state.groupName);
    return { kind: "none" };
  }
  moveTo(job, job.handle.state, held);
  return sent(job, request, async () => ({ kind: "created", ...(await job.parts.gateway.put(group, { isDue: true })) }));
}

async function sent(job: ActiveJob, request: Request, send: () => Promise<Observation | BrokenOff>, stop?: AbortSignal): Promise<Observation | BrokenOff> {
  try {
    return await send();
  } catch (error) {
    if (stop?.aborted === true) return { kind: "brokenOff" };
    if (!isAciError(error)) throw error;
    return observationOf(job, request, error);
  }
}

// What is made of a request that failed.
function observationOf({ parts: { retryQuota, clock } }: ActiveJob, request: Request, error: AciError): Observation {
  const fault = classifyFault(error);
  if (request.kind === "look" && fault.kind === "absent") return { kind: "absent" };
  if (request.kind === "delete" && fault.kind === "absent") return { kind: "deleted", answer: "gone" };
  return { kind: "fault", fault, error: faultData(error), ...(fault.isRetryable && { turnInMs: retryQuota.take(clock.now()) }) };
}

async function send(job: ActiveJob, request: Exclude<Request, FileRequest | StepEnd | { kind: "create" }>, breaking: Breaking): Promise<Observation | BrokenOff> {
  const { abortSignal } = breaking;
  switch (request.kind) {
    case "look":
      return look(job, breaking);
    case "list":
      return { kind: "listed", groups: await listAll(job, abortSignal) };
    case "readAge":
      return readAge(job, abortSignal);
    case "readOperation":
      return { kind: "operation", body: await job.parts.gateway.readOperation(request.url, { abortSignal }) };
    case "readLogs":
      return readLogs(job, request.containerName, abortSignal);
    case "delete":
      return { kind: "deleted", answer: await job.parts.gateway.delete(job.handle.state.groupName, {}) };
  }
}

async function readLogs(job: ActiveJob, containerName: string, abortSignal: AbortSignal): Promise<Observation> {
  const { groupName, phase, snapshot } = job.handle.state;
  const shown = snapshot?.containers.find((container) => container.containerName === containerName);
  const run = { restarts: shown?.restartCount ?? 0, startedAt: Date.parse(shown?.currentState?.startedAt ?? "") };
  const isStamped = job.logs.isJoined(containerName, phase === "ended");
  const window = (await job.parts.gateway.readLogs(groupName, containerName, { isStamped, abortSignal })) ?? "";
  const { note, lines } = await job.logs.take({ containerName, run, window, isFinal: phase === "ended" });
  return { kind: "logs", containerName, note, isEmpty: window === "", ...(hasLine(job.plan, lines) && { hasLine: true as const }) };
}

async function listAll({ parts }: ActiveJob, abortSignal: AbortSignal | undefined): Promise<readonly Snapshot[]> {
  const groups: Snapshot[] = [];
  for await (const group of itemsOf((page) => parts.gateway.list(page, { abortSignal }))) groups.push(group);
  return groups;
}

// How old the group is by Azure's own clock, where Azure tells when it was made, or a sweep has marked when it first met it.
async function readAge({ parts: { gateway, azureClock }, handle }: ActiveJob, abortSignal: AbortSignal | undefined): Promise<Observation> {
  const { groupName } = handle.state;
  const { items } = await gateway.listCreated(undefined, { groupName, abortSignal });
  const group = items.find((one) => one.groupName.toLowerCase() === groupName.toLowerCase());
  const knownSince = Date.parse(group?.createdAt ?? (group && tagOf(group, TAGS.seen)) ?? "");
  if (Number.isNaN(knownSince)) return { kind: "age" };
  return { kind: "age", ageInMs: azureClock.now() - knownSince, ...(group?.createdAt === undefined && { isAtLeast: true as const }) };
}
