import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { AciClient, runContainerJob, webhook, type LifecycleEvent } from "aci-lifecycle";
import { scripted, startEmulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { SECRET } from "../../completion/calls.js";
import { fileMailbox } from "../../completion/file-mailbox.js";
import type { ReceiverInput, ReceiverStop } from "./child.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CHILD = path("../../../temp/kill/receiver-child.mjs");
const STOPS: readonly ReceiverStop[] = ["arrived", "beforePut", "halfPut", "afterPut", "beforeAnswer", "answered"];
const TIMES = 3;

beforeAll(async () => {
  const alias = { "aci-lifecycle/http": path("../../../src/http/index.ts"), "aci-lifecycle": path("../../../src/index.ts") };
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  await build({ entryPoints: [path("child.ts")], outfile: CHILD, bundle: true, external: ["@azure/identity"], banner, alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
});

interface Receiver {
  readonly port: number;
  readonly stands: Promise<unknown>;
  kill(): Promise<void>;
}

async function startReceiver(input: ReceiverInput): Promise<Receiver> {
  const child: ChildProcess = spawn(process.execPath, [CHILD, JSON.stringify(input)], { stdio: ["ignore", "pipe", "inherit"] });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  onTestFinished(kill);
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [line] = (await once(lines, "line")) as [string];
  return { ...(JSON.parse(line) as { port: number }), stands: once(lines, "line"), kill };
}

// Sends until it is answered well, as every sender does.
async function send(url: string, token: string): Promise<number> {
  for (let tries = 1; ; tries++) {
    const body = '{"type":"job.ended","exitCode":3}';
    const response = await fetch(url, { method: "POST", body, headers: { authorization: `Bearer ${token}` } }).catch(() => undefined);
    if (response?.status === 204) return tries;
    await setTimeout(50);
  }
}

it.each(STOPS.flatMap((stop) => Array.from({ length: TIMES }, (_, n) => [stop, n] as const)))("a receiver that is killed when it stands at %s loses nothing, and nothing counts twice (%i)", async (stop) => {
  const folder = await mkdtemp(join(tmpdir(), "receiver-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  let release: () => void = () => undefined;
  const isSent = new Promise<void>((resolve) => (release = resolve));
  let environment: ScriptedContainer["environment"] = {};
  let begin: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => (begin = resolve));
  const worker = async (container: ScriptedContainer): Promise<number> => {
    ({ environment } = container);
    begin();
    await isSent;
    container.print("done\n");
    return 3;
  };
  await using emulator = await startEmulator({ engine: scripted({ worker }) });
  const first = await startReceiver({ folder, port: 0, secret: SECRET, stop });
  const completion = webhook({ url: `http://127.0.0.1:${first.port}/`, secret: SECRET, report: "container", safetyIntervalInMs: 100_000, mailbox: fileMailbox(folder) });
  const events: LifecycleEvent[] = [];
  const running = runContainerJob(new AciClient(emulator.clientOptions), { key: "received", image: "worker" }, { completion, reject: false, onEvent: (event) => events.push(event) });
  await hasBegun;
  const sending = send(environment["ACI_JOB_CALLBACK_URL"] ?? "", environment["ACI_JOB_CALLBACK_TOKEN"] ?? "");
  await first.stands;
  await first.kill();
  await startReceiver({ folder, port: first.port, secret: SECRET });
  const tries = await sending;
  release();
  const result = await running;
  expect(tries === 1).toBe(stop === "answered");
  expect(result).toMatchObject({ outcome: "failed", exitCode: 3, logs: "done\n", cleanup: "done" });
  // Without the signal the first look would come after that time.
  expect(result.timings.totalInMs).toBeLessThan(90_000);
  expect(events.filter(({ type }) => type === "jobEnded")).toHaveLength(1);
  expect(emulator.requests.filter(({ method }) => method === "PUT")).toHaveLength(1);
  // What was taken is there no more, but for what was sent again after that.
  expect((await readdir(join(folder, result.groupName))).filter((name) => !name.endsWith(".new")).length).toBeLessThanOrEqual(1);
});
