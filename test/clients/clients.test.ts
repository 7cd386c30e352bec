import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const AZ = "/usr/bin/az";
const PYTHON = "/usr/bin/python3";

const STORY = ["create: Running", "list: True", "logs: hello", "exec: from-exec", "attach: open", "stop: Stopped", "start: Running", "restart: Running", "delete: ResourceNotFound"];

// Microsoft's clients as they come, each in a process of its own, set up by the one command that the documents name.
describe("Microsoft's clients against `aci-lifecycle emulator --clients`", () => {
  let folder: string;
  let emulator: ChildProcess;
  let environment: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aci-clients-"));
    emulator = spawn(process.execPath, [here("../../dist/cli.js"), "emulator", "--engine", "process", "--clients", folder, "--assume", "retryAfter=sent"], { stdio: ["ignore", "pipe", "inherit"] });
    await once(emulator.stdout ?? emulator, "data");
    const text = await readFile(join(folder, "env.sh"), "utf8");
    environment = { ...process.env, ...Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value]) => [name, value] as const)) };
  });
  afterAll(async () => {
    emulator.kill("SIGTERM");
    await once(emulator, "exit");
    await rm(folder, { recursive: true });
  });

  const lines = (text: string): string[] => text.trim().split(/\r?\n/).map((line) => line.replace("true", "True"));

  it.each(["arm-containerinstance-5", "arm-containerinstance-7", "arm-containerinstance-8", "@azure/arm-containerinstance"])("%s tells the whole story", async (packageName) => {
    const { stdout } = await run(process.execPath, [here("js-story.mjs"), packageName], { env: environment });
    expect(lines(stdout)).toEqual(STORY);
  });

  it("Debian's azure-mgmt-containerinstance tells the whole story", async () => {
    const { stdout } = await run(PYTHON, [here("python-story.py")], { env: environment });
    expect(lines(stdout)).toEqual(STORY);
  });

  it("Debian's az tells the whole story", async () => {
    const az = async (line: string): Promise<string> => (await run(AZ, ["container", ...line.split(" "), "-g", "emulator", "-n", "az"], { env: environment })).stdout.trim();
    const state = (): Promise<string> => az("show --query instanceView.state -o tsv");
    await run(AZ, ["container", "create", "-g", "emulator", "-n", "az", "--image", "busybox", "--command-line", "sh -c 'echo hello; sleep 600'", "--cpu", "1", "--memory", "1", "--restart-policy", "Never"], { env: environment });
    expect(await state()).toBe("Running");
    const listed = await run(AZ, ["container", "list", "-g", "emulator", "--query", "[].name", "-o", "tsv"], { env: environment });
    expect(listed.stdout.trim().split("\n")).toContain("az");
    // A container that is running need not have written its first line yet.
    await expect.poll(() => az("logs"), { timeout: 30_000 }).toBe("hello");
    const exec = await run(PYTHON, [here("run-in-terminal.py"), AZ, "container", "exec", "-g", "emulator", "-n", "az", "--exec-command", "echo from-exec"], { env: environment });
    expect(exec.stdout).toContain("from-exec");
    await az("stop");
    expect(await state()).toBe("Stopped");
    await az("start");
    expect(await state()).toBe("Running");
    await az("restart");
    expect(await state()).toBe("Running");
    await az("delete -y");
    const gone = (await az("show").catch((error: unknown) => error)) as { code: number; stderr: string };
    expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining("(ResourceNotFound)") as string]);
  });

  it("Debian's az follows a container that ends, and makes one from a file", async () => {
    const file = join(folder, "group.yaml");
    await writeFile(file, YAML);
    await run(AZ, ["container", "create", "-g", "emulator", "--file", file], { env: environment });
    const attach = await run(AZ, ["container", "attach", "-g", "emulator", "-n", "from-file"], { env: environment });
    expect(attach.stdout).toContain("step 3");
    const exported = join(folder, "exported.yaml");
    await run(AZ, ["container", "export", "-g", "emulator", "-n", "from-file", "--file", exported], { env: environment });
    expect(await readFile(exported, "utf8")).toContain("restartPolicy: OnFailure");
  });
});

// As Microsoft's documents write it: names in other cases, and a version that is a date.
const YAML = `apiVersion: 2019-12-01
location: westeurope
name: from-file
properties:
  containers:
  - name: main
    properties:
      image: busybox
      command: [sh, -c, "for i in 1 2 3; do echo step $i; sleep 1; done"]
      resources:
        requests:
          cpu: 1
          memoryInGb: 1
  osType: linux
  restartPolicy: OnFailure
type: Microsoft.ContainerInstance/containerGroups
`;
