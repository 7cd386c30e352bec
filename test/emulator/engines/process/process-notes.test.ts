import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRunning, markOf, markText, type ProcessMark } from "../../../../src/emulator/engines/owner.js";
import { endNoted, noteProcess } from "../../../../src/emulator/engines/process/process-notes.js";

// A number that no process has.
const NOBODY = 2 ** 22 + 1;

describe("the notes of processes that lead groups", () => {
  let folder: string;
  let child: ChildProcess;
  let leader: ProcessMark;
  let follower: ProcessMark;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "notes-"));
    child = spawn("/bin/sh", ["-c", "sleep 1000 & echo $!; read end"], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
    leader = markOf(child.pid ?? 0);
    follower = markOf(Number(line));
  });
  afterEach(() => {
    try {
      process.kill(-leader.pid, "SIGKILL");
    } catch {
      // It has ended, as most do here.
    }
    rmSync(folder, { recursive: true });
  });

  const write = (name: number, text: string): void => writeFileSync(join(folder, String(name)), text);
  // The note of the leader with one of its parts changed: host, boot, namespace, process, start.
  const changed = (part: number, text: string): string => markText(leader.pid).split("/").map((old, index) => (index === part ? text : old)).join("/");

  it("have the whole group ended", async () => {
    noteProcess(folder, leader.pid);
    await endNoted(folder);
    expect([isRunning(leader), isRunning(follower)]).toEqual([false, false]);
  });

  it("have what is left of a group ended whose leader has ended", async () => {
    noteProcess(folder, leader.pid);
    const exit = once(child, "exit");
    child.stdin?.end("\n");
    await exit;
    expect(isRunning(follower)).toBe(true);
    await endNoted(folder);
    expect(isRunning(follower)).toBe(false);
  });

  it.each([
    ["empty", () => ""],
    ["cut off", () => markText(leader.pid).slice(0, 12)],
    ["of another machine", () => changed(0, "another")],
    ["of another boot", () => changed(1, "another")],
    ["of another namespace of processes", () => changed(2, "another")],
    ["of a process that had the number before", () => changed(4, "1")],
    ["of a process that was gone before it was noted", () => changed(4, "")],
  ])("harm nobody where they are %s", async (_what, text) => {
    write(leader.pid, text());
    write(NOBODY, text());
    await endNoted(folder);
    expect([isRunning(leader), isRunning(follower)]).toEqual([true, true]);
  });

  it("are whole or not there, and gone when they are taken away", () => {
    const forget = noteProcess(folder, leader.pid);
    expect(readdirSync(folder)).toEqual([String(leader.pid)]);
    expect(readFileSync(join(folder, String(leader.pid)), "utf8")).toBe(markText(leader.pid));
    forget();
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, String(leader.pid)));
    expect(() => noteProcess(folder, leader.pid)).toThrow();
    expect(readdirSync(folder)).toEqual([String(leader.pid)]);
  });
});
