import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { AciError, ContainerJobError, isContainerJobError, isJobDetachedError, runContainerJob, type FailedJob, type JobHandle } from "../../../src/index.js";
import { FakeAzure } from "../fake-azure.js";

const SPEC = { image: "a" };

// One error of each kind, as a caller gets it.
async function failed(): Promise<unknown> {
  const azure = new FakeAzure();
  azure.exitCode = 3;
  return azure.until(runContainerJob(azure.client(), SPEC)).catch((reason: unknown) => reason);
}

async function detached(): Promise<unknown> {
  const azure = new FakeAzure();
  return azure.until(runContainerJob(azure.client(), SPEC, { detachSignal: AbortSignal.abort() })).catch((reason: unknown) => reason);
}

describe("isContainerJobError", () => {
  it("gives the result to who asks, by its type too", async () => {
    const error = await failed();
    if (!isContainerJobError(error)) throw new Error("no error of a job");
    expectTypeOf(error.logs).toEqualTypeOf<FailedJob["logs"]>();
    expect([error.code, error.logs, error.exitCode]).toEqual(["ACI_JOB_FAILED", "hello\n", 3]);
  });

  it.each([["an error of another kind", new AciError("x", { code: "ACI_CAPACITY" })], ["what only has its name", Object.assign(new Error("x"), { name: "ContainerJobError" })], ["nothing", undefined]])("is false for %s", async (_what, error) => {
    expect(isContainerJobError(error)).toBe(false);
    expect(isContainerJobError(await detached())).toBe(false);
  });
});

describe("the message of a job's error", () => {
  it("names the group that there was", async () => {
    expect(String(await failed())).toMatch(/^ContainerJobError: Job ended with exit code 3 in container group "aci-[0-9a-f]{16}-1" \[ACI_JOB_FAILED\]$/u);
  });

  it.each(["refused", "aborted before"])("names none where none was seen: %s", async (how) => {
    const azure = new FakeAzure();
    azure.before = (verb) => {
      if (verb === "put") throw azure.fault({ statusCode: 400, serviceCode: "InaccessibleImage" });
    };
    const abortSignal = how === "refused" ? undefined : AbortSignal.abort();
    const error: unknown = await azure.until(runContainerJob(azure.client(), SPEC, { abortSignal })).catch((reason: unknown) => reason);
    if (!isContainerJobError(error)) throw new Error("no error of a job");
    expect(error.message).toBe(`${error.error.text} [${error.code}]`);
  });

  it("names it once", async () => {
    const error = await failed();
    if (!isContainerJobError(error)) throw new Error("no error of a job");
    const told = new ContainerJobError({ ...error.toJSON(), error: { ...error.error, text: `The delete of container group "${error.groupName}" failed` } });
    expect(told.message.split(error.groupName)).toHaveLength(2);
  });
});

describe("isJobDetachedError", () => {
  it("gives the handle to who asks, by its type too", async () => {
    const error = await detached();
    if (!isJobDetachedError(error)) throw new Error("not detached");
    expectTypeOf(error.handle).toEqualTypeOf<JobHandle>();
    expect(error.handle).toMatchObject({ kind: "aci-lifecycle/job" });
  });

  it("is false for a job that has failed", async () => {
    expect(isJobDetachedError(await failed())).toBe(false);
    expect(isJobDetachedError(null)).toBe(false);
  });
});

describe("another copy of this package", () => {
  it("knows the errors of this one", async () => {
    vi.resetModules();
    const copy = await import("../../../src/index.js");
    const errors = [await failed(), await detached()];
    expect(errors.map((error) => error instanceof copy.AciError)).toEqual([false, false]);
    expect(errors.map(copy.isContainerJobError)).toEqual([true, false]);
    expect(errors.map(copy.isJobDetachedError)).toEqual([false, true]);
  });
});
