import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelContainerJob, folderStore, resumeContainerJob, runContainerJob, type ContainerJobSpec, type JobHandle, type JobResult } from "aci-lifecycle";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { ENGINES, realFor, sh } from "../real/engines.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CHILD = path("../../temp/kill/child.mjs");

interface Said {
  readonly event?: string;
  readonly handle?: JobHandle;
  readonly result?: JobResult;
}

beforeAll(async () => {
  const alias = { "aci-lifecycle": path("../../src/index.ts") };
  await build({ entryPoints: [path("child.ts")], outfile: CHILD, bundle: true, packages: "external", alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
});

describe.each(ENGINES)("on the %s engine", { concurrent: true }, (engine) => {
  const real = realFor(engine);
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "kill-"))));
  afterAll(() => rm(folder, { recursive: true }));

  // Starts a child and resolves with the first thing it says that fits, leaving it alive.
  async function until(input: { mode: "run" | "start"; spec: ContainerJobSpec; folder?: string }, fits: (said: Said) => boolean): Promise<{ child: ChildProcess; said: Said }> {
    const child = spawn(process.execPath, [CHILD, JSON.stringify(input)], { env: { ...process.env, ...real.emulator.environment }, stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as Said;
      if (fits(said)) return { child, said };
    }
    throw new Error("The child ended without saying it");
  }

  async function kill(child: ChildProcess): Promise<void> {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  const specOf = (name: string): ContainerJobSpec & { key: string } => ({ ...sh(`echo ${name}; sleep 2; exit 5`), key: `${engine}-${name}` });

  it("a job is carried on from its handle after SIGKILL", async () => {
    const { child, said } = await until({ mode: "start", spec: specOf("handle") }, ({ handle }) => handle !== undefined);
    await kill(child);
    const job = await resumeContainerJob(real.client, said.handle ?? { key: "" });
    await expect(job.pollUntilDone()).rejects.toMatchObject({ outcome: "failed", exitCode: 5, logs: "handle\n", cleanup: "done" });
  });

  it("a job is carried on from its key alone after SIGKILL, and by the same call", async () => {
    for (const name of ["key", "call"]) {
      const spec = specOf(name);
      const { child } = await until({ mode: "run", spec }, ({ event }) => event === "jobStarted" || event === "jobAccepted");
      await kill(child);
      const result = name === "call" ? runContainerJob(real.client, spec) : (await resumeContainerJob(real.client, { key: spec.key })).pollUntilDone();
      await expect(result).rejects.toMatchObject({ exitCode: 5, logs: `${name}\n` });
    }
  });

  it("a result is not lost when the kill came after the delete, with a store", async () => {
    const spec = specOf("store");
    const creates = (): number => real.emulator.requests.filter(({ method, path: asked }) => method === "PUT" && asked.includes(nameBaseOf(jobHash(spec.key)))).length;
    const { child } = await until({ mode: "run", spec, folder }, ({ event }) => event === "jobDone");
    await kill(child);
    const before = creates();
    const again = await runContainerJob(real.client, spec, { store: folderStore(folder), reject: false });
    expect(again).toMatchObject({ outcome: "failed", exitCode: 5, logs: "store\n" });
    expect([before, creates()]).toEqual([1, 1]);
  });

  it("cancelContainerJob in this process ends the other's wait as canceled", async () => {
    const spec = { ...sh("echo on and on; sleep 1000"), key: `${engine}-cancel` };
    const { child } = await until({ mode: "run", spec }, ({ event }) => event === "jobStarted");
    const said: Said[] = [];
    const ended = once(child, "exit");
    if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", (line) => said.push(JSON.parse(line) as Said));
    await cancelContainerJob(real.client, { key: spec.key }, { reason: "not needed any more" });
    await ended;
    expect(said.at(-1)?.result).toMatchObject({ outcome: "canceled", reason: "not needed any more", logs: "on and on\n", cleanup: "done" });
  });
});
