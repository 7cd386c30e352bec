import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRunning, markOf, type ProcessMark } from "../../../../src/emulator/engines/owner.js";
import { ProcessRun, type ProcessSpec } from "../../../../src/emulator/engines/process/process-run.js";

describe("a process on a disk that is full", () => {
  let folder: string;
  let noted: ProcessMark[];
  let isFull: boolean;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "run-"));
    noted = [];
    isFull = true;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const spec = (outputFile?: string): ProcessSpec => ({
    command: ["/bin/sh", "-c", "sleep 1000"],
    environment: {},
    folder,
    inPlace: (argument) => argument,
    outputFile,
    note: (pid) => {
      noted.push(markOf(pid));
      if (isFull) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      return () => undefined;
    },
    clock: new VirtualClock(),
    onRemoved: () => undefined,
  });
  const allEnded = async (): Promise<void> => {
    while (noted.some(isRunning)) await new Promise((resolve) => setImmediate(resolve));
  };

  it("is ended where it cannot be noted", async () => {
    await expect(ProcessRun.start(spec(join(folder, "output")))).rejects.toThrow(/ENOSPC/);
    expect(noted).toHaveLength(1);
    await allEnded();
  });

  it("is not started where its output cannot be kept", async () => {
    isFull = false;
    await expect(ProcessRun.start(spec("/dev/full"))).rejects.toThrow(/ENOSPC/);
    expect(noted).toEqual([]);
  });

  it("is not taken to be unwell where its probe cannot be noted", async () => {
    isFull = false;
    const run = await ProcessRun.start(spec());
    isFull = true;
    const limits = { timeoutInMs: 10_000, abortSignal: new AbortController().signal };
    expect(await run.check({ kind: "exec", command: ["true"] }, limits)).toEqual({ outcome: "unknown", detail: "ENOSPC: no space left on device" });
    await run.stop(0);
    await allEnded();
  });
});
