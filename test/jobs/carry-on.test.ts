import { describe, expect, it } from "vitest";
import { beginContainerJob, cancelContainerJob, findContainerJob, memoryStore, resumeContainerJob, runContainerJob, startContainerJob, stepContainerJob, sweep, type JobHandle, type JobStep } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { key: "k", image: "alpine:3" };
const copy = (handle: JobHandle): JobHandle => JSON.parse(JSON.stringify(handle)) as JobHandle;

describe("startContainerJob and stepContainerJob", () => {
  it("carry a job to its end through handles in JSON, a client at each step", async () => {
    const azure = new FakeAzure();
    let handle = copy(await azure.until(startContainerJob(azure.client(), SPEC)));
    expect(azure.groups.size).toBe(1);
    let step: JobStep;
    let knownBeforeDone = false;
    do {
      step = await azure.until(stepContainerJob(azure.client(), handle));
      handle = copy(step.handle);
      if (!step.done) {
        knownBeforeDone ||= step.result !== undefined;
        await azure.clock.advance(step.nextCheckInMs);
      }
    } while (!step.done);
    expect(step.result).toMatchObject({ outcome: "succeeded", logs: "hello\n", cleanup: "done" });
    expect(knownBeforeDone).toBe(true);
    expect(azure.puts).toHaveLength(1);
    expect(JSON.stringify(handle).length).toBeLessThan(8000);
  });

  it("reject when Azure refuses the group", async () => {
    const azure = new FakeAzure();
    azure.before = (verb) => {
      if (verb === "put") throw azure.fault({ statusCode: 400, serviceCode: "InaccessibleImage" });
    };
    await expect(azure.until(startContainerJob(azure.client(), SPEC))).rejects.toMatchObject({ outcome: "neverStarted", error: { serviceCode: "InaccessibleImage" } });
  });
});

describe("findContainerJob and resumeContainerJob", () => {
  it("find a job by its key alone, with the limits it was begun with", async () => {
    const azure = new FakeAzure();
    await azure.until(startContainerJob(azure.client(), SPEC, { runTimeoutInMs: 5000, keep: "always" }));
    const handle = await azure.until(findContainerJob(azure.client(), "k"));
    expect(handle).toMatchObject({ key: "k", limits: { runTimeoutInMs: 5000, keep: "always" } });
    const job = await azure.until(resumeContainerJob(azure.client(), { key: "k" }));
    await expect(azure.until(job.pollUntilDone())).rejects.toMatchObject({ outcome: "timedOut", cleanup: "kept" });
    expect(await azure.until(findContainerJob(azure.client({ owner: "other" }), "k"))).toBeUndefined();
  });

  it.each(["by its key", "by the same call", "by its key, marked by a sweep"])("count the time to start from the create of the group, by Azure's clock, whoever takes it up %s", async (how) => {
    const azure = new FakeAzure();
    azure.aheadInMs = 3_600_000;
    azure.look = (snapshot) => ({ ...snapshot, containers: snapshot.containers.map((one) => ({ ...one, currentState: { state: "Waiting" } })) });
    await azure.until(startContainerJob(azure.client(), SPEC, { startTimeoutInMs: 600_000 }));
    if (how.endsWith("sweep")) {
      azure.tellsAges = false;
      await sweep(azure.client());
    }
    await azure.clock.advance(540_000);
    const since = azure.clock.now();
    const result = how === "by the same call" ? runContainerJob(azure.client(), SPEC, { reject: false }) : (await azure.until(resumeContainerJob(azure.client(), { key: "k" }, {}))).pollUntilDone();
    await azure.until(result.catch(() => undefined));
    expect(azure.clock.now() - since).toBeLessThan(70_000);
    expect(azure.groups.size).toBe(0);
  });

  it.each([["made after its end, and is left alone", true], ["met by a sweep after its end, and may be older", false]])("tell whose a group is that was %s", async (_, tellsAges) => {
    const azure = new FakeAzure();
    azure.before = (verb) => {
      if (verb === "readLogs") throw azure.fault({ statusCode: 503 });
    };
    const controller = new AbortController();
    const ended = runContainerJob(azure.client(), SPEC, { detachSignal: controller.signal, onEvent: ({ type }) => type === "jobCollecting" && controller.abort() });
    const { handle } = (await azure.until(ended.catch((error: unknown) => error))) as { handle: JobHandle };
    azure.before = () => undefined;
    await azure.clock.advance(86_400_000);
    const [[name, group] = []] = azure.groups;
    if (name !== undefined && group !== undefined) azure.groups.set(name, { ...group, createdAt: azure.clock.now() });
    azure.tellsAges = tellsAges;
    await sweep(azure.client());
    await azure.clock.advance(60_000);
    const job = await resumeContainerJob(azure.client(), handle);
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ outcome: "succeeded", isLogTruncated: "unknown" });
    expect(azure.groups.size).toBe(tellsAges ? 1 : 0);
  });

  it("find nothing where nothing is", async () => {
    const azure = new FakeAzure();
    await expect(azure.until(resumeContainerJob(azure.client(), { key: "none" }))).rejects.toMatchObject({ code: "ACI_NOT_FOUND" });
    await expect(resumeContainerJob(azure.client(), { kind: "other" } as never)).rejects.toThrow(TypeError);
  });

  it("find a result in the store when the group is gone", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    await azure.until(runContainerJob(azure.client(), SPEC, { store }));
    const job = await azure.until(resumeContainerJob(azure.client(), { key: "k" }, { store }));
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ exitCode: 0, logs: "hello\n" });
  });

  it("cannot start again what needs secrets that stayed elsewhere", async () => {
    const azure = new FakeAzure();
    azure.before = (verb) => {
      if (verb === "put") throw new Error("the process died here");
    };
    const store = memoryStore();
    const spec = { ...SPEC, environment: { KEY: { secureValue: "s3cr3t" } } };
    await expect(azure.until(runContainerJob(azure.client(), spec, { store }))).rejects.toThrow("died");
    azure.before = () => undefined;
    const job = await azure.until(resumeContainerJob(azure.client(), { key: "k" }, { store }));
    await expect(azure.until(job.pollUntilDone())).rejects.toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS" });
    expect(JSON.stringify(job.handle)).not.toContain("s3cr3t");
    expect(await azure.until(runContainerJob(azure.client(), spec, { store }))).toMatchObject({ exitCode: 0 });
  });
});

describe("cancelContainerJob", () => {
  it("ends the wait of another process as canceled, with its logs", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    const running = runContainerJob(azure.client(), SPEC, { reject: false });
    await azure.clock.advance(60_000);
    const [result] = await azure.until(Promise.all([running, cancelContainerJob(azure.client(), { key: "k" }, { reason: "enough" })]));
    expect(result).toMatchObject({ outcome: "canceled", reason: "enough", logs: "hello\n", cleanup: "done" });
    expect(azure.groups.size).toBe(0);
  });

  it("deletes the group itself if nobody waits, and nothing of somebody else", async () => {
    const azure = new FakeAzure();
    const handle = await azure.until(startContainerJob(azure.client(), SPEC));
    await azure.until(cancelContainerJob(azure.client({ owner: "other" }), handle));
    expect(azure.groups.size).toBe(1);
    await azure.until(cancelContainerJob(azure.client(), handle));
    expect(azure.groups.size).toBe(0);
    await azure.until(cancelContainerJob(azure.client(), handle));
  });
});

describe("JobPoller", () => {
  it("sends nothing before its first poll, and is no promise", async () => {
    const azure = new FakeAzure();
    const poller = await Promise.resolve(beginContainerJob(azure.client(), SPEC));
    expect(azure.requests).toEqual([]);
    expect(() => poller.handle).toThrow("no handle");
    expect((await azure.until(poller.poll())).status).toBe("running");
    expect(JSON.parse(poller.serialize())).toMatchObject({ key: "k" });
  });

  it("goes on after a wait was stopped and after a passing fault", async () => {
    const azure = new FakeAzure();
    const poller = beginContainerJob(azure.client(), SPEC);
    const phases: string[] = [];
    const stop = poller.onProgress(({ phase }) => phases.push(phase));
    const controller = new AbortController();
    const waiting = poller.pollUntilDone({ abortSignal: controller.signal });
    waiting.catch(() => undefined);
    await azure.clock.advance(4000);
    controller.abort(new Error("stop waiting"));
    await expect(azure.until(waiting)).rejects.toThrow("stop waiting");
    let isBusy = true;
    azure.before = (verb) => {
      if (verb === "get" && isBusy) {
        isBusy = false;
        throw azure.fault({ statusCode: 503 });
      }
    };
    const [one, two] = await azure.until(Promise.all([poller.pollUntilDone(), poller.pollUntilDone()]));
    expect(one).toEqual(two);
    expect(poller.isDone).toBe(true);
    expect(phases).toContain("running");
    stop();
    expect(azure.puts).toHaveLength(1);
  });

  it("cancels, and detaches", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    const poller = beginContainerJob(azure.client(), SPEC);
    await azure.until(poller.poll());
    await azure.until(poller.cancel());
    await expect(azure.until(poller.pollUntilDone())).rejects.toMatchObject({ outcome: "canceled" });
    expect(azure.groups.size).toBe(0);
    const other = beginContainerJob(azure.client(), { ...SPEC, key: "other" });
    const waiting = other.pollUntilDone();
    waiting.catch(() => undefined);
    await azure.clock.advance(3000);
    const handle = other.detach();
    await expect(azure.until(waiting)).rejects.toMatchObject({ code: "ACI_JOB_DETACHED" });
    azure.runsInMs = 1000;
    expect(await azure.until((await resumeContainerJob(azure.client(), copy(handle))).pollUntilDone())).toMatchObject({ exitCode: 0 });
  });
});
