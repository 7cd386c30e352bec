import { describe, expect, it } from "vitest";
import { runContainerJob, startContainerJob, stepContainerJob, type JobHandle, type JobResult, type JobStep } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { key: "k", image: "a" };
const MINUTE = 60_000;
const start = Date.UTC(2026, 0, 1);

// An Azure whose container prints so many lines a second, and of which `limit` bytes can be read once it has ended.
function printing(linesPerSecond: number, forInMs: number, limit: number): { azure: FakeAzure; whole: string } {
  const azure = new FakeAzure();
  azure.runsInMs = forInMs;
  const lineAt = (n: number): string => `${new Date(start + (n * 1000) / linesPerSecond).toISOString()} line ${n} of many words that fill it up\n`;
  const all = Array.from({ length: Math.floor((forInMs / 1000) * linesPerSecond) }, (_line, n) => lineAt(n));
  azure.before = (verb) => {
    if (verb !== "readLogs") return;
    const printed = all.slice(0, Math.max(0, Math.floor(((azure.clock.now() - start - 2000) / 1000) * linesPerSecond)));
    const hasEnded = printed.length >= all.length;
    azure.log = hasEnded ? printed.join("").slice(-limit) : printed.join("");
  };
  return { azure, whole: all.map((line) => line.slice(25)).join("") };
}

const run = async (azure: FakeAzure, options = {}): Promise<JobResult> => azure.until(runContainerJob(azure.client(), SPEC, { reject: false, ...options }));

describe("the log of a job", () => {
  it.each([
    ["two faults that ask for much time", 2, "hello\n", false],
    ["faults without an end", Infinity, "", "unknown"],
  ])("is read again however late it has become, but not for ever: %s", async (_what, faults, logs, isLogTruncated) => {
    const azure = new FakeAzure();
    let times = 0;
    azure.before = (verb) => {
      if (verb === "readLogs" && times++ < faults) throw azure.fault({ statusCode: 503, retryAfterInMs: 40_000 });
    };
    expect(await run(azure)).toMatchObject({ outcome: "succeeded", logs, isLogTruncated, cleanup: "done" });
    expect(times).toBeLessThanOrEqual(7);
  });

  it("is had nearly whole where Azure keeps 16 KB of an ended container, and a gap is marked", async () => {
    const { azure, whole } = printing(5, 10 * MINUTE, 16_384);
    const result = await run(azure);
    expect(result.logs.length).toBeGreaterThan(0.98 * whole.length);
    const missing = result.logs === whole ? [] : result.logs.split("\n").filter((line) => line.includes("missing"));
    expect(result.isLogTruncated).toBe(missing.length > 0);
    const lines = result.logs.split("\n").filter((line) => !line.includes("missing"));
    expect(whole.split("\n").filter((line) => lines.includes(line))).toEqual(lines);
  });

  it("is whole where little is printed, for a few reads more than one", async () => {
    const { azure, whole } = printing(0.05, 60 * MINUTE, 16_384);
    const result = await run(azure);
    expect(result).toMatchObject({ logs: whole, isLogTruncated: false });
    expect(azure.requests.filter((verb) => verb === "readLogs").length).toBeLessThan(12);
  });

  it("is read once where the job is short", async () => {
    const { azure } = printing(1, 30_000, 16_384);
    await run(azure);
    expect(azure.requests.filter((verb) => verb === "readLogs")).toHaveLength(1);
  });

  it("ends as the container left it, without a line break of ours", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 2 * MINUTE;
    azure.log = "2026-01-01T00:00:00Z no end";
    expect(await run(azure)).toMatchObject({ logs: "no end", isLogTruncated: false });
  });

  it("is kept as far as it was read where the group disappears, and said to lack its end", async () => {
    const { azure } = printing(1, 60 * MINUTE, 16_384);
    void azure.clock.sleep(5 * MINUTE).then(() => azure.groups.clear());
    const result = await run(azure);
    expect(result).toMatchObject({ outcome: "lost", isLogTruncated: true });
    expect(result.logs).toContain("line 50 ");
  });

  it("is kept as far as it was read where its end cannot be read, and the job is no worse for it", async () => {
    const { azure } = printing(1, 5 * MINUTE, 16_384);
    const { before } = azure;
    azure.before = (verb) => {
      before(verb);
      if (verb === "readLogs" && azure.clock.now() > start + 5 * MINUTE) throw azure.fault({ statusCode: 500 });
    };
    const result = await run(azure);
    expect(result).toMatchObject({ outcome: "succeeded", isLogTruncated: true });
    expect(result.logs).toContain("line 50 ");
  });

  it("is told by its end, and as cut, to a process that has not read the rest", async () => {
    const { azure } = printing(5, 10 * MINUTE, 16_384);
    let handle: JobHandle = await azure.until(startContainerJob(azure.client(), SPEC));
    let step: JobStep;
    do {
      step = await azure.until(stepContainerJob(azure.client(), JSON.parse(JSON.stringify(handle)) as JobHandle));
      handle = step.handle;
      if (!step.done) await azure.clock.advance(step.nextCheckInMs);
    } while (!step.done);
    expect(step.result.isLogTruncated).not.toBe(false);
    expect(step.result.logs).toContain("line 2999 ");
    expect(JSON.stringify(handle).length).toBeLessThan(64_000);
  });
});
