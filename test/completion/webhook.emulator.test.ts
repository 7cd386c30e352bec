import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runContainerJob, type AciClient, type JobResult, type LifecycleEvent, type RunContainerJobOptions, type WebhookStrategy } from "aci-lifecycle";
import type { Emulator, RecordedRequest } from "aci-lifecycle/emulator";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { ENGINES, startReal } from "../real/engines.js";
import { JOB } from "./calls.js";
import { CURL, hostAddress } from "./docker/containers.js";
import { serveWebhook, type Served } from "./serve-webhook.js";

const SAFETY_IN_MS = 10_000;
const groupOf = (key: string, attempt = 1): string => `${nameBaseOf(jobHash(key))}-${attempt}`;
const script = (text: string): { image: string; command: string[] } => ({ image: CURL, command: ["sh", "-c", text] });

// Calls as a container of that job would.
async function callAs(completion: WebhookStrategy, key: string, attempt = 1): Promise<(body: string) => Promise<number>> {
  const { environment = {} } = (await completion.prepare?.({ ...JOB, key, attempt, groupName: groupOf(key, attempt) })) ?? {};
  const { ACI_JOB_CALLBACK_URL: url, ACI_JOB_CALLBACK_TOKEN: token } = environment as Record<string, { secureValue: string }>;
  return async (body) => (await fetch(url?.secureValue ?? "", { method: "POST", body, headers: { authorization: `Bearer ${token?.secureValue ?? ""}` } })).status;
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
// Until the group is deleted. How often it is looked at after that is up to how quick that is.
function looksIn(requests: readonly RecordedRequest[]): number {
  const end = requests.findIndex(({ method }) => method === "DELETE");
  return requests.slice(0, end).filter(({ method, path }) => method === "GET" && !path.endsWith("/logs")).length;
}
const ENDED = '{"type":"job.ended","exitCode":0}';

describe.each(ENGINES)("a webhook on the %s engine", (engine) => {
  let emulator: Emulator;
  let client: AciClient;
  let host = "";
  beforeAll(async () => {
    ({ emulator, client } = await startReal(engine));
    host = engine === "docker" ? await hostAddress() : "127.0.0.1";
  });
  afterAll(async () => {
    expect(emulator.groups()).toEqual([]);
    await emulator.close();
  });
  const serve = (...more: Parameters<typeof serveWebhook> extends [string, ...infer Rest] ? Rest : never): Promise<Served> => serveWebhook(host, { safetyIntervalInMs: SAFETY_IN_MS, ...more[0] }, more[1]);
  const requestsOf = (groupName: string): readonly RecordedRequest[] => emulator.requests.filter(({ path }) => path.includes(`/${groupName}`));

  interface Ran {
    readonly result: JobResult;
    readonly requests: readonly RecordedRequest[];
    readonly events: readonly LifecycleEvent[];
  }
  const run = async (completion: WebhookStrategy, key: string | undefined, text: string, more: RunContainerJobOptions = {}): Promise<Ran> => {
    const events: LifecycleEvent[] = [];
    const { onEvent, ...options } = more;
    const result = await runContainerJob(client, { ...script(text), key }, { completion, reject: false, ...options, onEvent: (event) => (events.push(event), onEvent?.(event)) });
    return { result, requests: requestsOf(result.groupName), events };
  };

  it("knows of the end within 250 ms, and takes five requests", async () => {
    await using served = await serve({ safetyIntervalInMs: 6 * SAFETY_IN_MS });
    await run(served.completion, undefined, "echo to warm up");
    const jobs: Ran[] = [];
    for (let n = 0; n < 24; n++) jobs.push(await run(served.completion, undefined, `sleep 0.${n % 10}; echo ${n}; exit ${n % 2}`));
    expect(jobs.map(({ result }) => result.exitCode)).toEqual(jobs.map((_, n) => n % 2));
    const lags = jobs.map(({ result }) => result.timings.noticedInMs ?? Infinity);
    const counts = jobs.map(({ requests }) => requests.length);
    console.log(`webhook on ${engine}: known after ${middle(lags)} ms (median), ${Math.max(...lags)} ms (longest); requests ${[...new Set(counts)].sort().map((count) => `${count}: ${counts.filter((one) => one === count).length}`).join(", ")}`);
    // One more where the group is still there at the look after the delete.
    expect(Math.min(...counts)).toBe(5);
    expect(jobs.find(({ requests }) => requests.length === 5)?.requests.map(({ method, path }) => `${method} ${path.endsWith("/logs") ? "logs" : ""}`.trim())).toEqual(["PUT", "GET", "GET logs", "DELETE", "GET"]);
    // On a machine with nothing else to do it is below 250; without the call it is the safety interval.
    expect(middle(lags)).toBeLessThan(3 * SAFETY_IN_MS);
  });

  it("asks for one list more with the caller's own key", async () => {
    await using served = await serve();
    const before = emulator.requests.length;
    await run(served.completion, `own-key-${engine}`, "sleep 0.5; echo done");
    expect(emulator.requests.slice(before).filter(({ path }) => path.endsWith("/containerGroups"))).toHaveLength(1);
  });

  it("loses no job when a tenth of the calls is dropped", async () => {
    const lost = new Set([3, 13].map((n) => groupOf(`dropped-${engine}-${n}`)));
    const isLost = (url: string): boolean => lost.has(groupOf(new URL(url, "http://x").searchParams.get("job") ?? ""));
    await using served = await serve({}, { before: (request) => isLost(request.url ?? "") && request.socket.destroy().destroyed });
    const jobs = await Promise.all(Array.from({ length: 20 }, (_, n) => run(served.completion, `dropped-${engine}-${n}`, `sleep 0.${n % 10}; echo ${n}; exit ${n % 3}`)));
    expect(jobs.map(({ result }) => [result.exitCode, result.logs])).toEqual(jobs.map((_, n) => [n % 3, `${n}\n`]));
    const lags = jobs.map(({ result }) => result.timings.noticedInMs ?? Infinity);
    console.log(`webhook on ${engine}, 2 of 20 jobs without a call: known after ${Math.max(...lags)} ms at the latest, ${middle(lags)} ms (median)`);
    expect(served.signals.filter(({ groupName }) => lost.has(groupName))).toEqual([]);
  });

  // The rest wait, most of the time, and so do it together.
  it.concurrent("W1: takes a call that comes fifty times at once as one", async () => {
    const statuses: Promise<number>[] = [];
    const key = `twice-${engine}`;
    await using served = await serve({}, {
      onSignal: ({ kind }) => {
        if (kind === "ended" && statuses.length === 0) for (let time = 0; time < 50; time++) statuses.push(call('{"type":"job.ended","exitCode":3}'));
      },
    });
    const call = await callAs(served.completion, key);
    const { result, events } = await run(served.completion, key, "echo done; exit 3");
    expect(result).toMatchObject({ outcome: "failed", exitCode: 3 });
    expect(events.filter(({ type }) => type === "jobEnded")).toHaveLength(1);
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([204]));
  });

  it.concurrent("W2: keeps a call that comes before the create is answered", async () => {
    await using served = await serve();
    const key = `early-${engine}`;
    const call = await callAs(served.completion, key);
    emulator.inject({ on: "create", name: groupOf(key), answer: "pass", delayInMs: 500, times: 1 });
    const early: Promise<number>[] = [];
    const { result } = await run(served.completion, key, "sleep 1; echo done; exit 4", { onEvent: ({ type }) => type === "jobCreating" && early.push(call(ENDED)) });
    expect(await Promise.all(early)).toEqual([204]);
    expect(result).toMatchObject({ outcome: "failed", exitCode: 4, logs: "done\n" });
  });

  it.concurrent("W3: is not moved by a call that comes after the end, or in the next attempt's time", async () => {
    await using served = await serve();
    const key = `late-${engine}`;
    const call = await callAs(served.completion, key);
    const late: Promise<number>[] = [];
    const retry = { maxAttempts: 2, exitCodes: [9], firstDelayInMs: 100 };
    const { result, events } = await run(served.completion, key, "sleep 0.5; echo done; exit 9", { retry, onEvent: ({ type, attempt }) => type === "jobAccepted" && attempt === 2 && late.push(call(ENDED)) });
    expect(await Promise.all(late)).toEqual([204]);
    expect(result).toMatchObject({ outcome: "failed", exitCode: 9, groupName: groupOf(key, 2) });
    expect(events.filter(({ type }) => type === "jobEnded")).toHaveLength(2);
    const sent = requestsOf(nameBaseOf(jobHash(key)));
    expect(await call(ENDED)).toBe(204);
    expect(requestsOf(nameBaseOf(jobHash(key)))).toEqual(sent);
  });

  it.concurrent("W4: finds the end of a job that never calls", async () => {
    await using served = await serve({ report: "container" });
    const { result } = await run(served.completion, undefined, "sleep 0.2; echo done; exit 2");
    expect(result).toMatchObject({ outcome: "failed", exitCode: 2 });
    expect(served.signals).toEqual([]);
  });

  it.concurrent("W5: does not even look for a call that is forged, another job's, or of an old key", async () => {
    const refused: number[] = [];
    await using served = await serve({ report: "container", onRefused: ({ status }) => refused.push(status) });
    await using other = await serve({ secret: "an old secret of the tests, long enough" });
    const key = `forged-${engine}`;
    const { environment = {} } = (await other.completion.prepare?.({ ...JOB, key, groupName: groupOf(key) })) ?? {};
    const { environment: foreign = {} } = (await served.completion.prepare?.({ ...JOB, key: "other", groupName: groupOf("other") })) ?? {};
    const tokens = [environment, foreign].map((one) => (one as Record<string, { secureValue: string }>)["ACI_JOB_CALLBACK_TOKEN"]?.secureValue ?? "");
    const statuses: Promise<number>[] = [];
    const forge = async (token: string): Promise<number> => (await fetch(`${served.url}&job=${key}&attempt=1`, { method: "POST", body: ENDED, headers: { authorization: `Bearer ${token}` } })).status;
    const { result, requests } = await run(served.completion, key, "sleep 1.5; echo done; exit 5", { onEvent: ({ type }) => type === "jobAccepted" && [...tokens, "forged", ""].forEach((token) => statuses.push(forge(token))) });
    expect(await Promise.all(statuses)).toEqual([401, 401, 401, 401]);
    expect(refused).toEqual([401, 401, 401, 401]);
    expect(result).toMatchObject({ exitCode: 5 });
    // The safety looks alone: one that shows the end, or two before it.
    expect(looksIn(requests)).toBeLessThanOrEqual(3);
  });

  it.concurrent("W6, W8: changes nothing for calls that are stale, recorded, too large or no JSON", async () => {
    await using served = await serve({ report: "container" });
    const key = `bad-${engine}`;
    const { environment = {} } = (await served.completion.prepare?.({ ...JOB, key, attempt: 1, groupName: groupOf(key) })) ?? {};
    const { ACI_JOB_CALLBACK_URL: url, ACI_JOB_CALLBACK_TOKEN: token, ACI_JOB_CALLBACK_SECRET: secret } = environment as Record<string, { secureValue: string }>;
    const send = async (body: string, headers: Record<string, string>): Promise<number> => (await fetch(url?.secureValue ?? "", { method: "POST", body, headers })).status;
    const signed = (ageInMs: number): Record<string, string> => {
      const date = new Date(Date.now() - ageInMs);
      return { "webhook-id": "msg_1", "webhook-timestamp": String(Math.floor(date.getTime() / 1000)), "webhook-signature": new Webhook(secret?.secureValue ?? "").sign("msg_1", date, ENDED) };
    };
    const authorization = { authorization: `Bearer ${token?.secureValue ?? ""}` };
    const bad: [string, Record<string, string>, number][] = [[ENDED, signed(310_000), 401], [ENDED, signed(-310_000), 401], [" ".repeat(100_000), authorization, 413], ["{", authorization, 400], ["[".repeat(30_000), authorization, 400]];
    const statuses: Promise<number>[] = [];
    const { result, requests } = await run(served.completion, key, "sleep 1.5; echo done; exit 5", { onEvent: ({ type }) => type === "jobAccepted" && bad.forEach(([body, headers]) => statuses.push(send(body, headers))) });
    expect(await Promise.all(statuses)).toEqual(bad.map(([, , status]) => status));
    expect([result.exitCode, served.signals]).toEqual([5, []]);
    expect(looksIn(requests)).toBeLessThanOrEqual(3);
  });

  it.concurrent("W9: is told again by a container whose receiver has died under the first call", async () => {
    let calls = 0;
    // The connection is gone before an answer, as of a process that is killed.
    await using served = await serve({ safetyIntervalInMs: 60_000 }, { before: (request) => calls++ === 0 && request.socket.destroy().destroyed });
    const { result, events } = await run(served.completion, undefined, "sleep 0.5; echo done; exit 6");
    expect(calls).toBeGreaterThan(1);
    expect(result).toMatchObject({ outcome: "failed", exitCode: 6, logs: "done\n" });
    expect(result.timings.totalInMs).toBeLessThan(30_000);
    expect(events.filter(({ type }) => type === "jobEnded")).toHaveLength(1);
  });

  it.concurrent("W7: believes the group and not the call, which says success while the container runs on and fails", async () => {
    await using served = await serve({ report: "container" });
    const text = `curl -s -X POST -H "authorization: Bearer $ACI_JOB_CALLBACK_TOKEN" -d '${ENDED}' "$ACI_JOB_CALLBACK_URL"; sleep 1.5; echo done; exit 1`;
    const { result, events } = await run(served.completion, undefined, text);
    expect(served.signals).toMatchObject([{ kind: "ended", exitCode: 0 }]);
    expect(result).toMatchObject({ outcome: "failed", exitCode: 1, logs: "done\n" });
    expect(events.filter(({ type }) => type === "jobEnded")).toHaveLength(1);
  });
});
