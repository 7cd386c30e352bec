import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isGone, isRunning, markOf, ownMark } from "../../../src/emulator/engines/owner.js";

// The mark of this process with parts of it changed: host, boot, namespace, process, start.
function changed(parts: Readonly<Record<number, string>>): string {
  return ownMark().split("/").map((part, index) => parts[index] ?? part).join("/");
}

describe("the mark of an emulator", () => {
  it("is that of one that runs", () => {
    expect(isGone(ownMark())).toBe(false);
  });

  it.each([
    ["another start: its number was given to somebody else", { 4: "1" }, true],
    ["another boot of this machine", { 1: "another" }, true],
    ["another machine, which cannot be seen", { 0: "another" }, false],
    ["another namespace of processes, which cannot be seen", { 2: "another", 4: "1" }, false],
  ])("with %s", (_what, parts, gone) => {
    expect(isGone(changed(parts))).toBe(gone);
  });

  it.each(["", "nonsense", "a/b", "%E0%A4%A/b/c/d"])("that is none is nobody's to remove: %j", (mark) => {
    expect(isGone(mark)).toBe(false);
  });

  it("tells a process that has ended", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"]);
    await once(child, "spawn");
    const mark = markOf(child.pid ?? 0);
    expect(isRunning(mark)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isRunning(mark)).toBe(false);
    expect(isRunning({ ...mark, start: "" })).toBe(false);
  });
});
