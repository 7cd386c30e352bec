import { describe, expect, it } from "vitest";
import { JobLogs } from "../../src/jobs/drive/job-logs.js";

const WINDOW = { containerName: "main", run: { restarts: 0, startedAt: 1000 }, isFinal: false };
const RESTARTED = { restarts: 1, startedAt: 5000 };
const stamped = (second: number, text: string): string => `2026-01-01T00:00:0${second}.000Z ${text}\n`;

describe("a log that begins anew with its container", () => {
  it("has no part of a line where the window begins inside of one", async () => {
    const logs = new JobLogs({ write: () => Promise.resolve() });
    await logs.take({ ...WINDOW, window: stamped(1, "first run") });
    const window = `${stamped(5, "cut").slice(4)}${stamped(6, "second run")}`;
    const { note, lines } = await logs.take({ ...WINDOW, run: RESTARTED, window });
    expect(lines).toEqual(["second run"]);
    expect(note).toEqual({ tail: "first run\nsecond run\n", isTruncated: true });
  });

  it("has its first line where the window has all of it", async () => {
    const logs = new JobLogs({ write: () => Promise.resolve() });
    await logs.take({ ...WINDOW, window: stamped(1, "first run") });
    const { lines } = await logs.take({ ...WINDOW, run: RESTARTED, window: `${stamped(5, "second run")}${stamped(6, "goes on")}` });
    expect(lines).toEqual(["second run", "goes on"]);
  });

  it("is that of another group of its name, too, which begins later, and has lost what was not read", async () => {
    const logs = new JobLogs({ write: () => Promise.resolve() });
    await logs.take({ ...WINDOW, window: stamped(1, "first group") });
    const known = await logs.take({ ...WINDOW, run: { restarts: 0, startedAt: NaN }, window: `${stamped(1, "first group")}${stamped(2, "goes on")}` });
    expect(known).toMatchObject({ lines: ["goes on"], note: { isTruncated: false } });
    expect(await logs.take({ ...WINDOW, run: { restarts: 0, startedAt: 4000 }, window: "" })).toMatchObject({ lines: [], note: { tail: "first group\ngoes on\n", isTruncated: true } });
    // A look from a cache shows the first group again, and is no reason to begin once more after it.
    await logs.take({ ...WINDOW, run: { restarts: 0, startedAt: 4000 }, window: stamped(5, "second group") });
    await logs.take({ ...WINDOW, window: stamped(5, "second group") });
    expect(await logs.take({ ...WINDOW, run: { restarts: 0, startedAt: 4000 }, window: stamped(5, "second group") })).toMatchObject({ lines: [] });
  });
});
