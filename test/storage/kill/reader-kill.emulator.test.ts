import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AciClient, folderStore, runContainerJob, webhook, type CompletionStrategy, type ContainerJobSpec, type JobView, type Mailbox, type Signal, type WebhookAnswer } from "aci-lifecycle";
import { scripted, startEmulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { storageQueue, tableMailbox, type TableMailbox } from "aci-lifecycle/storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobHash, nameBaseOf } from "../../../src/lifecycle/identity.js";
import { callOf, JOB, SECRET } from "../../completion/calls.js";
import { startAzurite, type Azurite } from "../azurite.js";
import { buildReader, readToDeath } from "./reader.js";
import { READER_STOPS, RECEIVER_STOPS } from "./stops.js";

// The container tells twice: when it has begun and when it is about to end.
const TOLD = ["started", "ended"] as const;
const JOBS = ["a", "b", "c"].map((key): JobView => ({ ...JOB, key, attempt: 1, groupName: `${nameBaseOf(jobHash(key))}-1` }));
const DRAINING = READER_STOPS.slice(0, READER_STOPS.indexOf("answered") + 1);

let azurite: Azurite;
let runs = 0;
beforeAll(async () => {
  await buildReader();
  azurite = await startAzurite();
});
afterAll(async () => azurite.stop());

function places(): { readonly connectionString: string; readonly queue: string; readonly table: string } {
  runs++;
  return { connectionString: azurite.connectionString, queue: `kill-${runs}`, table: `kill${runs}` };
}

function strategyOf({ connectionString, table, queue }: ReturnType<typeof places>): { readonly strategy: CompletionStrategy; readonly mailbox: TableMailbox } {
  const mailbox = tableMailbox({ connectionString, table });
  return { mailbox, strategy: storageQueue({ connectionString, queue, mailbox, report: "container", visibilityTimeoutInMs: 2000, firstPauseInMs: 50, longestPauseInMs: 200 }) };
}

async function say(url: string | undefined, message: string | undefined, kind: string): Promise<void> {
  const text = `${message?.slice(0, -1) ?? ""},"type":"job.${kind}"${kind === "ended" ? ',"exitCode":3' : ""}}`;
  const { status } = await fetch(url ?? "", { method: "POST", headers: { "content-type": "application/xml" }, body: `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>` });
  expect(status).toBe(201);
}

describe.concurrent("a process that drains a queue and is killed", () => {
  it.each(DRAINING.flatMap((at) => [1, 2, 4].map((nth) => [at, nth] as const)).filter(([at, nth]) => nth === 1 || !["received", "answered"].includes(at)))("loses and doubles no signal: %s, time %i", async (at, nth) => {
    const place = places();
    const { strategy, mailbox } = strategyOf(place);
    for (const job of JOBS) {
      const { environment = {} } = (await strategy.prepare?.(job)) ?? {};
      const value = (name: string): string | undefined => (environment as Record<string, { secureValue: string }>)[name]?.secureValue;
      for (const kind of TOLD) await say(value("ACI_JOB_QUEUE_URL"), value("ACI_JOB_MESSAGE"), kind);
    }
    await readToDeath({ ...place, stop: { at, nth }, jobs: JOBS });
    const messages = azurite.queue(place.queue);
    const nobody = { ...JOB, groupName: "aci-0000000000000000-1" };
    while ((await messages.getProperties()).approximateMessagesCount !== 0) await strategy.receive?.(nobody, { waitInMs: 300, abortSignal: new AbortController().signal });
    for (const { groupName } of JOBS) {
      const signals = await mailbox.receive(groupName, { waitInMs: 0 });
      expect(signals.map(({ id }) => id).sort()).toEqual([`${groupName}/ended`, `${groupName}/started`]);
    }
  });
});

describe.concurrent("a job whose process is killed while it takes its signals", () => {
  // A reader sees two batches at least: the beginning and the end.
  it.each(READER_STOPS.flatMap((at) => [1, 2].map((nth) => [at, nth] as const)))("ends truly, and is done once: %s, time %i", async (at, nth) => {
    const place = places();
    const { strategy } = strategyOf(place);
    const folder = await mkdtemp(join(tmpdir(), "reader-kill-"));
    const worker = async (container: ScriptedContainer): Promise<number> => {
      const { ACI_JOB_QUEUE_URL: url, ACI_JOB_MESSAGE: message } = container.environment;
      await say(url, message, "started");
      await container.sleep(1500);
      container.print("done\n");
      await say(url, message, "ended");
      return 3;
    };
    await using emulator = await startEmulator({ engine: scripted({ worker }), pace: "instant" });
    const spec: ContainerJobSpec = { key: "nightly", image: "worker" };
    try {
      await readToDeath({ ...place, stop: { at, nth }, run: { spec, folder } }, { environment: emulator.environment });
      const before = emulator.requests.length;
      const result = await runContainerJob(new AciClient(emulator.clientOptions), spec, { completion: strategy, store: folderStore(folder), reject: false });
      expect(result).toMatchObject({ outcome: "failed", exitCode: 3, logs: "done\n", cleanup: "done" });
      const methods = emulator.requests.map(({ method }) => method);
      expect(methods.filter((method) => method === "PUT")).toHaveLength(1);
      // A job that knows nothing of its signals looks for its group, and no more often than one that was not killed may.
      expect(methods.slice(before).length).toBeLessThanOrEqual(12);
      expect(emulator.groups()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe.concurrent("a receiver of calls that is killed", () => {
  it.each(RECEIVER_STOPS)("has kept what it has answered, and keeps once what is sent again: %s", async (at) => {
    const place = places();
    const job = JOBS[0] as JobView;
    const mailbox: Mailbox = strategyOf(place).mailbox;
    const strategy = webhook({ url: "http://127.0.0.1/", secret: SECRET, mailbox });
    const { environment = {} } = (await strategy.prepare?.(job)) ?? {};
    const { ACI_JOB_CALLBACK_URL: url, ACI_JOB_CALLBACK_TOKEN: token } = environment as Record<string, { secureValue: string }>;
    const query = new URL(url?.secureValue ?? "").search;
    const [headers, body] = [{ authorization: `Bearer ${token?.secureValue ?? ""}` }, '{"type":"job.ended","exitCode":3}'];
    let answer: Promise<number | undefined> | undefined;
    const call = (port: number): void => {
      answer = fetch(`http://127.0.0.1:${port}/${query}`, { method: "POST", headers, body }).then(
        ({ status }) => status,
        () => undefined,
      );
    };
    await readToDeath({ ...place, stop: { at, nth: 1 }, secret: SECRET }, { onPort: call });
    // Whoever has no answer sends again, to whoever is there now.
    expect(await answer).toBeUndefined();
    const kept = await mailbox.receive(job.groupName, { waitInMs: 0 });
    expect(kept).toHaveLength(at === "keeping" ? 0 : 1);
    const again: WebhookAnswer = await strategy.accept(callOf({ query, headers, body }));
    expect(again.status).toBe(204);
    const signals: readonly Signal[] = await mailbox.receive(job.groupName, { waitInMs: 0 });
    expect(signals.map(({ id }) => id)).toEqual([`${job.groupName}/ended`]);
  });
});
