import { describe, expect, it } from "vitest";
import { memoryStore, runContainerJob, startContainerJob, stepContainerJob, type JobHandle, type JobStep, type JobStore, type JsonValue, type LifecycleEvent } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { key: "k", image: "alpine:3" };
const NO_ROOM = { statusCode: 409, serviceCode: "ServiceUnavailable", serviceText: "The requested resource is not available in the location 'a' at this moment." };

describe("a job with a retry policy", () => {
  it("has one group after the other until it succeeds, and never two at once", async () => {
    const azure = new FakeAzure();
    let most = 0;
    azure.exitCode = 1;
    azure.before = (verb) => {
      most = Math.max(most, azure.groups.size);
      if (verb === "put" && azure.puts.length === 2) azure.exitCode = 0;
    };
    const events: LifecycleEvent[] = [];
    const result = await azure.until(runContainerJob(azure.client(), SPEC, { retry: { exitCodes: "nonZero" }, onEvent: (event) => events.push(event) }));
    expect(result).toMatchObject({ outcome: "succeeded", attempt: 3, earlierAttempts: [{ attempt: 1, exitCode: 1, logs: "hello\n" }, { attempt: 2, exitCode: 1 }], cleanup: "done" });
    expect(result.earlierAttempts.map(({ timings }) => timings)).toEqual([1, 2].map(() => expect.objectContaining({ provisionedInMs: 2000, ranInMs: 10_000, deletedInMs: 0 }) as unknown));
    expect(azure.puts.map(({ name }) => name.slice(-2))).toEqual(["-1", "-2", "-3"]);
    expect(most).toBe(1);
    expect(azure.groups.size).toBe(0);
    expect(events.filter(({ type }) => type === "jobRetrying")).toHaveLength(2);
  });

  it("goes on where it was, from handles, a client at each step", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 75;
    let handle: JobHandle = await azure.until(startContainerJob(azure.client(), SPEC, { retry: { maxAttempts: 2, exitCodes: [75] } }));
    let step: JobStep;
    do {
      step = await azure.until(stepContainerJob(azure.client(), JSON.parse(JSON.stringify(handle)) as JobHandle));
      handle = step.handle;
      if (!step.done) await azure.clock.advance(step.nextCheckInMs);
    } while (!step.done);
    expect(step.result).toMatchObject({ outcome: "failed", exitCode: 75, attempt: 2, earlierAttempts: [{ attempt: 1 }] });
    expect(azure.puts).toHaveLength(2);
  });

  it("keeps its attempts in the store, so that another caller goes on with the latest", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    azure.exitCode = 1;
    const options = { retry: { maxAttempts: 2, exitCodes: "nonZero" }, store, reject: false } as const;
    const first = await azure.until(runContainerJob(azure.client(), SPEC, options));
    const second = await azure.until(runContainerJob(azure.client(), SPEC, options));
    expect(second).toEqual(first);
    expect(azure.puts).toHaveLength(2);
  });

  it("that was not run takes no name again when the call is made again, by another process for instance", async () => {
    const azure = new FakeAzure();
    const options = { store: memoryStore(), reject: false } as const;
    const client = azure.client();
    await azure.until(runContainerJob(client, SPEC));
    azure.before = () => {
      throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    expect(await azure.until(runContainerJob(client, SPEC, options))).toMatchObject({ outcome: "notRun", attempt: 2 });
    azure.before = () => undefined;
    expect(await azure.until(runContainerJob(azure.client(), SPEC, options))).toMatchObject({ outcome: "succeeded", attempt: 2 });
  });

  it("that was not run at all begins when the call is made again", async () => {
    const azure = new FakeAzure();
    const options = { store: memoryStore(), reject: false } as const;
    azure.before = () => {
      throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    expect(await azure.until(runContainerJob(azure.client(), SPEC, options))).toMatchObject({ outcome: "notRun", attempt: 1 });
    azure.before = () => undefined;
    expect(await azure.until(runContainerJob(azure.client(), SPEC, options))).toMatchObject({ outcome: "succeeded", attempt: 1, earlierAttempts: [] });
  });

  it.each(["its intent is saved", "its group is created"])("that was not run begins again, though another caller keeps that once more before %s", async (moment) => {
    const azure = new FakeAzure();
    const store = memoryStore();
    azure.before = () => {
      throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    expect(await azure.until(runContainerJob(azure.client(), SPEC, { store, reject: false }))).toMatchObject({ outcome: "notRun" });
    let notRun: JsonValue = null;
    const keepAgain = async (key: string): Promise<unknown> => store.write(key, notRun, (await store.read(key))?.version ?? "absent");
    const calls = { read: 0, write: 0 };
    const late: JobStore = {
      ...store,
      read: async (key) => {
        if (calls.read++ === 0) notRun = (await store.read(key))?.value ?? null;
        else if (moment === "its group is created" && calls.read === 2) await keepAgain(key);
        return store.read(key);
      },
      write: async (key, ...given) => {
        if (calls.write++ === 0 && moment === "its intent is saved") await keepAgain(key);
        return store.write(key, ...given);
      },
    };
    azure.before = () => undefined;
    expect(await azure.until(runContainerJob(azure.client(), SPEC, { store: late }))).toMatchObject({ outcome: "succeeded", attempt: 1 });
    expect(calls.read).toBeGreaterThan(1);
  });

  it("ends as canceled when it is aborted in the pause between two attempts", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 1;
    const abort = new AbortController();
    const onEvent = ({ type }: LifecycleEvent): void => {
      if (type === "jobRetrying") void azure.clock.sleep(1000).then(() => abort.abort(new Error("enough")));
    };
    const result = await azure.until(runContainerJob(azure.client(), SPEC, { retry: { exitCodes: "nonZero", firstDelayInMs: 60_000 }, onEvent, abortSignal: abort.signal, reject: false }));
    expect(result).toMatchObject({ outcome: "canceled", reason: "enough", cleanup: "done", earlierAttempts: [{ attempt: 1, exitCode: 1 }] });
    expect(azure.puts).toHaveLength(1);
    expect(azure.groups.size).toBe(0);
  });

  it("has the log of its last attempt only, though a sink took the lines of all", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 1;
    azure.before = (verb) => {
      if (verb === "put") azure.log = `attempt ${azure.puts.length + 1}\n`;
    };
    const lines: string[] = [];
    const logSink = { write: (more: readonly { text: string }[]) => Promise.resolve(void lines.push(...more.map(({ text }) => text))) };
    const result = await azure.until(runContainerJob(azure.client(), SPEC, { retry: { maxAttempts: 2, exitCodes: "nonZero" }, logSink, reject: false }));
    expect(result).toMatchObject({ logs: "attempt 2\n", isLogTruncated: false, earlierAttempts: [{ logs: "attempt 1\n" }] });
    expect(lines).toEqual(["attempt 1", "attempt 2"]);
  });
});

describe("a job with locations", () => {
  it("goes on to the next where Azure has no room, and says where it was", async () => {
    const azure = new FakeAzure();
    let puts = 0;
    azure.before = (verb) => {
      if (verb !== "put" || puts++ > 0) return;
      fail(azure);
    };
    const result = await azure.until(runContainerJob(azure.client(), SPEC, { locations: ["a", "b"] }));
    expect(result).toMatchObject({ outcome: "succeeded", location: "b", earlierAttempts: [{ outcome: "neverStarted", location: "a" }] });
    expect(azure.puts).toMatchObject([{ location: "b" }]);
  });

  it("ends with what Azure said when none has room", async () => {
    const azure = new FakeAzure();
    azure.before = (verb) => {
      if (verb === "put") fail(azure);
    };
    await expect(azure.until(runContainerJob(azure.client(), SPEC, { locations: ["a", "b"] }))).rejects.toMatchObject({ code: "ACI_CAPACITY", location: "b", attempt: 2 });
  });
});

function fail(azure: FakeAzure): never {
  throw azure.fault(NO_ROOM);
}

it.each([
  [{ retry: { maxAttempts: 0 } }, RangeError, /retry.maxAttempts/u],
  [{ retry: { maxAttempts: 21 } }, RangeError, /1 to 20/u],
  [{ retry: { on: ["never"] } }, RangeError, /retry.on/u],
  [{ retry: { exitCodes: [0] } }, RangeError, /retry.exitCodes/u],
  [{ retry: { attempts: 3 } }, TypeError, /only known fields/u],
  [{ retry: { firstDelayInMs: -1 } }, RangeError, /retry.firstDelayInMs/u],
  [{ locations: [] }, TypeError, /locations/u],
  [{ locations: [""] }, TypeError, /locations\[0\]/u],
  [{ retryOnLost: "no" }, TypeError, /retryOnLost/u],
  [{ onRestart: "retry" }, RangeError, /onRestart/u],
])("refuses %j at once", async (options, type, text) => {
  const azure = new FakeAzure();
  const error: unknown = await runContainerJob(azure.client(), SPEC, options as never).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toMatch(text);
  await expect(runContainerJob(azure.client(), { ...SPEC, location: "a" }, { locations: ["b"] })).rejects.toThrow(/not to be given where the spec has a `location`/u);
});
