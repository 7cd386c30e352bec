import { describe, expect, it } from "vitest";
import { memoryStore, resumeContainerJob, runContainerJob, startContainerJob } from "../../src/index.js";
import type { AciClient, ContainerJobError, JobHandle, JobPoller, JobResult, JobStore } from "../../src/index.js";
import { activate } from "../../src/jobs/drive/active-job.js";
import { drive } from "../../src/jobs/drive/drive.js";
import type { WholeHandle } from "../../src/jobs/drive/job-handle.js";
import { save } from "../../src/jobs/drive/keep.js";
import { resolveRef } from "../../src/jobs/find-container-job.js";
import type { MachineState } from "../../src/jobs/machine/state.js";
import { FakeAzure } from "./fake-azure.js";
import { handleIn } from "./handle-in.js";
import { refuseIn, soon, stepOn, stepToEnd } from "./steps.js";

const spec = { key: "k", image: "a" };
const marks = { intendedAt: 0, createAt: 1, acceptedAt: 2 };
const result = (outcome: string, cleanup = "pending"): JobResult => ({ outcome, cleanup, earlierAttempts: [], containers: {}, logs: "", timings: {} }) as unknown as JobResult;

// Has a job kept as another process has it.
function keep(client: AciClient, store: JobStore, state: Partial<MachineState>): Promise<void> {
  return save(activate(client, handleIn(client, state), { store }));
}

// Does something once, right after what a verb asks for was done.
function once(azure: FakeAzure, verb: string, act: () => void): void {
  azure.after = (asked) => {
    if (asked !== verb) return;
    azure.after = () => undefined;
    act();
  };
}

// What a poller tells, be it by an error.
function endOf(job: JobPoller): Promise<{ readonly outcome: string }> {
  return job.pollUntilDone().catch((error: unknown) => error as ContainerJobError);
}

describe("a job that is stepped, of which a store has more", () => {
  it("ends as the store has it, where that has not taken the end of a step before", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const handle = await azure.until(startContainerJob(azure.client(), spec, { store }));
    const full: JobStore = { ...store, write: () => Promise.reject(new Error("ENOSPC")) };
    const canceled = await stepOn(azure, full, handle, { abortSignal: AbortSignal.abort(new Error("enough")) });
    expect(canceled.result?.outcome).toBe("canceled");
    // Another sees the true end, keeps it, and tells it.
    await azure.clock.advance(15_000);
    let seen = await stepOn(azure, store, handle);
    while (seen.result === undefined) seen = await stepOn(azure, store, seen.handle);
    expect(seen.result.outcome).toBe("succeeded");
    expect(await stepToEnd(azure, store, canceled.handle)).toMatchObject({ done: true, result: { outcome: "succeeded" } });
    expect(await azure.until(runContainerJob(azure.client(), spec, { store }))).toMatchObject({ outcome: "succeeded" });
  });

  it("ends as the store has it, where another keeps his end during the step", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    const store = memoryStore();
    const own = { phase: "collected", verdict: { outcome: "neverStarted" }, marks: { intendedAt: 0, createAt: 1, endedAt: 2, goneAt: 2 }, result: result("neverStarted") } as const;
    await keep(client, store, own);
    let isRead = false;
    const late: JobStore = {
      ...store,
      read: async (key) => {
        const found = await store.read(key);
        if (!isRead) await keep(client, store, { phase: "done", verdict: { outcome: "succeeded", exitCode: 0 }, marks, result: result("succeeded", "done") });
        isRead = true;
        return found;
      },
    };
    expect(await stepOn(azure, late, handleIn(client, own))).toMatchObject({ done: true, result: { outcome: "succeeded" } });
  });

  it("ends as the store has it, which takes nothing any more but still tells", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const full: JobStore = { ...store, write: () => Promise.reject(new Error("ENOSPC")) };
    const handle = await azure.until(startContainerJob(azure.client(), spec, { store }));
    const { handle: seen } = await stepOn(azure, store, handle);
    const events: string[] = [];
    const poller = await resumeContainerJob(azure.client(), seen, { store: full, onEvent: ({ type }) => events.push(type) });
    // Another sees the end and deletes the group, between two looks of this one.
    await azure.clock.advance(13_000);
    await stepToEnd(azure, store, seen);
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ outcome: "succeeded", logs: "hello\n", cleanup: "done" });
    expect(events).not.toContain("jobFault");
  });

  it("knows of the attempts before, of which only the handle does", async () => {
    const client = new FakeAzure().client();
    const store = memoryStore();
    const earlier = [{ attempt: 1, cost: { amount: 2, currency: "USD" } }] as unknown as JobResult["earlierAttempts"];
    await keep(client, store, { attempt: 2, phase: "collected", marks, verdict: { outcome: "succeeded" }, result: result("succeeded") });
    const given = handleIn(client, { attempt: 2, phase: "intended", earlier });
    expect(await resolveRef(client, given, store)).toMatchObject({ handle: { state: { phase: "collected", earlier, result: { earlierAttempts: earlier } } }, isStored: false });
  });
});

it("a step of a job that is canceled by then begins nothing, though its intent is on record", async () => {
  const azure = new FakeAzure();
  const client = azure.client();
  const store = memoryStore();
  const intended = { attempt: 2, phase: "intended", pending: { kind: "save" } } as const;
  await keep(client, store, intended);
  const { result: told } = await stepToEnd(azure, store, handleIn(client, intended), { abortSignal: AbortSignal.abort(new Error("enough")) });
  expect(told).toMatchObject({ outcome: "canceled", attempt: 2, cleanup: "done" });
  expect(azure.requests).not.toContain("put");
});

it.each(["resumed", "stepped"])("a result that was kept is not replaced by that of who has canceled an attempt before, and is %s once more", async (how) => {
  const azure = new FakeAzure();
  Object.assign(azure, { exitCode: 1, deletesInMs: 5000 });
  const store = memoryStore();
  const handle = await azure.until(startContainerJob(azure.client(), spec, { store, retry: { exitCodes: "nonZero", maxAttempts: 2, firstDelayInMs: 1000 } }));
  let isSlow = false;
  const slow: JobStore = { ...store, write: async (...given) => (isSlow && JSON.stringify(given[1]).includes('"phase":"done"') && (await azure.clock.sleep(4000)), store.write(...given)) };
  const one = await resumeContainerJob(azure.client(), handle, { store: slow });
  const other = await resumeContainerJob(azure.client(), handle, { store });
  const ends = Promise.all([one, other].map(endOf));
  await azure.clock.advance(1000);
  while ((one.handle as WholeHandle).state.phase !== "deleting") await azure.clock.advance(50);
  azure.exitCode = 0;
  isSlow = true;
  void one.cancel();
  expect((await azure.until(ends)).map(({ outcome }) => outcome)).toEqual(["canceled", "succeeded"]);
  // Its host asks once more for what it was told.
  if (how === "stepped") await stepOn(azure, store, one.handle);
  else await azure.until(endOf(await resumeContainerJob(azure.client(), one.handle, { store })));
  expect(await azure.until(runContainerJob(azure.client(), spec, { store }))).toMatchObject({ outcome: "succeeded", attempt: 2 });
});

it("a job that is canceled by who was refused a group leaves none that another has, though the one who canceled it dies", async () => {
  const azure = new FakeAzure();
  azure.runsInMs = 600_000;
  const store = memoryStore();
  azure.before = refuseIn(azure);
  const abort = new AbortController();
  const dying: JobStore = { ...store, write: (...given) => (JSON.stringify(given[1]).includes('"phase":"done"') ? new Promise(() => undefined) : store.write(...given)) };
  void runContainerJob(azure.client(), spec, { store: dying, reject: false, abortSignal: abort.signal });
  while (!azure.requests.includes("put")) await azure.clock.advance(1);
  await azure.clock.advance(1);
  azure.before = () => undefined;
  const handle = await soon(azure, startContainerJob(azure.client(), spec, { store }));
  expect(azure.groups.size).toBe(1);
  abort.abort(new Error("shutdown"));
  await azure.clock.advance(10);
  const { result: told } = await stepToEnd(azure, store, handle);
  expect([told?.outcome, told?.cleanup, azure.groups.size]).toEqual(["canceled", "done", 0]);
});

it.each(["has a store", "has no store", "cannot look"])("a job that is canceled by who was refused a group leaves none that another has made since and died, where he %s", async (how) => {
  const azure = new FakeAzure();
  azure.runsInMs = 600_000;
  const options = how === "has no store" ? {} : { store: memoryStore() };
  azure.before = refuseIn(azure);
  const abort = new AbortController();
  const told = runContainerJob(azure.client(), spec, { ...options, reject: false, abortSignal: abort.signal });
  while (!azure.requests.includes("put")) await azure.clock.advance(1);
  await azure.clock.advance(1);
  azure.before = () => undefined;
  await soon(azure, startContainerJob(azure.client(), spec, options));
  if (how === "cannot look") once(azure, "get", () => {
    throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed", serviceText: "no" });
  });
  abort.abort(new Error("shutdown"));
  const { outcome, cleanup } = await azure.until(told);
  expect([outcome, cleanup, azure.groups.size]).toEqual(["canceled", "done", 0]);
});

describe("a create whose answer was lost leaves no group behind", () => {
  it("where another has canceled the job, and has seen none", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    const store = memoryStore();
    const canceled = { phase: "done", verdict: { outcome: "canceled", reason: "enough" }, cancel: { reason: "enough" }, marks: { intendedAt: 0, endedAt: 1, goneAt: 2 }, result: result("canceled", "done") } as const;
    // He is done with it while the create is on its way.
    azure.before = (verb) => void (verb === "put" && keep(client, store, canceled));
    once(azure, "put", () => {
      throw azure.fault({ transport: "ECONNRESET" });
    });
    const { result: told } = await stepToEnd(azure, store, handleIn(client));
    expect(azure.puts).toHaveLength(1);
    expect([told?.outcome, told?.cleanup, azure.groups.size]).toEqual(["canceled", "done", 0]);
  });

  it("where another has kept the end of an attempt before", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    const store = memoryStore();
    const abort = new AbortController();
    const groupName = handleIn(client).state.groupName.replace(/1$/u, "2");
    const job = activate(client, handleIn(client, { attempt: 2, groupName }), { store }, { spec });
    // Nothing can be looked at until it has ended for who has sent the create.
    azure.before = (verb) => {
      if (azure.puts.length > 0 && job.handle.state.result === undefined && ["get", "list"].includes(verb)) throw azure.fault({ statusCode: 503 });
    };
    once(azure, "put", () => {
      void keep(client, store, { phase: "done", verdict: { outcome: "lost" }, marks: { ...marks, endedAt: 3, goneAt: 3 }, result: result("lost", "done") });
      abort.abort(new Error("enough"));
      throw azure.fault({ transport: "ECONNRESET" });
    });
    const told = await azure.until(drive(job, { abortSignal: abort.signal }));
    expect(azure.puts).toHaveLength(1);
    expect([told?.attempt, told?.cleanup, azure.groups.size]).toEqual([2, "done", 0]);
  });
});

it("a call that was not run ends no job that another has begun, for who has a handle of it", async () => {
  const azure = new FakeAzure();
  azure.runsInMs = 3_600_000;
  const store = memoryStore();
  let intent: JobHandle | undefined;
  let die: () => void = () => undefined;
  const death = new Promise<void>((resolve) => (die = resolve));
  // One begins, and finds nothing in the store. Before it keeps its intent another has kept his, sent his create, and died. From
  // then on lists fail.
  once(azure, "put", () => {
    azure.before = (asked) => {
      if (asked === "list") throw azure.fault({ statusCode: 503 });
    };
    die();
    throw new Error("died");
  });
  const one = runContainerJob(azure.client(), spec, { store: { ...store, write: async (...given) => (await death, store.write(...given)) }, reject: false });
  await azure.clock.advance(1);
  const other = startContainerJob(azure.client(), spec, { store: { ...store, write: (...given) => ((intent ??= given[1] as unknown as JobHandle), store.write(...given)) } });
  await expect(azure.until(other)).rejects.toThrow("died");
  expect(await azure.until(one)).toMatchObject({ outcome: "notRun" });
  azure.before = () => undefined;
  expect(azure.groups.size).toBe(1);
  const heir = await resumeContainerJob(azure.client(), intent as JobHandle, { store });
  expect(await azure.until(heir.pollUntilDone())).toMatchObject({ outcome: "succeeded" });
  expect(azure.groups.size).toBe(0);
});
