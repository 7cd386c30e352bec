import { describe, expect, it } from "vitest";
import { memoryStore, resumeContainerJob, runContainerJob, startContainerJob } from "../../src/index.js";
import type { JobPoller, JobResult, JobStore, LifecycleEvent, LogSink } from "../../src/index.js";
import { activate, type ActiveJob } from "../../src/jobs/drive/active-job.js";
import { newHandle, type WholeHandle } from "../../src/jobs/drive/job-handle.js";
import { giveWay, save } from "../../src/jobs/drive/keep.js";
import { resolveRef } from "../../src/jobs/find-container-job.js";
import type { MachineState } from "../../src/jobs/machine/state.js";
import { resolveLimits } from "../../src/jobs/options/run-options.js";
import { partsOf } from "../../src/client/parts.js";
import { jobHash } from "../../src/lifecycle/identity.js";
import { FakeAzure } from "./fake-azure.js";
import { handleIn } from "./handle-in.js";

const result = (outcome: string, cleanup = "pending"): JobResult => ({ outcome, cleanup }) as JobResult;

// Two processes with one job each in a state of its own; the first has saved since the second has read.
async function meet(first: Partial<MachineState>, second: Partial<MachineState>): Promise<{ stored: MachineState; kept: MachineState }> {
  const client = new FakeAzure().client();
  const store = memoryStore();
  const take = (state: Partial<MachineState>): ActiveJob => activate(client, handleIn(client, state), { store });
  const [one, two] = [take(first), take(second)];
  await save(one);
  await save(two);
  const key = (await keyOf(store)) ?? "";
  return { stored: ((await store.read(key))?.value as unknown as WholeHandle).state, kept: two.handle.state };
}

async function keyOf(store: ReturnType<typeof memoryStore>): Promise<string | undefined> {
  const key = `jobs/${partsOf(new FakeAzure().client()).owner}/${jobHash("k")}`;
  return (await store.read(key)) === undefined ? undefined : key;
}

describe("two processes that save one job", () => {
  it("end with the result that was kept first", async () => {
    const { stored, kept } = await meet({ phase: "collected", result: result("succeeded") }, { phase: "collected", result: result("lost") });
    expect(kept.result).toMatchObject({ outcome: "succeeded" });
    expect(stored.result).toMatchObject({ outcome: "succeeded" });
  });

  it("and with the clean-up as it went", async () => {
    const { stored, kept } = await meet({ phase: "collected", result: result("succeeded") }, { phase: "done", result: result("lost", "done") });
    expect(stored).toMatchObject({ phase: "done", result: { outcome: "succeeded", cleanup: "done" } });
    expect(kept.result).toEqual(stored.result);
  });

  it("go on with the one that is further", async () => {
    expect(await meet({ phase: "running" }, { phase: "intended" })).toMatchObject({ stored: { phase: "running" }, kept: { phase: "running" } });
    expect(await meet({ phase: "intended" }, { phase: "running" })).toMatchObject({ stored: { phase: "running" }, kept: { phase: "running" } });
    expect(await meet({ phase: "running" }, { phase: "collected", result: result("failed") })).toMatchObject({ stored: { result: { outcome: "failed" } } });
  });

  it("go on with the later attempt, whose group is there, even where a result of the one before is known", async () => {
    expect(await meet({ attempt: 2, phase: "intended" }, { attempt: 1, phase: "collected" })).toMatchObject({ kept: { attempt: 2 } });
    expect(await meet({ attempt: 1, phase: "done", result: result("lost", "done") }, { attempt: 2, phase: "collected", marks: { intendedAt: 0, acceptedAt: 1 } })).toMatchObject({ stored: { attempt: 2 }, kept: { attempt: 2 } });
  });

  it("follow the attempt that goes on, unless the job was canceled", async () => {
    const done = { attempt: 1, phase: "done", result: result("lost", "done") } as const;
    const next = { attempt: 2, phase: "collected", marks: { intendedAt: 0, acceptedAt: 1 } } as const;
    expect(await meet(next, done)).toMatchObject({ stored: { attempt: 2 }, kept: { attempt: 2 } });
    expect(await meet(next, { ...done, cancel: { reason: "enough" } })).toMatchObject({ stored: { attempt: 2 }, kept: { attempt: 1, result: { outcome: "lost" } } });
  });

  it("try it once more where one has seen its end and the other has not", async () => {
    const marks = { intendedAt: 0, acceptedAt: 1 };
    const seen = { attempt: 2, phase: "collected", marks, retry: { location: "westeurope", delayInMs: 0 }, verdict: { outcome: "failed", exitCode: 3 } } as const;
    const lost = { attempt: 2, phase: "collected", marks, verdict: { outcome: "lost" }, result: result("lost") } as const;
    const { kept, stored } = await meet(seen, lost);
    expect(kept).toMatchObject({ attempt: 2, verdict: { outcome: "failed" } });
    expect([kept.result, stored.result]).toEqual([undefined, undefined]);
    // A result that was kept first has been told, and so has one that is not tried again; who has seen no more, and who was canceled, keeps his own.
    expect((await meet(lost, seen)).kept.result).toMatchObject({ outcome: "lost" });
    expect((await meet({ ...seen, retry: undefined, result: result("failed") }, lost)).kept.result).toMatchObject({ outcome: "failed" });
    expect((await meet({ ...seen, verdict: { outcome: "lost" } }, lost)).kept.result).toMatchObject({ outcome: "lost" });
    expect((await meet(seen, { ...lost, verdict: { outcome: "canceled" }, result: result("canceled") })).kept.result).toMatchObject({ outcome: "canceled" });
  });

  it("know of the attempts before, though only one of them has made those", async () => {
    const earlier = [{ attempt: 1, cost: { amount: 2, currency: "USD" } }] as unknown as JobResult["earlierAttempts"];
    const began = { attempt: 2, phase: "intended", earlier } as const;
    const found = { attempt: 2, phase: "collected", marks: { intendedAt: 0, acceptedAt: 1 }, result: { ...result("failed"), earlierAttempts: [] } } as const;
    for (const [first, second] of [[began, found], [found, began]] as const) {
      const { kept } = await meet(first, second);
      expect(kept).toMatchObject({ phase: "collected", earlier, result: { outcome: "failed", earlierAttempts: earlier, cost: { amount: 2 } } });
    }
    expect((await meet(began, found)).stored.result).toMatchObject({ earlierAttempts: earlier });
    const of = (...attempts: number[]): JobResult["earlierAttempts"] => attempts.map((attempt) => ({ ...earlier[0], attempt }) as JobResult["earlierAttempts"][number]);
    expect((await meet({ ...began, attempt: 3, earlier: of(1, 2) }, { ...found, phase: "running", result: undefined, attempt: 4, earlier: of(3) })).kept.earlier).toEqual(of(1, 2, 3));
  });

  it("know of them from the store also where a handle is further on", async () => {
    const client = new FakeAzure().client();
    const store = memoryStore();
    const handle = handleIn(client);
    const earlier = [{ attempt: 1 }] as unknown as JobResult["earlierAttempts"];
    await save(activate(client, { ...handle, state: { ...handle.state, attempt: 2, earlier } }, { store }));
    const given: WholeHandle = { ...handle, state: { ...handle.state, attempt: 2, phase: "provisioning", marks: { intendedAt: 0, acceptedAt: 1 } } };
    expect(await resolveRef(client, given, store)).toMatchObject({ handle: { state: { phase: "provisioning", earlier } }, isStored: false });
    const whole: WholeHandle = { ...given, state: { ...given.state, earlier } };
    expect((await resolveRef(client, whole, store)).handle.state.earlier).toEqual(earlier);
  });

  it("end as one of them was canceled who had no group, and delete the other's", async () => {
    const canceled = { phase: "done", verdict: { outcome: "canceled", reason: "enough" }, cancel: { reason: "enough" }, result: result("canceled", "done") } as const;
    const marks = { intendedAt: 0, acceptedAt: 1 };
    for (const ours of [{ phase: "provisioning", marks }, { phase: "collected", marks, verdict: { outcome: "lost" }, result: result("lost") }] as const) {
      const { stored, kept } = await meet(canceled, ours);
      expect(kept).toMatchObject({ phase: "collected", marks, verdict: { outcome: "canceled" }, result: { outcome: "canceled", cleanup: "pending" }, pending: { kind: "save" } });
      expect(stored).toEqual(kept);
    }
    expect((await meet(canceled, { phase: "creating" })).kept).toMatchObject({ phase: "done", result: { cleanup: "done" } });
    expect((await meet(canceled, { phase: "deleting", marks: { ...marks, goneAt: 2 } })).kept).toMatchObject({ phase: "done", result: { cleanup: "done" } });
  });

  it("and so does a handle of it that has a group", async () => {
    const client = new FakeAzure().client();
    const store = memoryStore();
    const handle = handleIn(client);
    await save(activate(client, { ...handle, state: { ...handle.state, phase: "done", verdict: { outcome: "canceled" }, result: result("canceled", "done") } }, { store }));
    const given: WholeHandle = { ...handle, state: { ...handle.state, phase: "provisioning", marks: { intendedAt: 0, acceptedAt: 1 } } };
    expect(await resolveRef(client, given, store)).toMatchObject({ handle: { state: { phase: "collected", result: { outcome: "canceled", cleanup: "pending" } } }, isStored: false });
  });

  it("begin nothing where a result is known", async () => {
    expect(await meet({ attempt: 1, phase: "done", result: result("failed", "done") }, { attempt: 2, phase: "intended" })).toMatchObject({ kept: { attempt: 1, phase: "done" } });
    expect(await meet({ attempt: 1, phase: "done", result: result("failed", "done") }, { attempt: 2, phase: "creating" })).toMatchObject({ kept: { attempt: 1, phase: "done" } });
  });

  it("begin no attempt beside one that has a group, and that it does not follow on from", async () => {
    const group = { attempt: 1, phase: "running", marks: { intendedAt: 0, acceptedAt: 1 } } as const;
    const end = { ...group, phase: "done", result: result("lost", "done") } as const;
    for (const next of [{ attempt: 2, phase: "intended" }, { attempt: 2, phase: "creating" }] as const) {
      for (const one of [group, end]) {
        expect(await meet(one, next)).toMatchObject({ stored: { attempt: 1 }, kept: { attempt: 1, phase: one.phase } });
        expect(await meet(next, one)).toMatchObject({ stored: { attempt: 1 }, kept: { attempt: 1, phase: one.phase } });
      }
      const after = { ...next, earlier: [{ attempt: 1 }] as never };
      expect(await meet(group, after)).toMatchObject({ stored: { attempt: 2 }, kept: { attempt: 2 } });
      expect(await meet(after, group)).toMatchObject({ stored: { attempt: 2 }, kept: { attempt: 2 } });
    }
  });
});

it("does not go on with what another has ended before it may ask again, but for as long as a clean-up may take", async () => {
  const now = new FakeAzure().clock.now();
  const end = { phase: "collected", pending: { kind: "save" }, marks: { intendedAt: 0, acceptedAt: 1 }, result: result("lost") } as const;
  const throttled = (ms: number, tries = 1): Partial<MachineState> => ({ phase: "running", pending: { kind: "look" }, tries, wakeAt: now + ms, marks: { intendedAt: 0, acceptedAt: 1 } });
  expect((await meet(end, throttled(40_000))).kept).toMatchObject({ phase: "collected", wakeAt: now + 40_000 });
  expect((await meet(end, throttled(3_600_000))).kept).toMatchObject({ phase: "collected", wakeAt: now + resolveLimits({}).cleanupTimeoutInMs });
  // Where nothing is left to be looked for, and where the pause was that of a schedule, there is no reason to wait.
  expect((await meet({ ...end, marks: { ...end.marks, goneAt: 2 } }, throttled(40_000))).kept).toMatchObject({ phase: "collected", wakeAt: 0 });
  expect((await meet(end, throttled(40_000, 0))).kept).toMatchObject({ phase: "collected", wakeAt: 0 });
});

describe("a create that was refused for good, or a group that could not be looked for", () => {
  const refused = { phase: "collected", result: result("neverStarted"), marks: { intendedAt: 0, createAt: 1 } } as const;
  const ran = { phase: "collected", result: result("succeeded"), marks: { intendedAt: 0, createAt: 1, acceptedAt: 2 } } as const;
  const outcome = { result: { outcome: "succeeded" } };

  it("is not the end of a job that another process has a group of", async () => {
    expect(await meet(refused, ran)).toMatchObject({ stored: outcome, kept: outcome });
    expect(await meet(ran, refused)).toMatchObject({ stored: outcome, kept: outcome });
    const adopted = { ...ran, marks: { intendedAt: 0, createAt: 1 }, snapshot: {} as never };
    expect(await meet(refused, adopted)).toMatchObject({ stored: outcome, kept: outcome });
    expect(await meet(refused, { ...ran, phase: "running", result: undefined })).toMatchObject({ stored: { phase: "running" } });
  });

  it.each(["neverStarted", "lost"] as const)("is no reason for another attempt either, nor for the end of that group: %s", async (outcome) => {
    const blind = { phase: "collected", verdict: { outcome }, retry: { location: "westeurope", delayInMs: 0 }, marks: { intendedAt: 0, createAt: 1 } } as const;
    const running = { phase: "running", marks: ran.marks } as const;
    for (const [first, second] of [[running, blind], [blind, running]] as const) expect(await meet(first, second)).toMatchObject({ stored: { phase: "running" }, kept: { phase: "running" } });
    const given = { ...blind, retry: undefined, result: result(outcome) };
    expect(await meet(running, given)).toMatchObject({ stored: { phase: "running" }, kept: { phase: "running" } });
  });

  it("is the end of one that nobody has a group of, or had one of before", async () => {
    const end = { result: { outcome: "neverStarted" } };
    expect(await meet(refused, { phase: "creating", marks: refused.marks })).toMatchObject({ stored: end, kept: end });
    const next = { ...refused, attempt: 2, earlier: [{ attempt: 1 }] as never };
    expect(await meet(next, ran)).toMatchObject({ stored: { attempt: 2 }, kept: { attempt: 2 } });
    expect(await meet(ran, next)).toMatchObject({ stored: { attempt: 2 }, kept: { attempt: 2 } });
    // Without a group before it knows nothing of how that one ended.
    expect(await meet({ ...refused, attempt: 2 }, ran)).toMatchObject({ stored: { attempt: 1 }, kept: { attempt: 1 } });
    expect(await meet(ran, { ...refused, attempt: 2 })).toMatchObject({ stored: { attempt: 1 }, kept: { attempt: 1 } });
    expect(await meet({ ...refused, marks: ran.marks }, ran)).toMatchObject({ stored: end, kept: end });
  });
});

describe("a store that fails", () => {
  it("before the end is known fails the call, and nothing was begun", async () => {
    const azure = new FakeAzure();
    const store = { ...memoryStore(), write: () => Promise.reject(new Error("ENOSPC")) };
    await expect(azure.until(runContainerJob(azure.client(), { key: "k", image: "a" }, { store }))).rejects.toThrow("ENOSPC");
    expect(azure.puts).toHaveLength(0);
  });

  it("when the result is known does not cost it, and leaves the group, from which it can be had again", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    let writes = 0;
    const store: JobStore = { ...memory, write: (...args) => (++writes > 1 ? Promise.reject(new Error("ENOSPC")) : memory.write(...args)) };
    const events: LifecycleEvent[] = [];
    const outcome = await azure.until(runContainerJob(azure.client(), { key: "k", image: "a" }, { store, onEvent: (event) => events.push(event) }));
    expect(outcome).toMatchObject({ outcome: "succeeded", logs: "hello\n", cleanup: "pending" });
    expect(azure.groups.size).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: "jobFault", request: "save", text: "ENOSPC" });
    expect(await azure.until(runContainerJob(azure.client(), { key: "k", image: "a" }, { store: memory }))).toMatchObject({ outcome: "succeeded", cleanup: "done" });
    expect(azure.puts).toHaveLength(1);
  });
});

it("hands out one result to two callers, whichever of them has seen the end", async () => {
  const azure = new FakeAzure();
  const store = memoryStore();
  const run = (): Promise<JobResult> => runContainerJob(azure.client(), { key: "k", image: "a" }, { store, retry: { exitCodes: "nonZero", maxAttempts: 2 }, reject: false });
  azure.exitCode = 1;
  const [one, two] = await Promise.all([azure.until(run()), azure.until(run())]);
  expect(one.outcome).toBe(two.outcome);
  expect(one.attempt).toBe(two.attempt);
  // Where both have found no group at the same moment, both send the same one.
  expect(new Set(azure.puts.map((group) => JSON.stringify(group))).size).toBe(2);
});

it("refuses one of two callers who ask for different things by one key at once", async () => {
  const azure = new FakeAzure();
  const store = memoryStore();
  const run = (image: string): Promise<JobResult> => runContainerJob(azure.client(), { key: "k", image }, { store });
  const [one, two] = await Promise.allSettled([azure.until(run("a")), azure.until(run("b"))]);
  expect(one).toMatchObject({ status: "fulfilled", value: { outcome: "succeeded" } });
  expect(two).toMatchObject({ status: "rejected", reason: { code: "ACI_JOB_CONFLICT" } });
  expect(azure.puts).toHaveLength(1);
});

it("begins nothing where the store has the key with another spec by then", async () => {
  const client = new FakeAzure().client();
  const store = memoryStore();
  const take = (image: string): ActiveJob => activate(client, newHandle({ key: "k", image }, "k", { limits: resolveLimits({}), main: "main" }, partsOf(client)), { store });
  await save(take("a"));
  await expect(giveWay(take("b"))).rejects.toMatchObject({ code: "ACI_JOB_CONFLICT" });
});

it("begins no second attempt where the store has a result of the first by then", async () => {
  const client = new FakeAzure().client();
  const store = memoryStore();
  const take = (state: Partial<MachineState>): ActiveJob => activate(client, handleIn(client, state), { store });
  await save(take({ attempt: 1, phase: "done", result: result("canceled", "done") }));
  // It has looked for the group of the first in vain, and is about to create one.
  const late = take({ attempt: 2, phase: "creating" });
  expect(await giveWay(late)).toBe(true);
  expect(late.handle.state).toMatchObject({ attempt: 1, result: { outcome: "canceled" } });
});

it("knows of the attempts before the one it has created, which another process has put on record meanwhile", async () => {
  const client = new FakeAzure().client();
  const store = memoryStore();
  const handle = handleIn(client);
  const take = (state: Partial<MachineState>): ActiveJob => activate(client, { ...handle, state: { ...handle.state, attempt: 2, ...state } }, { store });
  const earlier = [{ attempt: 1, outcome: "lost" }] as unknown as JobResult["earlierAttempts"];
  await save(take({ phase: "intended", earlier }));
  const late = take({ phase: "creating" });
  expect(await giveWay(late)).toBe(false);
  await save(late);
  expect(late.handle.state).toMatchObject({ phase: "creating", attempt: 2, earlier });
  expect((await store.read((await keyOf(store)) ?? ""))?.value).toMatchObject({ state: { earlier } });
});

describe("a job that another process has ended", () => {
  const spec = { key: "k", image: "a" };

  // A job of which one process has a poller, by the handle or the key, while another one runs it to its end, or to its death
  // before the end is written.
  async function overtaken(azure: FakeAzure, store: JobStore, isKilled: boolean, logSink?: LogSink): Promise<JobPoller> {
    const handle = await azure.until(startContainerJob(azure.client(), spec, { store }));
    const job = await resumeContainerJob(azure.client(), handle, { store, logSink });
    if (logSink !== undefined) {
      await azure.clock.advance(3000);
      await azure.until(job.poll());
    }
    azure.log = "first\nlast\n";
    const dying: JobStore = { ...store, write: async (...args) => (isKilled && JSON.stringify(args[1]).includes('"phase":"done"') ? "9" : store.write(...args)) };
    await azure.until(runContainerJob(azure.client(), spec, { store: dying }));
    expect(azure.groups.size).toBe(0);
    return job;
  }

  it.each([true, false])("has its log from the store (killed before the end was written: %s)", async (isKilled) => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const job = await overtaken(azure, store, isKilled);
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ outcome: "succeeded", exitCode: 0, logs: "first\nlast\n", isLogTruncated: false, containers: { main: { state: "Terminated" } }, cleanup: "done" });
    const again = await azure.until(runContainerJob(azure.client(), spec, { store }));
    expect(again).toMatchObject({ logs: "first\nlast\n", cleanup: "done" });
    expect(azure.puts).toHaveLength(1);
  });

  it.each([true, false])("has the whole of it, though this process has read the beginning (killed before the end was written: %s)", async (isKilled) => {
    const azure = new FakeAzure();
    azure.log = "first\n";
    const job = await overtaken(azure, memoryStore(), isKilled, { write: () => undefined });
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ outcome: "succeeded", logs: "first\nlast\n", isLogTruncated: false });
  });

  it.each([true, false])("has all of it, though this process has read it and found nothing (killed before the end was written: %s)", async (isKilled) => {
    const azure = new FakeAzure();
    azure.log = "";
    const job = await overtaken(azure, memoryStore(), isKilled, { write: () => undefined });
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ outcome: "succeeded", logs: "first\nlast\n", isLogTruncated: false });
  });

  it("is over at once for who resumes it by an old handle", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const handle = await azure.until(startContainerJob(azure.client(), spec, { store }));
    const result = await azure.until(runContainerJob(azure.client(), spec, { store }));
    azure.requests.length = 0;
    const job = await resumeContainerJob(azure.client(), handle, { store });
    expect(await azure.until(job.pollUntilDone())).toEqual(result);
    expect(azure.requests).toEqual([]);
  });

  it("is no other job's, though that has the same key", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    await azure.until(runContainerJob(azure.client(), spec, { store }));
    const handle = await azure.until(startContainerJob(azure.client(), { ...spec, image: "b" }));
    await expect(resumeContainerJob(azure.client(), handle, { store })).rejects.toMatchObject({ code: "ACI_JOB_CONFLICT" });
  });

  it("has only the log of the attempt that it ended with", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const retry = { exitCodes: [1], maxAttempts: 2 };
    azure.log = "of the first attempt\n";
    const handle = await azure.until(startContainerJob(azure.client(), spec, { store, retry }));
    const job = await resumeContainerJob(azure.client(), handle, { store, logSink: { write: () => undefined } });
    await azure.clock.advance(3000);
    await azure.until(job.poll());
    azure.exitCode = 1;
    azure.after = (verb) => {
      if (verb === "delete") Object.assign(azure, { exitCode: 0, log: "of the second attempt\n" });
    };
    await azure.until(runContainerJob(azure.client(), spec, { store, retry }));
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ attempt: 2, logs: "of the second attempt\n", isLogTruncated: false });
  });
});
