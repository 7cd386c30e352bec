import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AciClient, startContainerJob } from "aci-lifecycle";
import { scripted, startEmulator, VirtualClock, type Emulator } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sweepCommand } from "../../src/cli/sweep-command.js";

const HOUR = 3_600_000;

describe("aci-lifecycle sweep", () => {
  let clock: VirtualClock;
  let emulator: Emulator;
  let lines: string[];

  beforeEach(async () => {
    clock = new VirtualClock();
    emulator = await startEmulator({ engine: scripted({ hello: (container) => container.sleep(99 * HOUR).then(() => 0) }, { clock }) });
    for (const [name, value] of Object.entries(emulator.environment)) vi.stubEnv(name, value);
    lines = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    await startContainerJob(new AciClient(emulator.clientOptions), { key: "left", image: "hello", tags: { team: "blue" } }, { runTimeoutInMs: HOUR });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
    await emulator.close();
  });
  const run = async (...flags: string[]): Promise<string> => {
    lines.length = 0;
    await sweepCommand().parseAsync(flags, { from: "user" });
    return lines.join("\n");
  };

  it("shows what a dry run would delete and what it costs, and then deletes it", async () => {
    await clock.advance(HOUR);
    expect(await run()).toMatch(/^GROUP +ACTION +AGE +WHY\naci-[0-9a-f]{16}-1 +alive +1h +its time ends at .*\n\n1 groups of owner "default": 1 alive$/u);
    await clock.advance(HOUR);
    const dry = await run("--dry-run");
    expect(dry).toMatch(/-1 +wouldDelete +2h +its time ended at 2026-01-01T01:11:00.000Z/u);
    expect(dry).toContain("What would be deleted cost about 0.0472 USD an hour (list prices of 2026-10-09).");
    expect(emulator.groups()).toHaveLength(1);
    expect(await run()).toContain("1 deleted");
    expect(emulator.groups()).toEqual([]);
    expect(process.exitCode).toBeUndefined();
    expect(await run()).toBe('0 groups of owner "default": nothing to do');
  });

  it("goes by owner, tags, grace and the most to delete", async () => {
    await clock.advance(1.5 * HOUR);
    expect(await run("--owner", "others", "--grace", "0s")).toContain("nothing to do");
    expect(await run("--tag", "team=red", "--grace", "0s")).toContain("nothing to do");
    expect(await run("--grace", "1d")).toContain("1 alive");
    expect(await run("--tag", "team=blue", "--max-deletes", "0")).toContain("1 postponed");
    expect(await run("--tag", "team=blue", "--grace", "1m")).toContain("1 deleted");
  });

  it("prints JSON, and fails where a group could not be deleted", async () => {
    await clock.advance(2 * HOUR);
    emulator.inject({ on: "delete", answer: { status: 403, code: "AuthorizationFailed", message: "No." } });
    expect(JSON.parse(await run("--json"))).toMatchObject({ counts: { failed: 1 }, groups: [{ action: "failed", error: { serviceCode: "AuthorizationFailed" } }] });
    expect(process.exitCode).toBe(1);
  });

  it("takes the store of a folder that is there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sweep-"));
    await clock.advance(2 * HOUR);
    expect(await run("--store", folder)).toContain("1 deleted");
    await rm(folder, { recursive: true });
  });

  it("rejects where the groups cannot be listed", async () => {
    emulator.inject({ on: "resources", answer: { status: 403, code: "AuthorizationFailed", message: "No." } });
    await expect(run()).rejects.toMatchObject({ serviceCode: "AuthorizationFailed" });
  });

  it.each([["--grace", "10"], ["--grace", "m"], ["--tag", "team"], ["--tag", "=x"], ["--max-deletes", "-1"], ["--store", "./no-such-folder"], ["--store", "package.json"], ["--store", "package.json/jobs"], ["--sometimes"]])("refuses %s %s", async (...flags) => {
    const command = sweepCommand().exitOverride().configureOutput({ writeErr: () => undefined });
    await expect(command.parseAsync(flags, { from: "user" })).rejects.toThrow(/not a|not of|unknown option/u);
  });
});
