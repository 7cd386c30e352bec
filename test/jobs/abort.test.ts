import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { runContainerJob, type JobDetachedError } from "../../src/index.js";
import { onAbort } from "../../src/internal/abort.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { image: "alpine:3" };
const reason = new Error("the user left");

async function abortedAt(verb: string, nth: number): Promise<{ azure: FakeAzure; outcome: unknown; listeners: number }> {
  const azure = new FakeAzure();
  const controller = new AbortController();
  let seen = 0;
  azure.before = (now) => {
    if (now === verb && ++seen === nth) controller.abort(reason);
  };
  const running = runContainerJob(azure.client(), { ...SPEC, key: "k" }, { abortSignal: controller.signal });
  const outcome: unknown = await azure.until(running).catch((error: unknown) => error);
  return { azure, outcome, listeners: getEventListeners(controller.signal, "abort").length };
}

describe("an abort", () => {
  it.each([
    ["list", 1],
    ["get", 1],
    ["put", 1],
    ["get", 2],
    ["get", 4],
  ])("during request %s #%i cancels the job and leaves no group and no listener", async (verb, nth) => {
    const { azure, outcome, listeners } = await abortedAt(verb, nth);
    expect(outcome).toMatchObject({ code: "ACI_JOB_CANCELED", outcome: "canceled", cleanup: "done", cause: reason });
    expect(azure.groups.size).toBe(0);
    expect(listeners).toBe(0);
    expect(azure.clock.nextWakeAt).toBeUndefined();
  });

  it.each(["readLogs", "delete"])("during %s comes too late to change the result", async (verb) => {
    const { azure, outcome } = await abortedAt(verb, 1);
    expect(outcome).toMatchObject({ outcome: "succeeded", cleanup: "done" });
    expect(azure.groups.size).toBe(0);
  });

  it("costs a job no listener of Node's where the signal stops others too, however often the job is looked at", async () => {
    const azure = new FakeAzure();
    const { signal } = new AbortController();
    const leave = onAbort(signal, () => undefined);
    const listens = vi.spyOn(signal, "addEventListener");
    const completion = { name: "often", nextCheck: (): { earliestInMs: number } => ({ earliestInMs: azure.runsInMs / 100 }) };
    await azure.until(runContainerJob(azure.client(), { ...SPEC, key: "k" }, { abortSignal: signal, detachSignal: signal, completion }));
    expect(listens).not.toHaveBeenCalled();
    leave();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("before the start sends nothing", async () => {
    const azure = new FakeAzure();
    const abortSignal = AbortSignal.abort(reason);
    await expect(azure.until(runContainerJob(azure.client(), { ...SPEC, key: "k" }, { abortSignal }))).rejects.toMatchObject({ outcome: "canceled", requests: 0 });
    expect(azure.requests).toEqual([]);
  });

  it("during a look is heard when that is answered, and not a pause later", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    const controller = new AbortController();
    const startAt = azure.clock.now();
    let abortedAt: number | undefined;
    azure.before = (verb) => {
      if (verb !== "get" || azure.clock.now() < startAt + 600_000 || abortedAt !== undefined) return;
      abortedAt = azure.clock.now();
      controller.abort(reason);
    };
    await expect(azure.until(runContainerJob(azure.client(), SPEC, { abortSignal: controller.signal }))).rejects.toMatchObject({ outcome: "canceled" });
    expect(azure.clock.now() - (abortedAt ?? 0)).toBeLessThan(1000);
  });

  it("between two requests is heard at once", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    const controller = new AbortController();
    const running = runContainerJob(azure.client(), SPEC, { abortSignal: controller.signal });
    running.catch(() => undefined);
    await azure.clock.advance(600_000);
    controller.abort(reason);
    const before = azure.clock.now();
    await expect(azure.until(running)).rejects.toMatchObject({ outcome: "canceled", logs: "hello\n" });
    expect(azure.clock.now() - before).toBeLessThan(1000);
  });

  it("whose group cannot be deleted says where it is", async () => {
    const azure = new FakeAzure();
    azure.before = (verb) => {
      if (verb === "delete") throw azure.fault({ statusCode: 403, serviceCode: "ScopeLocked" });
    };
    const controller = new AbortController();
    const running = runContainerJob(azure.client(), SPEC, { abortSignal: controller.signal });
    running.catch(() => undefined);
    await azure.clock.advance(5000);
    controller.abort(reason);
    await expect(azure.until(running)).rejects.toMatchObject({ cleanup: "pending", resourceId: expect.stringContaining("/groups/aci-") as string });
  });
});

describe("a detach", () => {
  it("leaves the group to run and hands out the handle", async () => {
    const azure = new FakeAzure();
    const controller = new AbortController();
    const running = runContainerJob(azure.client(), SPEC, { detachSignal: controller.signal });
    running.catch(() => undefined);
    await azure.clock.advance(5000);
    controller.abort(reason);
    const error = (await azure.until(running).catch((thrown: unknown) => thrown)) as JobDetachedError;
    expect(error).toMatchObject({ name: "JobDetachedError", code: "ACI_JOB_DETACHED", handle: { kind: "aci-lifecycle/job", version: 1 } });
    expect(azure.groups.size).toBe(1);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });
});
