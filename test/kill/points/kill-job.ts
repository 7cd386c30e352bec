import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AciClient, ContainerJobError, folderStore, resumeContainerJob, runContainerJob, startContainerJob, sweep, webhook, type ContainerJobSpec, type JobHandle, type JobResult, type JobStore, type WebhookStrategy } from "aci-lifecycle";
import { scripted, startEmulator, VirtualClock, type Emulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import type { ChildInput } from "./child.js";
import { runToDeath, sleep } from "./child-process.js";
import { doublesOf, isDeleted, lossesOf, type Truth } from "./judge.js";
import { KILL_WEBHOOK, mailboxIn, tellEnd } from "./kill-webhook.js";
import { hasStore, stopOf, type Mode, type Point } from "./points.js";
import { startProxy, type Proxy } from "./proxy.js";

const HOUR = 3_600_000;
const SPEC = { key: "nightly", image: "worker" } as const satisfies ContainerJobSpec;
const LINES = 50;

/** Takes a turn among the children that may be alive at once. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

/** Begins a job in a process, kills that at a point, goes on as the mode says, and answers what is wrong with what came of it. */
export async function killJob(point: Point, mode: Mode, n: number, lane: Lane): Promise<string[]> {
  const draw = dice(`${point.name}/${mode}/${n}`);
  const truth: Truth = { exitCode: draw() < 0.5 ? 0 : 3, output: lines("before", LINES) + lines("after", LINES) };
  const lengthInMs = 50 + 500 * draw();
  let release: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => (release = resolve));
  const folder = await mkdtemp(join(tmpdir(), "kill-points-"));
  const completion = mode === "webhook" ? webhook({ ...KILL_WEBHOOK, mailbox: mailboxIn(folder) }) : undefined;
  const worker = async (container: ScriptedContainer): Promise<number> => {
    container.print(lines("before", LINES));
    // The first call is a lie, which makes the process look.
    if (completion !== undefined && point.isBeforeEnd === true) await tellEnd(completion, container, 1);
    if (point.isBeforeEnd === true) await killed;
    await container.sleep(lengthInMs);
    container.print(lines("after", LINES));
    if (completion !== undefined) await tellEnd(completion, container, 2);
    return truth.exitCode;
  };
  // Who is never run again is swept a day later.
  const clock = mode === "sweep" ? new VirtualClock(Date.now()) : undefined;
  const stopTicking = clock && tick(clock);
  const pace = point.isSlowStart === true ? { allocationInMs: 2500 } : ("instant" as const);
  await using emulator = await startEmulator({ engine: scripted({ worker }, { clock }), pace, assumptions: { deleteStatus: draw() < 0.5 ? 200 : 202 } });
  try {
    const given = await lane(() => firstLife(emulator, point, mode, n, folder, 30 * draw()));
    const mayRunAgain = mode === "key" && isDeleted(emulator.requests);
    release();
    const client = new AciClient(emulator.clientOptions);
    const store = hasStore(mode) ? folderStore(folder) : undefined;
    const faults = mode === "sweep" ? [] : lossesOf(await secondLife(client, given, store, completion), truth);
    await stopTicking?.();
    if (mode === "webhook") faults.push(...(await sweepNothing(client, store)));
    if (clock !== undefined) faults.push(...(await sweepAway(emulator, client, clock, n % 2 === 0 ? store : undefined)));
    return [...faults, ...doublesOf(emulator.requests, mayRunAgain), ...emulator.groups().map(({ name }) => `leaked: ${name} is left`)];
  } finally {
    await stopTicking?.();
    for (const used of [folder, `${folder}-mailbox`]) await rm(used, { recursive: true, force: true });
  }
}

// The job until its process is killed. Answers the handle, where the caller has one.
async function firstLife(emulator: Emulator, point: Point, mode: Mode, n: number, folder: string, lingerInMs: number): Promise<JobHandle | undefined> {
  const stop = stopOf(point, mode, n);
  const isByHandle = mode === "handle" || mode === "handleAndStore";
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const proxy = await startProxy(emulator, typeof stop !== "string" && "request" in stop ? stop.request : undefined, reach);
  try {
    const handle = isByHandle && stop !== "handle" ? await begin(emulator, proxy, hasStore(mode) ? folderStore(folder) : undefined) : undefined;
    const input: ChildInput = {
      work: stop === "handle" ? "start" : handle === undefined ? "run" : "resume",
      spec: SPEC,
      handle,
      folder: hasStore(mode) ? folder : undefined,
      stop: typeof stop !== "string" && "store" in stop ? stop.store : undefined,
      tail: point.isTailing === true ? (stop === "sink" ? "stop" : "read") : undefined,
      isWebhook: mode === "webhook",
    };
    const said = await runToDeath(input, { ...emulator.environment, AZURE_RESOURCE_MANAGER_ENDPOINT: proxy.endpoint }, reached, lingerInMs);
    return handle ?? said?.handle;
  } finally {
    proxy.close();
  }
}

// By way of a message, as a rule.
async function begin(emulator: Emulator, { endpoint }: Proxy, store: JobStore | undefined): Promise<JobHandle> {
  const handle = await startContainerJob(new AciClient({ ...emulator.clientOptions, endpoint }), SPEC, { store });
  return JSON.parse(JSON.stringify(handle)) as JobHandle;
}

async function secondLife(client: AciClient, handle: JobHandle | undefined, store: JobStore | undefined, completion: WebhookStrategy | undefined): Promise<JobResult> {
  if (handle === undefined) return runContainerJob(client, SPEC, { store, completion, reject: false });
  const job = await resumeContainerJob(client, handle, { store });
  return job.pollUntilDone().catch((error: unknown) => {
    if (error instanceof ContainerJobError) return error.toJSON();
    throw error;
  });
}

// A sweep after that finds nothing to do.
async function sweepNothing(client: AciClient, store: JobStore | undefined): Promise<string[]> {
  const { groups } = await sweep(client, { store });
  return groups.map(({ groupName, action }) => `leaked: ${groupName} is ${action}`);
}

// Nothing goes before its time, and everything after it.
async function sweepAway(emulator: Emulator, client: AciClient, clock: VirtualClock, store: JobStore | undefined): Promise<string[]> {
  const left = emulator.groups().length;
  const early = await sweep(client, { store });
  await clock.advance(25 * HOUR);
  const stopTicking = tick(clock);
  const late = await sweep(client, { store });
  await stopTicking();
  const isRight = early.counts.deleted === 0 && late.counts.deleted === left;
  return isRight ? [] : [`leaked: of ${left} groups ${early.counts.deleted} were deleted early and ${late.counts.deleted} late`];
}

/** Moves a clock on as time goes by, until it is told to stop. */
export function tick(clock: VirtualClock): () => Promise<void> {
  let isOver = false;
  const work = async (): Promise<void> => {
    while (!isOver) {
      await sleep(10);
      await clock.advance(10);
    }
  };
  const working = work();
  return () => {
    isOver = true;
    return working;
  };
}

/** Fractions of 0 to 1 that are the same for the same text. */
export function dice(text: string): () => number {
  let drawn = 0;
  return () => createHash("sha256").update(`${text}/${drawn++}`).digest().readUInt32BE() / 2 ** 32;
}

function lines(word: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${word} ${index}\n`).join("");
}
