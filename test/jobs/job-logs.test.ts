import { describe, expect, it } from "vitest";
import { JobLogs } from "../../src/jobs/drive/job-logs.js";

const WINDOW = { containerName: "main", run: 0, isFinal: false };
const stamped = (second: number, text: string): string => `2026-01-01T00:00:0${second}.000Z ${text}\n`;

describe("a log that begins anew with its container", () => {
  it("has no part of a line where the window begins inside of one", async () => {
    const logs = new JobLogs({ write: () => Promise.resolve() });
    await logs.take({ ...WINDOW, window: stamped(1, "first run") });
    const window = `${stamped(5, "cut").slice(4)}${stamped(6, "second run")}`;
    const { note, lines } = await logs.take({ ...WINDOW, run: 1, window });
    expect(lines).toEqual(["second run"]);
    expect(note).toEqual({ tail: "first run\nsecond run\n", isTruncated: true });
  });

  it("has its first line where the window has all of it", async () => {
    const logs = new JobLogs({ write: () => Promise.resolve() });
    await logs.take({ ...WINDOW, window: stamped(1, "first run") });
    const { lines } = await logs.take({ ...WINDOW, run: 1, window: `${stamped(5, "second run")}${stamped(6, "goes on")}` });
    expect(lines).toEqual(["second run", "goes on"]);
  });
});
