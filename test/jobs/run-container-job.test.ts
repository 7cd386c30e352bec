import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ContainerJobError, isAciError, memoryStore, runContainerJob, type LogLine } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { image: "alpine:3", command: ["date"] };

describe("runContainerJob", () => {
  it("returns exit code, logs, timings and cost, and leaves nothing behind", async () => {
    const azure = new FakeAzure();
    const result = await azure.until(runContainerJob(azure.client(), SPEC));
    expect(result).toMatchObject({ outcome: "succeeded", exitCode: 0, logs: "hello\n", isLogTruncated: false, cleanup: "done", attempt: 1 });
    expect(result.timings).toMatchObject({ queuedInMs: 0, ranInMs: 10_000, collectedInMs: 0, deletedInMs: 0 });
    expect(result.timings.noticedInMs).toBeLessThan(2000);
    expect(result.cost.amount).toBeGreaterThan(0);
    expect(azure.groups.size).toBe(0);
  });

  it("asks for no more than twelve requests beside its looks", async () => {
    const azure = new FakeAzure();
    const { requests } = await azure.until(runContainerJob(azure.client(), { ...SPEC, key: "k" }));
    expect(requests).toBe(azure.requests.length);
    expect(azure.requests.filter((verb) => verb !== "get").sort()).toEqual(["delete", "list", "put", "readLogs"]);
  });

  it("rejects with the result on the error when the container fails", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 3;
    const error = await azure.until(runContainerJob(azure.client(), SPEC)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ContainerJobError);
    expect(isAciError(error)).toBe(true);
    expect(error).toMatchObject({ name: "ContainerJobError", code: "ACI_JOB_FAILED", outcome: "failed", exitCode: 3, logs: "hello\n" });
    expect((error as Error).message).toMatch(/^Job ended with exit code 3 in container group "aci-[0-9a-f]{16}-1" \[ACI_JOB_FAILED\]$/u);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ outcome: "failed", exitCode: 3 });
    expect(Object.keys(JSON.parse(JSON.stringify(error)) as object)).not.toEqual(expect.arrayContaining(["name", "message", "stack", "cause"]));
  });

  it("resolves with the failure if asked to", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 1;
    expect(await azure.until(runContainerJob(azure.client(), SPEC, { reject: false }))).toMatchObject({ outcome: "failed", exitCode: 1 });
  });

  it("streams lines to a sink, each once, and has them all in the result", async () => {
    const azure = new FakeAzure();
    const lines: LogLine[] = [];
    let reads = 0;
    azure.before = (verb) => {
      if (verb !== "readLogs") return;
      reads++;
      azure.log = Array.from({ length: reads }, (_, i) => `2026-01-01T00:00:00Z line ${i}\n`).join("");
    };
    const { logs } = await azure.until(runContainerJob(azure.client(), SPEC, { logSink: { write: (more) => void lines.push(...more) } }));
    expect(reads).toBeGreaterThan(2);
    expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: reads }, (_, i) => `line ${i}`));
    expect(logs).toBe(lines.map(({ text }) => `${text}\n`).join(""));
  });

  it("survives a sink and a listener that throw", async () => {
    const azure = new FakeAzure();
    const fail = (): never => {
      throw new Error("mine");
    };
    expect(await azure.until(runContainerJob(azure.client({ onEvent: fail }), SPEC, { logSink: { write: fail }, onEvent: fail }))).toMatchObject({ logs: "hello\n" });
  });

  it("sends the same bytes whoever asks, and marks the group as its own", async () => {
    const [one, two] = [new FakeAzure(), new FakeAzure()];
    await one.until(runContainerJob(one.client(), { ...SPEC, key: "k" }));
    await two.clock.advance(60_000);
    await two.until(runContainerJob(two.client(), { key: "k", command: ["date"], image: "alpine:3" }));
    expect(JSON.stringify(one.puts)).toBe(JSON.stringify(two.puts));
    expect(one.puts[0]?.tags).toMatchObject({ "aci-lifecycle-owner": "default", "aci-lifecycle-attempt": "1", "aci-lifecycle-main": "main" });
    expect(one.puts[0]?.restartPolicy).toBe("Never");
  });

  it("runs one group for two callers with the same key", async () => {
    const azure = new FakeAzure();
    const first = runContainerJob(azure.client(), { ...SPEC, key: "k" });
    await azure.clock.advance(5000);
    const second = runContainerJob(azure.client(), { ...SPEC, key: "k" });
    const results = await azure.until(Promise.allSettled([first, second]));
    expect(azure.puts).toHaveLength(1);
    expect(results[0]).toMatchObject({ status: "fulfilled", value: { exitCode: 0 } });
  });

  it("gives two callers with one key and one store the same result, though one of them finds the group gone", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const first = runContainerJob(azure.client(), { ...SPEC, key: "k" }, { store });
    await azure.clock.advance(4000);
    const second = runContainerJob(azure.client(), { ...SPEC, key: "k" }, { store });
    const [one, two] = await azure.until(Promise.all([first, second]));
    expect(azure.puts).toHaveLength(1);
    expect(two).toMatchObject({ outcome: "succeeded", exitCode: 0, logs: one.logs, groupName: one.groupName });
  });

  it("refuses a key that is in use with another spec, and a name that is somebody else's", async () => {
    const azure = new FakeAzure();
    const first = runContainerJob(azure.client(), { ...SPEC, key: "k" });
    await azure.clock.advance(5000);
    await expect(azure.until(runContainerJob(azure.client(), { ...SPEC, key: "k", cpu: 2 }))).rejects.toMatchObject({ code: "ACI_JOB_CONFLICT" });
    await expect(azure.until(runContainerJob(azure.client({ owner: "other" }), { ...SPEC, key: "k" }))).rejects.toMatchObject({ code: "ACI_NAME_CONFLICT" });
    await azure.until(first);
    expect(azure.puts).toHaveLength(1);
  });

  it("does not use a name again", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    const first = await azure.until(runContainerJob(client, { ...SPEC, key: "k" }));
    const second = await azure.until(runContainerJob(client, { ...SPEC, key: "k" }));
    expect([first.groupName.at(-1), second.groupName.at(-1)]).toEqual(["1", "2"]);
  });

  it("returns the stored result where the key has run already", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    await azure.until(runContainerJob(azure.client(), { ...SPEC, key: "k" }, { store }));
    const again = await azure.until(runContainerJob(azure.client(), { ...SPEC, key: "k" }, { store }));
    expect(again).toMatchObject({ exitCode: 0, logs: "hello\n", cleanup: "done" });
    expect(azure.puts).toHaveLength(1);
    await expect(runContainerJob(azure.client(), { ...SPEC, key: "k", image: "b" }, { store })).rejects.toMatchObject({ code: "ACI_JOB_CONFLICT" });
  });

  it("adopts the group when the answer to the create was lost", async () => {
    const azure = new FakeAzure();
    let isLost = false;
    azure.after = (verb) => {
      if (verb === "put" && !isLost) {
        isLost = true;
        throw azure.fault({ transport: "ECONNRESET" });
      }
    };
    expect(await azure.until(runContainerJob(azure.client(), SPEC))).toMatchObject({ exitCode: 0 });
    expect(azure.puts).toHaveLength(1);
  });

  it("resolves secrets at the create, and never shows them", async () => {
    const azure = new FakeAzure();
    const secrets = (name: string): string => `value of ${name}: s3cr3t`;
    const environment = { TOKEN: { secret: "token" }, KEY: { secureValue: "s3cr3t-inline" }, PLAIN: "p" };
    azure.exitCode = 1;
    const store = memoryStore();
    const error = await azure.until(runContainerJob(azure.client(), { ...SPEC, key: "k", environment }, { secrets, store })).catch((reason: unknown) => reason);
    expect(azure.puts[0]?.containers[0]?.environment).toEqual({ TOKEN: { secureValue: "value of token: s3cr3t" }, KEY: { secureValue: "s3cr3t-inline" }, PLAIN: "p" });
    const shown = [inspect(error, { depth: null, showHidden: true }), JSON.stringify(error), JSON.stringify(await store.read(""))];
    expect(shown.join("\n")).not.toContain("s3cr3t");
  });

  it("says so where a secret cannot be resolved", async () => {
    const azure = new FakeAzure();
    const spec = { ...SPEC, environment: { TOKEN: { secret: "token" } } };
    await expect(azure.until(runContainerJob(azure.client(), spec))).rejects.toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS" });
    await expect(azure.until(runContainerJob(azure.client(), spec, { secrets: () => Promise.reject(new Error("vault")) }))).rejects.toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS" });
    expect(azure.groups.size).toBe(0);
  });
});
