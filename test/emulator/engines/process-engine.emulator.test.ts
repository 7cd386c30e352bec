import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

const node = (script: string): string[] => [process.execPath, "-e", script];
const shell = (script: string): string[] => ["/bin/sh", "-c", script];

describe("the process engine", () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ assumptions: { nameReuse: "waits" }, engine: "process", stopGraceInMs: 2_000, pace: { restartBackOffInMs: 20 } });
  });
  afterEach(() => emulator.close());

  const put = (command: readonly string[], container: object = {}, properties: object = {}): ReturnType<typeof arm> =>
    arm(emulator, "PUT", "containerGroups/g", { body: groupBody("any/image:1", properties, { command, ...container }) });
  const logs = async (): Promise<string> => (await arm(emulator, "GET", "containerGroups/g/containers/main/logs")).body.content;
  const until = async (isReached: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 1_000; tries++) {
      if (await isReached()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`Not reached: ${JSON.stringify(emulator.groups())}`);
  };
  const ended = (): Promise<void> => until(() => emulator.groups()[0]?.containers.at(-1)?.state === "Terminated");
  const exitCode = (): number | undefined => emulator.groups()[0]?.containers.at(-1)?.exitCode;
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    ["exit 0", 0],
    ["exit 1", 1],
    ["exit 3", 3],
    ["exit 255", 255],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
    ["kill -SEGV $$", 139],
  ])("ends %j with %d", async (script, code) => {
    await put(shell(script));
    await ended();
    expect(exitCode()).toBe(code);
    expect(emulator.groups()[0]?.state).toBe(code === 0 ? "Succeeded" : "Failed");
  });

  it.each([
    [["/nope"], 127],
    [["not-in-the-path"], 127],
    [["/etc/passwd"], 126],
    [["/tmp"], 126],
    [[], 127],
  ])("tells that %j cannot be started: %d", async (command, code) => {
    await put(command);
    await ended();
    expect(exitCode()).toBe(code);
    const { properties } = (await arm(emulator, "GET", "containerGroups/g")).body;
    expect(properties.containers[0].properties.instanceView?.events.map(({ name }) => name)).toContain("Failed");
  });

  it("keeps each stream in its order, and all that a run printed", async () => {
    await put(node('for (let i = 0; i < 20000; i++) { process.stdout.write(`o${i}\\n`); if (i % 10 === 0) process.stderr.write(`e${i}\\n`); }'));
    await ended();
    const lines = (await logs()).trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("o"))).toEqual(Array.from({ length: 20_000 }, (_, i) => `o${i}`));
    expect(lines.filter((line) => line.startsWith("e"))).toEqual(Array.from({ length: 2_000 }, (_, i) => `e${i * 10}`));
  });

  it("keeps 3 MB whole, and the last 4 MB of 20", async () => {
    await put(node("process.stdout.write('x'.repeat(3 * 1024 * 1024))"));
    await ended();
    expect((await logs()).length).toBe(3 * 1024 * 1024);
    await put(node("process.stdout.write('x'.repeat(20 * 1024 * 1024) + 'end')"));
    await until(async () => exitCode() === 0 && (await logs()).length > 3 * 1024 * 1024);
    const content = await logs();
    expect([content.length, content.endsWith("end")]).toEqual([4 * 1024 * 1024, true]);
  });

  it("gives a container its own environment and folder, and nothing of this process", async () => {
    process.env["EMULATOR_TEST_SECRET"] = "private";
    try {
      await put(node("console.log(JSON.stringify(process.env)); console.log(process.cwd())"), { environmentVariables: [{ name: "MINE", value: "yes" }] });
      await ended();
      const [environment = "", folder = ""] = (await logs()).split("\n");
      expect(JSON.parse(environment)).toEqual({ MINE: "yes", PATH: process.env["PATH"] });
      expect(folder).not.toBe(process.cwd());
      await arm(emulator, "DELETE", "containerGroups/g");
      await until(() => !existsSync(folder));
    } finally {
      delete process.env["EMULATOR_TEST_SECRET"];
    }
  });

  it("mounts a share, a secret and an empty folder that containers share", async () => {
    const share = await emulator.share("account", "data");
    await share.write("in.txt", "from the share");
    const resources = { requests: { cpu: 1, memoryInGB: 1 } };
    const copy = "const fs = require('fs'), [, from, to] = process.argv; fs.copyFileSync(from, to)";
    const mounts = [
      { name: "share", mountPath: "/mnt/share" },
      { name: "scratch", mountPath: "/scratch" },
      { name: "keys", mountPath: "/etc/keys" },
    ];
    const volumes = [
      { name: "share", azureFile: { shareName: "data", storageAccountName: "account" } },
      { name: "scratch", emptyDir: {} },
      { name: "keys", secret: { "key.txt": Buffer.from("the key").toString("base64") } },
    ];
    const initContainers = [{ name: "init", properties: { image: "i", command: [...node(copy), "/mnt/share/in.txt", "/scratch/between"], volumeMounts: mounts } }];
    const containers = [
      { name: "main", properties: { image: "i", resources, command: [...node(copy), "/scratch/between", "/mnt/share/out.txt"], volumeMounts: mounts } },
      { name: "side", properties: { image: "i", resources, command: [...node(copy), "/etc/keys/key.txt", "/mnt/share/key.txt"], volumeMounts: mounts } },
    ];
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("i", { volumes, initContainers, containers }) });
    await until(() => emulator.groups()[0]?.state === "Succeeded");
    expect(await readFile(join(share.path, "out.txt"), "utf8")).toBe("from the share");
    expect((await share.read("key.txt")).toString()).toBe("the key");
  });

  it("lets a run trap TERM, and kills one that does not end", async () => {
    const share = await emulator.share("account", "data");
    const mount = { volumeMounts: [{ name: "share", mountPath: "/share" }] };
    const volumes = { volumes: [{ name: "share", azureFile: { shareName: "data", storageAccountName: "account" } }] };
    await put([...node("process.on('SIGTERM', () => { require('fs').writeFileSync(process.argv[1], 'trapped'); process.exit(0); }); console.log('up'); setInterval(() => 0, 1000)"), "/share/sign"], mount, volumes);
    await until(async () => emulator.groups()[0]?.containers[0]?.state === "Running" && (await logs()) === "up\n");
    await arm(emulator, "POST", "containerGroups/g/stop");
    await until(() => existsSync(join(share.path, "sign")));
    await arm(emulator, "DELETE", "containerGroups/g");
    await put(node("process.on('SIGTERM', () => 0); console.log(process.pid); setInterval(() => 0, 1000)"));
    await until(async () => emulator.groups()[0]?.containers[0]?.state === "Running" && /^\d+\n$/.test(await logs()));
    const pid = Number(await logs());
    await arm(emulator, "DELETE", "containerGroups/g");
    expect(isAlive(pid)).toBe(true);
    await until(() => !isAlive(pid));
  });

  it("leaves no process behind, neither of a run that ended nor at its own end", async () => {
    await put(shell("sleep 1000 & echo $!; exit 0"));
    await ended();
    const orphan = Number(await logs());
    await until(() => !isAlive(orphan));
    await put(shell("sleep 1000 & echo $!; wait"));
    await until(async () => emulator.groups()[0]?.state === "Running" && /^\d+\n$/.test(await logs()));
    const pid = Number(await logs());
    await emulator.close();
    await until(() => !isAlive(pid));
  });

  it("restarts by policy in a fresh folder", async () => {
    await put(shell("ls; touch seen; exit 1"), {}, { restartPolicy: "Always" });
    await until(() => (emulator.groups()[0]?.containers[0]?.restartCount ?? 0) >= 2);
    expect(emulator.groups()[0]?.state).toBe("Running");
    expect((await arm(emulator, "GET", "containerGroups/g")).body.properties.containers[0].properties.instanceView?.previousState?.exitCode).toBe(1);
    expect(await logs()).toBe("");
  });

  it("says in its banner that it is no isolation", () => {
    expect(emulator.banner).toMatch(/without isolation/);
    expect(emulator.engineName).toBe("process");
  });
});
