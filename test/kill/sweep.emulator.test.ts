import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { AciClient, startContainerJob, sweep, type JobHandle } from "aci-lifecycle";
import { scripted, startEmulator, VirtualClock, type Emulator } from "aci-lifecycle/emulator";
import { arm, groupBody } from "../emulator/arm.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CHILD = path("../../temp/kill/sweep-child.mjs");
const HOUR = 3_600_000;

beforeAll(async () => {
  const alias = { "aci-lifecycle": path("../../src/index.ts") };
  await build({ entryPoints: [path("child.ts")], outfile: CHILD, bundle: true, packages: "external", alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
});

// A process that starts a job and is killed before it can do anything else. Answers the name of the group.
async function startAndDie(emulator: Emulator, key: string): Promise<string> {
  const input = { mode: "start", spec: { key, image: "sleeper" } };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(input)], { env: { ...process.env, ...emulator.environment }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const { handle } = JSON.parse(line) as { handle: JobHandle & { state: { groupName: string } } };
    child.kill("SIGKILL");
    await ended;
    return handle.state.groupName;
  }
  throw new Error("The child ended without saying it");
}

describe("sweep", () => {
  it("removes what killed processes left behind, over HTTP, by the emulator's clock, and nothing else", async () => {
    const clock = new VirtualClock();
    await using emulator = await startEmulator({ engine: scripted({ sleeper: (container) => container.sleep(99 * HOUR).then(() => 0) }, { clock }) });
    const client = new AciClient(emulator.clientOptions);
    const left = await Promise.all(["a", "b", "c"].map((key) => startAndDie(emulator, key)));
    await arm(emulator, "PUT", "containerGroups/web", { body: { ...groupBody("sleeper"), tags: { "aci-lifecycle-owner": "default" } } });
    await startContainerJob(new AciClient({ ...emulator.clientOptions, owner: "others" }), { key: "theirs", image: "sleeper" });
    const others = emulator.groups().map(({ name }) => name).filter((name) => !left.includes(name));
    expect(others).toHaveLength(2);

    await clock.advance(24 * HOUR);
    expect((await sweep(client)).counts).toMatchObject({ alive: 3, deleted: 0 });
    await clock.advance(HOUR);
    expect((await sweep(client, { dryRun: true })).counts).toMatchObject({ wouldDelete: 3 });
    emulator.inject({ on: "resources", answer: "throttled", times: 1 });
    const report = await sweep(client);
    expect(report.groups.map(({ groupName, action }) => [groupName, action])).toEqual(expect.arrayContaining(left.map((name) => [name, "deleted"])) as unknown);
    expect(emulator.groups().map(({ name }) => name)).toEqual(others);
    expect((await sweep(client)).groups).toEqual([]);
  });
});
