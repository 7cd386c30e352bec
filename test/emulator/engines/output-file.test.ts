import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lastRuns, OutputFile, outputName, readOutput } from "../../../src/emulator/engines/process/output-file.js";

const HEAD = { id: "abc", startedAt: 1000 };
const piece = (at: number, text: string): { at: number; data: Buffer } => ({ at, data: Buffer.from(text) });

describe("the file that keeps the output of a process", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "output-"));
    path = join(folder, outputName("main", 0));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("has every piece as soon as it came, for nobody else to read", () => {
    const file = new OutputFile(path, HEAD);
    file.append(piece(1, "one\n"));
    expect(readOutput(path)).toEqual({ head: HEAD, pieces: [piece(1, "one\n")] });
    file.replace([piece(2, "two\n")]);
    file.append(piece(3, "\u0000\u00ff"));
    expect(readOutput(path)).toEqual({ head: HEAD, pieces: [piece(2, "two\n"), piece(3, "\u0000\u00ff")] });
    file.end();
    file.append(piece(4, "late"));
    expect(readOutput(path)?.pieces).toHaveLength(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is read without what was cut off, wherever that is", () => {
    const file = new OutputFile(path, HEAD);
    file.append(piece(1, "one\n"));
    appendFileSync(path, '{"at":2,"text":"b25\n');
    file.append(piece(3, "three\n"));
    appendFileSync(path, '{"at":4,"te');
    file.end();
    expect(readOutput(path)?.pieces).toEqual([piece(1, "one\n"), piece(3, "three\n")]);
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, 5));
    expect(readOutput(path)).toBeUndefined();
    writeFileSync(path, "");
    expect(readOutput(path)).toBeUndefined();
  });

  it.runIf(existsSync("/dev/full"))("leaves no descriptor open where the disk is full", () => {
    const opened = (): number => readdirSync("/proc/self/fd").length;
    const before = opened();
    expect(() => new OutputFile("/dev/full", HEAD)).toThrow(/ENOSPC/);
    expect(opened()).toBe(before);
    const file = new OutputFile(path, HEAD);
    symlinkSync("/dev/full", `${path}.next`);
    file.replace([piece(1, "one\n")]);
    file.append(piece(2, "two\n"));
    expect(readOutput(path)?.pieces).toEqual([piece(2, "two\n")]);
    expect(opened()).toBe(before + 1);
    file.end();
    expect(opened()).toBe(before);
  });

  it("loses lines, and harms nobody, whatever the disk has", () => {
    const file = new OutputFile(path, HEAD);
    mkdirSync(`${path}.next`);
    file.replace([piece(1, "one\n")]);
    file.append(piece(2, "two\n"));
    file.end();
    expect(readOutput(path)?.pieces).toEqual([piece(2, "two\n")]);
  });

  it("is found by container and number", () => {
    for (const [container, run] of [["main", 2], ["main", 10], ["side", 0]] as const) new OutputFile(join(folder, outputName(container, run)), HEAD).end();
    const found = lastRuns(folder).map(({ container, number }) => [container, number]);
    expect(found.sort()).toEqual([["main", 10], ["side", 0]]);
  });
});
