import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runContainerJob, type AciClient, type JobResult, type Signal, type WebhookOptions } from "aci-lifecycle";
import type { Emulator } from "aci-lifecycle/emulator";
import { wrap } from "../../../src/completion/reporting/wrapper.js";
import { startReal } from "../../real/engines.js";
import { deadUrl, startCallbackServer } from "../wrapper/callback-server.js";
import { BUSYBOX, CURL, hostAddress, runInDocker, type Ran, type RunOptions } from "./containers.js";
import { serveWebhook } from "../serve-webhook.js";

let host = "";
let emulator: Emulator;
let client: AciClient;
beforeAll(async () => {
  host = await hostAddress();
  ({ emulator, client } = await startReal("docker"));
});
afterAll(async () => {
  expect(emulator.groups()).toEqual([]);
  await emulator.close();
});

const run = (url: string, command: readonly string[], more: Partial<RunOptions> = {}): Promise<Ran> =>
  runInDocker({ image: CURL, command: wrap(command, "sh"), environment: { ACI_JOB_CALLBACK_URL: url, ACI_JOB_CALLBACK_TOKEN: "t0ken", ACI_JOB_CALLBACK_SECRET: "whsec_c2VjcmV0" }, ...more });

// With curl, and with BusyBox's nc.
describe.each([CURL, BUSYBOX])("the wrapper in a container of %s", { concurrent: true }, (image) => {
  it.each([
    [0, "exit 0"],
    [3, "exit 3"],
    [255, "exit 255"],
    [126, "exec /etc/passwd"],
    [127, "exec no-such-program"],
    [137, "kill -KILL $$"],
    [139, "kill -SEGV $$"],
  ])("keeps exit code %i and tells of it", async (exitCode, script) => {
    await using server = await startCallbackServer(host);
    expect(await run(server.url, ["sh", "-c", script], { image })).toMatchObject({ exitCode });
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode }]);
  });

  it("keeps 126 and 127 of a command that cannot be started", async () => {
    await using server = await startCallbackServer(host);
    for (const [program, exitCode] of [["/etc/passwd", 126], ["no-such-program", 127]] as const) expect(await run(server.url, [program], { image })).toMatchObject({ exitCode });
    expect(server.told("job.ended")).toMatchObject([{ exitCode: 126 }, { exitCode: 127 }]);
  });

  it("tells of a command that wanted too much memory", async () => {
    await using server = await startCallbackServer(host);
    const { exitCode, isOutOfMemory, stderr } = await run(server.url, ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"], { image, memoryInMB: 48 });
    expect([exitCode, isOutOfMemory, stderr]).toEqual([137, true, ""]);
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode: 137 }]);
  });

  it("hands on the signal of a stop, and the command cleans up and keeps its code", async () => {
    await using server = await startCallbackServer(host);
    const script = "trap 'sleep 0.2; echo cleaned up; exit 7' TERM; echo ready; while :; do sleep 0.1; done";
    const { exitCode, stdout, stderr } = await run(server.url, ["sh", "-c", script], { image, stopAt: "ready" });
    expect([exitCode, stdout.toString(), stderr]).toEqual([7, "ready\ncleaned up\n", ""]);
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode: 7 }]);
  });

  it("keeps arguments and output, byte for byte", async () => {
    await using server = await startCallbackServer(host);
    const given = ["a b", 'say "hi"', "$(echo no)", "two\nlines", "", "*", "it's"];
    const { stdout } = await run(server.url, ["sh", "-c", String.raw`printf '<%s>' "$@"; printf 'to stderr\n' >&2`, "-", ...given], { image });
    expect(stdout.toString()).toBe(given.map((one) => `<${one}>`).join(""));
    const binary = await run(server.url, ["sh", "-c", "head -c 100000 /dev/urandom > /tmp/b; cat /tmp/b; sha256sum < /tmp/b >&2"], { image });
    expect(binary.stderr.split(" ")[0]).toBe(createHash("sha256").update(binary.stdout).digest("hex"));
    expect(binary.stdout).toHaveLength(100_000);
  });

  it("ends as it did, and soon, where nobody listens, and where the receiver fails", async () => {
    await using server = await startCallbackServer(host, "refuse");
    for (const url of [await deadUrl(host), server.url]) expect(await run(url, ["sh", "-c", "exit 3"], { image })).toMatchObject({ exitCode: 3, stderr: "" });
    expect(server.told("job.ended")).toHaveLength(2);
  });

  it("waits for a receiver that says nothing twice five seconds", async () => {
    await using server = await startCallbackServer(host, "hang");
    expect(await run(server.url, ["sh", "-c", "exit 3"], { image })).toMatchObject({ exitCode: 3, stderr: "" });
    expect(server.told("job.ended")).toHaveLength(2);
  });
});

describe("a job in the wrapper", { concurrent: true }, () => {
  const inWrapper = async (image: string, command: readonly string[], more: Partial<WebhookOptions> = {}): Promise<{ readonly result: JobResult; readonly told: readonly Partial<Signal>[] }> => {
    await using served = await serveWebhook(host, { safetyIntervalInMs: 10_000, ...more });
    const result = await runContainerJob(client, { image, command: [...command] }, { completion: served.completion, reject: false });
    return { result, told: served.signals.map(({ kind, exitCode }) => ({ kind, exitCode })) };
  };

  it("sees nothing of what is secret, and says that it lives", async () => {
    const { result, told } = await inWrapper(CURL, ["sh", "-c", "env; cat /proc/[0-9]*/cmdline; sleep 2.5"], { heartbeatIntervalInMs: 1000 });
    expect(result).toMatchObject({ outcome: "succeeded", exitCode: 0 });
    expect(result.logs.replace(/u=\$ACI_JOB[^]*/u, "")).not.toMatch(/ACI_JOB_CALLBACK|whsec_|c0de/u);
    expect(result.logs).not.toMatch(/whsec_|c0de|Bearer [^%]/u);
    expect(told.filter(({ kind }) => kind === "alive").length).toBeGreaterThanOrEqual(2);
  });

  it.each(["bare", "bare-user"])("needs no shell in the image %s with the helper image", async (name) => {
    const { result, told } = await inWrapper(`aci-lifecycle-test/${name}:1`, ["/false"], { helperImage: "aci-lifecycle-test/helper:1" });
    expect(result).toMatchObject({ outcome: "failed", exitCode: 1, logs: "" });
    expect(told).toContainEqual({ kind: "ended", exitCode: 1 });
  });

  it("cannot start without a shell, and says so", async () => {
    const { result } = await inWrapper("aci-lifecycle-test/bare:1", ["/false"]);
    expect(result).toMatchObject({ outcome: "failed", exitCode: 127 });
  });
});
