import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { scripted, startEmulator, type Emulator, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { markOf, ownMark } from "../../../src/emulator/engines/owner.js";
import { lockFolder } from "../../../src/emulator/state/folder-lock.js";
import { StateKeeper } from "../../../src/emulator/state/state-keeper.js";
import { arm, groupBody } from "../arm.js";

let parent = "";
let folder = "";
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "state-"));
  folder = join(parent, "deep", "state");
});
afterEach(() => rm(parent, { recursive: true }));

const start = (options: StartEmulatorOptions = {}): Promise<Emulator> => startEmulator({ engine: scripted({ hello: () => 0 }), stateFolder: folder, ...options });
const tokenOf = ({ environment }: Emulator): string | undefined => environment["ACI_EMULATOR_TOKEN"];

describe("a state folder", () => {
  it("is made for nobody else to look into, and so is its file, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      await (await start()).close();
    } finally {
      process.umask(before);
    }
    expect([(await stat(folder)).mode & 0o777, (await stat(join(folder, "state.json"))).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it.each([0o755, 0o750, 0o701])("is refused when others may look into it: %o", async (mode) => {
    await mkdir(folder, { recursive: true });
    await chmod(folder, mode);
    await expect(start()).rejects.toThrow(/can be read by others/);
    expect(await readdir(folder)).toEqual([]);
    await chmod(folder, 0o700);
    await (await start()).close();
  });

  it.each([
    ["torn", (text: string) => text.slice(0, -20)],
    ["empty", () => ""],
    ["of another version", (text: string) => text.replace('"version":1', '"version":2')],
    ["without a version", () => "{}"],
    ["nothing", () => "null"],
    ["without its groups", (text: string) => text.replace('"groups":', '"grapes":')],
    ["not JSON in the middle of a secret", (text: string) => text.replace('"hunter2hunter2"', "hunter2hunter2")],
    ["with a group that is none", (text: string) => text.replace('"groups":[', '"groups":[{},')],
  ])("with a file that is %s is refused by the name of the file, which is left as it is", async (_what, spoil) => {
    const emulator = await start();
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("hello", {}, { environmentVariables: [{ name: "SECRET", secureValue: "hunter2hunter2" }] }) });
    await emulator.close();
    const path = join(folder, "state.json");
    const spoilt = spoil(await readFile(path, "utf8"));
    await writeFile(path, spoilt);
    const error = await start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining(`The state file ${path} cannot be used`) as string });
    expect(inspect(error)).not.toMatch(/hunter/);
    expect(await readFile(path, "utf8")).toBe(spoilt);
    // Nobody has it now.
    await expect(start()).rejects.toThrow(/cannot be used/);
  });

  it("belongs to one emulator at a time, and to the next one after that has ended", async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(/Another emulator uses the state folder/);
    await arm(first, "PUT", "containerGroups/g", { body: groupBody("hello") });
    await first.close();
    const second = await start();
    expect([second.groups().map(({ name }) => name), tokenOf(second)]).toEqual([["g"], tokenOf(first)]);
    await second.close();
    expect(await readdir(folder)).toEqual(["shares", "state.json"]);
  });

  it("is free again when its emulator was killed, and not while it runs", async () => {
    await (await start()).close();
    const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"]);
    await once(child, "spawn");
    const { pid, start: startedAt } = markOf(child.pid ?? 0);
    const mark = ownMark().split("/").slice(0, 3).concat(String(pid), startedAt).join("/");
    await writeFile(join(folder, "lock-other"), mark);
    await expect(start()).rejects.toThrow(/lock-other/);
    child.kill("SIGKILL");
    await once(child, "exit");
    const emulator = await start();
    expect((await readdir(folder)).filter((name) => name.startsWith("lock-"))).toHaveLength(1);
    await emulator.close();
  });

  it("is given to no more than one of many that want it at once", async () => {
    await mkdir(folder, { recursive: true });
    const tries = await Promise.allSettled(Array.from({ length: 20 }, async () => lockFolder(folder)));
    const won = tries.filter((one) => one.status === "fulfilled");
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { value } of won) value();
    lockFolder(folder)();
    expect(await readdir(folder)).toEqual([]);
  });

  it("keeps the token unless another is asked for, which is kept from then on", async () => {
    const first = await start();
    await first.close();
    const second = await start({ token: "another-token-of-mine" });
    await second.close();
    const third = await start();
    await third.close();
    expect([tokenOf(second), tokenOf(third)]).toEqual(["another-token-of-mine", "another-token-of-mine"]);
    expect(tokenOf(first)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is refused to another engine", async () => {
    await (await start()).close();
    await expect(start({ engine: "process" })).rejects.toThrow(/is of the engine "scripted".*this is "process"/);
  });

  it("is free, and as it was, when the emulator cannot start for another reason", async () => {
    const first = await start();
    await arm(first, "PUT", "containerGroups/g", { body: groupBody("hello") });
    await first.close();
    const other = await startEmulator({ engine: scripted({}) });
    await expect(start({ port: Number(new URL(other.endpoint).port) })).rejects.toThrow(/EADDRINUSE/);
    await other.close();
    const second = await start();
    expect(second.groups()).toHaveLength(1);
    await second.close();
  });

  it("has a resource group for an emulator that is given another one, and keeps a deleted one deleted", async () => {
    const first = await start({ resourceGroup: "one" });
    await arm(first, "DELETE", `/subscriptions/${first.clientOptions.subscriptionId}/resourceGroups/one`);
    await first.close();
    const second = await start({ resourceGroup: "one" });
    expect((await arm(second, "GET", "containerGroups")).body.error.code).toBe("ResourceGroupNotFound");
    await second.close();
    const third = await start({ resourceGroup: "two" });
    expect((await arm(third, "GET", "containerGroups")).status).toBe(200);
    await third.close();
  });
});

describe("a keeper of states", () => {
  it("writes one at a time, and many changes at once", async () => {
    let [running, most, written] = [0, 0, 0];
    let value = 0;
    const seen: number[] = [];
    const keeper = new StateKeeper(async () => {
      most = Math.max(most, ++running);
      const now = value;
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      written++;
      seen.push(now);
    });
    keeper.changed();
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(0);
    keeper.begin();
    const saves = Array.from({ length: 1000 }, async (_unused, index) => {
      for (let turn = 0; turn < index % 7; turn++) await new Promise((resolve) => setImmediate(resolve));
      const mine = ++value;
      await keeper.saved();
      expect(Math.max(...seen)).toBeGreaterThanOrEqual(mine);
    });
    await Promise.all(saves);
    await keeper.close();
    expect(most).toBe(1);
    expect(written).toBeLessThan(20);
    keeper.changed();
    await keeper.saved();
    expect(seen.at(-1)).toBe(1000);
  });

  it("tells whoever waits that it cannot write, and tries again at the next change", async () => {
    let isFull = true;
    const keeper = new StateKeeper(async () => {
      if (isFull) throw new Error("no space left");
    });
    keeper.begin();
    keeper.changed();
    await expect(keeper.saved()).rejects.toThrow("no space left");
    isFull = false;
    await keeper.saved();
  });
});
