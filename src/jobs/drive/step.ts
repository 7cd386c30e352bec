import { redactor, secretsIn } from "../../internal/redact.js";
import { resolveSecrets } from "../../lifecycle/resolve-secrets.js";
import type { ContainerGroupSpec, Snapshot } from "../../container-group.js";
import { AciError, isAciError } from "../../errors.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import type { JobFault } from "../../job-result.js";
import { classifyFault } from "../../lifecycle/classify-fault.js";
import { TAGS, tagOf } from "../../lifecycle/identity.js";
import { itemsOf } from "../../lifecycle/items-of.js";
import { LOOKED_LATELY_IN_MS } from "../machine/deadlines.js";
import { advance } from "../machine/machine.js";
import { turnOf } from "../machine/watch.js";
import type { Next, Observation, Request } from "../machine/state.js";
import { mountFiles, mountPathOf } from "../files/mount-files.js";
import { hideSecrets } from "../spec/hide-secrets.js";
import { toGroup } from "../spec/to-group.js";
import { isWithheld } from "../spec/withhold.js";
import { hasLine } from "../watch/find-line.js";
import { learn } from "../watch/learn.js";
import { withPreparation } from "../watch/prepare.js";
import { giveWay } from "./keep.js";
import { moveTo, type ActiveJob } from "./active-job.js";
import { isFileRequest, moveFiles, type BrokenOff, type FileRequest } from "./file-requests.js";

/** Where a step ends: something is to be saved or waited for, or nothing is left. */
export type StepEnd = Extract<Next, { kind: "wait" | "finish" | "refuse" | "save" }>;

// Who needs so long every time, for its secrets perhaps, cannot do better.
const MOST_HELD_UP = 2;

// Moves a job on until something must be saved or waited for: a bounded number of requests, never a sleep.
//
// A file transfer is the one request that may take long: `stop` breaks it off, and the step ends where it began.
export async function step(job: ActiveJob, cancel: { readonly reason: string } | undefined, stop?: AbortSignal): Promise<StepEnd> {
  let seen: Observation | BrokenOff = first(job);
  let isCancelTold = cancel === undefined;
  for (;;) {
    if (!isCancelTold && seen.kind === "none") {
      seen = { kind: "cancel", reason: cancel?.reason ?? "" };
      isCancelTold = true;
    }
    const before = job.handle;
    const { next, held } = await move(job, seen);
    if (next.kind === "wait" && !isCancelTold) seen = { kind: "none" };
    else if (isEnd(next)) return endWith(job, next);
    else seen = await observe(job, { request: next, before, held, stop });
    if (seen.kind === "brokenOff") return { kind: "wait", until: 0 };
  }
}

// That something is created is told only when nothing can keep it from being sent any more.
async function move(job: ActiveJob, seen: Observation): Promise<{ readonly next: Next; readonly held: readonly LifecycleEvent[] }> {
  const { state, next, events } = advance(job.plan, job.handle.state, seen, job.parts.clock.now());
  const isHeld = next.kind === "create";
  moveTo(job, state, isHeld ? [] : events);
  if (events.some(({ type }) => type === "jobEnded")) await learn(job);
  return { next, held: isHeld ? events : [] };
}

// What is to be saved after a pause was not saved before it. What came without being asked for is what the pause ended with.
function first(job: ActiveJob): Observation {
  const { pending, wakeAt } = job.handle.state;
  const { news } = job;
  job.news = undefined;
  if (job.isSaved && pending.kind === "save" && wakeAt === 0) return { kind: "saved" };
  return news === undefined ? { kind: "none" } : hideSecrets(news, job.hide);
}

// What is to be saved is so only when whoever saves it says so.
function endWith(job: ActiveJob, next: StepEnd): StepEnd {
  if (next.kind === "save") job.isSaved = false;
  return next;
}

function isEnd(next: Next): next is StepEnd {
  return ["wait", "save", "finish", "refuse"].includes(next.kind);
}

/** What is asked for. */
interface Asked {
  readonly request: Exclude<Request, StepEnd>;
  /** The job before it was decided to ask. */
  readonly before: ActiveJob["handle"];
  /** To be told when it is sent. */
  readonly held: readonly LifecycleEvent[];
  readonly stop: AbortSignal | undefined;
}

// What comes of a request, without what is secret: from here on it goes to listeners, handles and results.
async function observe(job: ActiveJob, asked: Asked): Promise<Observation | BrokenOff> {
  const seen = await perform(job, asked);
  return seen.kind === "brokenOff" ? seen : hideSecrets(seen, job.hide);
}

async function perform(job: ActiveJob, { request, before, held, stop }: Asked): Promise<Observation | BrokenOff> {
  if (isFileRequest(request)) return moveFiles(job, request, stop);
  if (request.kind !== "create") return sent(job, request, () => send(job, request));
  const until = job.parts.budget?.takeCreate(job.parts.clock.now(), job.handle.state.groupName) ?? 0;
  if (until > job.parts.clock.now()) return { kind: "heldBack", until };
  const group = await prepare(job, before);
  // Another process has carried the job further: what it knows comes first.
  if (group === undefined) return { kind: "none" };
  moveTo(job, job.handle.state, held);
  return sent(job, request, async () => ({ kind: "created", ...(await job.parts.gateway.put(group, { isDue: true })) }));
}

// The group to create, or nothing where there is nothing to be created any more. What fails here leaves the job where it was:
// nothing was sent, and nobody is to think that it may have been.
async function prepare(job: ActiveJob, before: ActiveJob["handle"]): Promise<ContainerGroupSpec | undefined> {
  const { clock } = job.parts;
  const lookedAt = clock.now();
  try {
    if (await giveWay(job)) return undefined;
    const group = await groupOf(job);
    if (clock.now() - lookedAt <= LOOKED_LATELY_IN_MS || ++job.heldUp > MOST_HELD_UP) return group;
    // Held up for so long, it cannot know any more that nobody has created it: it is looked for once more.
    job.handle = before;
    return undefined;
  } catch (error) {
    job.handle = before;
    throw error;
  }
}

async function sent(job: ActiveJob, request: Request, send: () => Promise<Observation>): Promise<Observation> {
  try {
    return await send();
  } catch (error) {
    if (!isAciError(error)) throw error;
    return observationOf(job, request, error);
  }
}

// What is made of a request that failed.
function observationOf({ parts: { retryQuota, clock } }: ActiveJob, request: Request, error: AciError): Observation {
  const fault = classifyFault(error);
  if (request.kind === "look" && fault.kind === "absent") return { kind: "absent" };
  if (request.kind === "delete" && fault.kind === "absent") return { kind: "deleted", answer: "gone" };
  return { kind: "fault", fault, error: asData(error), ...(fault.isRetryable && { turnInMs: retryQuota.take(clock.now()) }) };
}

async function send(job: ActiveJob, request: Exclude<Request, FileRequest | StepEnd | { kind: "create" }>): Promise<Observation> {
  const { gateway } = job.parts;
  const { groupName } = job.handle.state;
  switch (request.kind) {
    case "look":
      return { kind: "snapshot", snapshot: await job.parts.looks.look(groupName, () => gateway.get(groupName, { turn: turnOf({ plan: job.plan, state: job.handle.state, now: job.parts.clock.now() }) })) };
    case "list":
      return { kind: "listed", groups: await listAll(job) };
    case "readAge":
      return { kind: "age", ageInMs: await ageOf(job) };
    case "readOperation":
      return { kind: "operation", body: await gateway.readOperation(request.url, {}) };
    case "readLogs":
      return readLogs(job, request.containerName);
    case "delete":
      return { kind: "deleted", answer: await gateway.delete(groupName, {}) };
  }
}

async function readLogs(job: ActiveJob, containerName: string): Promise<Observation> {
  const { groupName, phase, snapshot } = job.handle.state;
  const run = snapshot?.containers.find((container) => container.containerName === containerName)?.restartCount ?? 0;
  const window = (await job.parts.gateway.readLogs(groupName, containerName, { isStamped: job.logs.isJoined(containerName, phase === "ended") })) ?? "";
  const { note, lines } = await job.logs.take({ containerName, run, window, isFinal: phase === "ended" });
  return { kind: "logs", containerName, note, isEmpty: window === "", ...(hasLine(job.plan, lines) && { hasLine: true as const }) };
}

async function listAll({ parts }: ActiveJob): Promise<readonly Snapshot[]> {
  const groups: Snapshot[] = [];
  for await (const group of itemsOf((page) => parts.gateway.list(page, {}))) groups.push(group);
  return groups;
}

// How old the group is by Azure's own clock, where Azure tells when it was made, or a sweep has marked when it first met it.
async function ageOf({ parts: { gateway, clock }, handle }: ActiveJob): Promise<number | undefined> {
  const { groupName } = handle.state;
  const { items, serverTime } = await gateway.listCreated(undefined, { groupName });
  const group = items.find((one) => one.groupName.toLowerCase() === groupName.toLowerCase());
  const madeAt = Date.parse(group?.createdAt ?? (group && tagOf(group, TAGS.seen)) ?? "");
  return Number.isNaN(madeAt) ? undefined : (serverTime === undefined ? clock.now() : Date.parse(serverTime)) - madeAt;
}

async function groupOf(job: ActiveJob): Promise<ContainerGroupSpec> {
  const { spec, plan, handle, options } = job;
  if (spec === undefined || isWithheld(spec)) {
    const text = `Job "${plan.key}" cannot be started here: its spec or its secret values are known only to the process that began it`;
    throw new AciError(text, { code: "ACI_JOB_NEEDS_SECRETS" });
  }
  const group = await withPreparation(job, toGroup(spec, plan, handle.state));
  const mounted = options.fileStore === undefined || spec.files === undefined ? group : mountFiles(group, options.fileStore.mount(), mountPathOf(spec));
  const resolved = await resolveSecrets(mounted, options.secrets);
  job.hide = redactor(secretsIn(resolved));
  return resolved;
}

// What is told of an error in results: data without a stack or a cause.
export function asData({ code, message, serviceCode, statusCode, requestId }: AciError): JobFault {
  const text = message.replace(/ \[ACI_[A-Z_]+\]$/u, "");
  return { code, text, ...(serviceCode !== undefined && { serviceCode }), ...(statusCode !== undefined && { statusCode }), ...(requestId !== undefined && { requestId }) };
}
