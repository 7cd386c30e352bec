import { describe, expect, it } from "vitest";
import { memoryStore, resumeContainerJob, runContainerJob, startContainerJob, stepContainerJob } from "../../src/index.js";
import type { ContainerJobError, JobStore } from "../../src/index.js";
import { partsOf } from "../../src/client/parts.js";
import { activate } from "../../src/jobs/drive/active-job.js";
import type { WholeHandle } from "../../src/jobs/drive/job-handle.js";
import { toGroup } from "../../src/jobs/spec/to-group.js";
import { FakeAzure } from "./fake-azure.js";
import { handleIn } from "./handle-in.js";
import { refuseIn, soon, stepToEnd } from "./steps.js";

const spec = { key: "k", image: "a" };

it("a job that is canceled while another reads the logs of its end is not tried again", async () => {
  const azure = new FakeAzure();
  Object.assign(azure, { exitCode: 1, log: "" });
  const store = memoryStore();
  const begun = await azure.until(startContainerJob(azure.client(), spec, { store, retry: { exitCodes: "nonZero", maxAttempts: 2, firstDelayInMs: 1000 } }));
  await azure.clock.advance(3000);
  const { handle } = await azure.until(stepContainerJob(azure.client(), begun, { store }));
  expect((handle as WholeHandle).state.phase).toBe("running");
  await azure.clock.advance(10_000);
  let isFirst = true;
  const slow: JobStore = {
    ...store,
    write: async (...given) => {
      if (isFirst) {
        isFirst = false;
        const other = await stepContainerJob(azure.client(), handle, { store });
        expect((other.handle as WholeHandle).state).toMatchObject({ phase: "ended", verdict: { exitCode: 1 } });
      }
      return store.write(...given);
    },
  };
  const canceled = await azure.until(stepContainerJob(azure.client(), handle, { store: slow, abortSignal: AbortSignal.abort(new Error("enough")) }));
  await azure.clock.advance(1000);
  const last = await stepToEnd(azure, store, canceled.handle);
  expect([azure.puts.length, last.done, last.result?.attempt]).toEqual([1, true, 1]);
});

describe("a group that another was just given has its own time to start", () => {
  it.each(["goes on", "has died"])("for who was refused one for all of his time, while the other %s", async (how) => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const limits = { store, startTimeoutInMs: 300_000 };
    azure.before = refuseIn(azure);
    const one = runContainerJob(azure.client(), spec, { ...limits, reject: false });
    const late = azure.clock.now() + 299_000;
    while (azure.clock.now() < late) await azure.clock.advance(1000);
    azure.before = () => undefined;
    const handle = await soon(azure, startContainerJob(azure.client(), spec, limits));
    expect(azure.groups.size).toBe(1);
    const other = how === "goes on" ? (await resumeContainerJob(azure.client(), handle, { store })).pollUntilDone().catch((error: unknown) => error as ContainerJobError) : undefined;
    expect((await azure.until(one)).outcome).toBe("succeeded");
    expect((await azure.until(other ?? stepToEnd(azure, store, handle).then(({ result }) => result)))?.outcome).toBe("succeeded");
  });

  it("for who can read no list, and finds it under its own name", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    azure.before = (verb) => {
      if (verb === "list") throw azure.fault({ statusCode: 503 });
    };
    const handle = handleIn(client);
    await azure.clock.advance(handle.limits.startTimeoutInMs - 1000);
    azure.runsInMs = 120_000;
    const madeAt = azure.clock.now();
    // Its image is large.
    azure.look = (shown) => (azure.clock.now() > madeAt + 60_000 ? shown : { ...shown, containers: shown.containers.map((one) => ({ ...one, currentState: { state: "Waiting", detail: "" } })) });
    const { plan } = activate(client, handle, {});
    const group = toGroup(handle.spec ?? spec, plan, handle.state);
    await partsOf(client).gateway.put(group, {});
    await azure.clock.advance(100);
    expect(await stepToEnd(azure, memoryStore(), handle)).toMatchObject({ done: true, result: { outcome: "succeeded" } });
  });
});

it("the log of an end is whole, though the write of it seems to fail after it was done", async () => {
  const azure = new FakeAzure();
  azure.runsInMs = 600_000;
  azure.log = "x".repeat(99).concat("\n").repeat(400);
  const store = memoryStore();
  let isFirst = true;
  const lossy: JobStore = {
    ...store,
    write: async (...given) => {
      const version = await store.write(...given);
      if (!isFirst || !JSON.stringify(given[1]).includes('"phase":"collected"')) return version;
      isFirst = false;
      throw new Error("ECONNRESET");
    },
  };
  const told = await azure.until(runContainerJob(azure.client(), spec, { store: lossy, reject: false, runTimeoutInMs: 30_000 }));
  expect([isFirst, told.outcome, told.logs.length]).toEqual([false, "timedOut", 40_000]);
});
