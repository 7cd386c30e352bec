import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRunning, markOf, ownMark, type ProcessMark } from "../../../../src/emulator/engines/owner.js";
import { ProcessFolder } from "../../../../src/emulator/engines/process/process-folder.js";

// The mark of an emulator that has surely ended.
const GONE = ownMark().replace(/[^/]*$/, "1");

describe("what a process engine that was killed has left", () => {
  let path: string;
  let child: ChildProcess;
  let mark: ProcessMark;
  const extra: string[] = [];
  beforeEach(async () => {
    // The folder as such an engine makes it, with a process that still runs.
    const left = await ProcessFolder.open();
    path = left.path;
    child = spawn("/bin/sh", ["-c", "exec sleep 1000"], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    mark = markOf(child.pid ?? 0);
    left.note(mark.pid);
    writeFileSync(join(path, "owner"), GONE);
  });
  afterEach(() => {
    child.kill("SIGKILL");
    for (const one of [path, ...extra.splice(0)]) rmSync(one, { recursive: true, force: true });
  });

  const openNext = async (): Promise<void> => (await ProcessFolder.open()).close();
  const isUntouched = (): boolean[] => [isRunning(mark), existsSync(path)];

  it("is ended and removed by the next", async () => {
    await openNext();
    expect(isRunning(mark)).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it("is left alone where others can write to the folder", async () => {
    chmodSync(path, 0o777);
    await openNext();
    expect(isUntouched()).toEqual([true, true]);
  });

  it.runIf(process.getuid?.() === 0)("is left alone where the folder is somebody else's", async () => {
    chownSync(path, 12_345, 12_345);
    await openNext();
    expect(isUntouched()).toEqual([true, true]);
  });

  it("is left alone where the folder is a link", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
    extra.push(elsewhere);
    renameSync(path, join(elsewhere, "real"));
    symlinkSync(join(elsewhere, "real"), path);
    await openNext();
    expect([...isUntouched(), existsSync(join(elsewhere, "real", "owner"))]).toEqual([true, true, true]);
  });

  it("is left alone where others can have written its notes", async () => {
    chmodSync(join(path, "processes"), 0o777);
    await openNext();
    expect(isUntouched()).toEqual([true, true]);
  });
});
