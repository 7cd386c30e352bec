import { describe, expect, it } from "vitest";
import { memoryStore, startContainerJob, stepContainerJob, type JobHandle, type JobStep, type JobStore, type LifecycleEvent, type StepContainerJobOptions } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { key: "k", image: "alpine:3" };
const copy = (handle: JobHandle): JobHandle => JSON.parse(JSON.stringify(handle)) as JobHandle;

// Steps, from handle to handle as a host does, until it is over or `isEnough`.
async function stepUntil(azure: FakeAzure, from: JobHandle, options: StepContainerJobOptions, isEnough: (step: JobStep) => boolean): Promise<JobStep> {
  for (let handle = from, steps = 0; steps < 30; steps++) {
    const step = await azure.until(stepContainerJob(azure.client(), handle, options));
    if (step.done || isEnough(step)) return step;
    handle = copy(step.handle);
    await azure.clock.advance(step.nextCheckInMs);
  }
  throw new Error("It does not end");
}

describe("a store that fails", () => {
  it("when the result is known loses nothing of it, and nothing is deleted until it is on record", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    let isBroken = false;
    const store: JobStore = { ...memory, write: (...args) => (isBroken ? Promise.reject(new Error("ENOSPC")) : memory.write(...args)) };
    const handle = await azure.until(startContainerJob(azure.client(), SPEC, { store }));
    azure.before = (verb) => {
      if (verb === "readLogs") isBroken = true;
    };
    const events: LifecycleEvent[] = [];
    const options = { store, onEvent: (event: LifecycleEvent) => void events.push(event) };
    const known = await stepUntil(azure, handle, options, ({ result }) => result !== undefined);
    expect(known).toMatchObject({ done: false, nextCheckInMs: 5000, result: { outcome: "succeeded", logs: "hello\n", cleanup: "pending" } });
    expect(events.at(-1)).toMatchObject({ type: "jobFault", request: "save", text: "ENOSPC" });
    // The handle has the result, and the store has not: it comes first.
    const still = await azure.until(stepContainerJob(azure.client(), copy(known.handle), options));
    expect(still).toMatchObject({ done: false, result: { outcome: "succeeded" } });
    expect(azure.requests).not.toContain("delete");
    isBroken = false;
    expect(await stepUntil(azure, copy(still.handle), options, () => false)).toMatchObject({ done: true, result: { outcome: "succeeded", logs: "hello\n", cleanup: "done" } });
    expect(await azure.until(stepContainerJob(azure.client(), { key: "k" }, { store: memory }))).toMatchObject({ done: true, result: { outcome: "succeeded" } });
  });

  it("at the very end costs nothing either", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    let isBroken = false;
    const store: JobStore = { ...memory, write: (...args) => (isBroken ? Promise.reject(new Error("ENOSPC")) : memory.write(...args)) };
    const handle = await azure.until(startContainerJob(azure.client(), SPEC, { store }));
    azure.before = (verb) => {
      if (verb === "delete") isBroken = true;
    };
    expect(await stepUntil(azure, handle, { store }, () => false)).toMatchObject({ done: true, result: { outcome: "succeeded", cleanup: "done" } });
  });

  it("before that fails the step, and the handle that the host has goes on", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    const handle = await azure.until(startContainerJob(azure.client(), SPEC, { store: memory }));
    const store: JobStore = { ...memory, write: () => Promise.reject(new Error("ENOSPC")) };
    await expect(azure.until(stepContainerJob(azure.client(), handle, { store }))).rejects.toThrow("ENOSPC");
    expect(await stepUntil(azure, handle, { store: memory }, () => false)).toMatchObject({ done: true, result: { outcome: "succeeded" } });
  });
});
