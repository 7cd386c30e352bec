import { inspect } from "node:util";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/internal/clock.js";
import { memoryMailbox, webhook, type LookView, type NextCheck, type WebhookCall, type WebhookOptions, type WebhookStrategy } from "../../src/index.js";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { callOf, JOB, looking, SECRET } from "./calls.js";

const clock = new VirtualClock();
const GROUP = `${nameBaseOf(jobHash(JOB.key))}-2`;
const job = { ...JOB, groupName: GROUP };

interface Told {
  readonly url: URL;
  readonly token: string;
  readonly secret: string;
}

function strategyOf(more: Partial<WebhookOptions> = {}): WebhookStrategy {
  return webhook({ url: "https://jobs.example.com/callbacks?code=k%2F", secret: SECRET, clock, ...more });
}

async function toldTo(strategy: WebhookStrategy, given = job): Promise<Told> {
  const { environment = {} } = (await strategy.prepare?.(given)) ?? {};
  const value = (name: string): string => (environment as Record<string, { secureValue: string }>)[name]?.secureValue ?? "";
  return { url: new URL(value("ACI_JOB_CALLBACK_URL")), token: value("ACI_JOB_CALLBACK_TOKEN"), secret: value("ACI_JOB_CALLBACK_SECRET") };
}

function bearer({ url, token }: Told, body: string | Uint8Array = '{"type":"job.ended","exitCode":3}'): WebhookCall {
  return callOf({ query: url.search, headers: { authorization: `Bearer ${token}` }, body });
}

function signed({ url, secret }: Told, { body = '{"type":"job.ended","exitCode":3}', id = "msg_1", at = clock.now() } = {}): WebhookCall {
  const signature = new Webhook(secret).sign(id, new Date(at), body);
  return callOf({ query: url.search, headers: { "webhook-id": id, "webhook-timestamp": String(Math.floor(at / 1000)), "webhook-signature": signature }, body });
}

describe("a webhook's container", () => {
  it("is given where to call and with what, as secure values", async () => {
    const { url, token, secret } = await toldTo(strategyOf({ report: "container" }));
    expect([url.origin, url.pathname, url.searchParams.get("code"), url.searchParams.get("job"), url.searchParams.get("attempt")]).toEqual(["https://jobs.example.com", "/callbacks", "k/", JOB.key, "2"]);
    expect(token).toMatch(/^[\w-]{43}$/u);
    expect(secret).toMatch(/^whsec_/u);
  });

  it("is given the same each time, and another attempt or job something else", async () => {
    const strategy = strategyOf();
    expect(await strategy.prepare?.(job)).toEqual(await strategy.prepare?.(job));
    const tokens = await Promise.all([job, { ...job, groupName: GROUP.replace(/2$/u, "3") }, { ...job, groupName: `${nameBaseOf(jobHash("other"))}-2` }].map(async (one) => (await toldTo(strategy, one)).token));
    expect(new Set(tokens).size).toBe(3);
  });

  it("has its command wrapped, and a helper where it has no shell", async () => {
    const plain = await strategyOf().prepare?.(job);
    expect(plain?.command?.slice(0, 2)).toEqual(["sh", "-c"]);
    expect(plain?.command?.slice(3)).toEqual(["aci-lifecycle", "work", "a b"]);
    const helped = await strategyOf({ helperImage: "helper:1", heartbeatIntervalInMs: 30_000 }).prepare?.(job);
    expect(helped).toMatchObject({ initContainers: [{ image: "helper:1" }], volumes: [{ emptyDir: {} }], environment: { ACI_JOB_HELPER: "/aci-lifecycle", ACI_JOB_HEARTBEAT: "30" } });
    expect(helped?.command?.[0]).toBe("/aci-lifecycle/sh");
  });

  it("must have a command to be wrapped", () => {
    const strategy = strategyOf();
    expect(() => strategy.check?.({ ...job, command: undefined })).toThrow(/`command`/u);
    expect(() => strategy.check?.({ ...job, osType: "Windows" })).toThrow(/`osType`/u);
    expect(() => strategyOf({ report: "container" }).check?.({ ...job, command: undefined })).not.toThrow();
  });
});

describe("a webhook", () => {
  it("keeps what a container with its token says, once", async () => {
    const strategy = strategyOf();
    const told = await toldTo(strategy);
    for (let time = 0; time < 20; time++) expect(await strategy.accept(bearer(told))).toMatchObject({ status: 204 });
    const signals = await strategy.receive?.(job, { waitInMs: 0, abortSignal: new AbortController().signal });
    expect(signals).toMatchObject([{ groupName: GROUP, key: JOB.key, kind: "ended", exitCode: 3, source: "webhook" }]);
    await strategy.acknowledge?.(job, signals ?? []);
    expect(await strategy.receive?.(job, { waitInMs: 0, abortSignal: new AbortController().signal })).toEqual([]);
  });

  it("has done with what was said of an attempt though the job has gone on to the next one", async () => {
    const strategy = strategyOf();
    await strategy.accept(bearer(await toldTo(strategy)));
    const options = { waitInMs: 0, abortSignal: new AbortController().signal };
    await strategy.acknowledge?.({ ...job, attempt: 2, groupName: "aci-the-next-2" }, await strategy.receive?.(job, options) ?? []);
    expect(await strategy.receive?.(job, options)).toEqual([]);
  });

  it("takes signatures of the standardwebhooks package, which takes ours", async () => {
    const strategy = strategyOf();
    const told = await toldTo(strategy);
    expect(await strategy.accept(signed(told))).toMatchObject({ status: 204, signals: [{ id: "msg_1" }] });
  });

  it("refuses alike who has no right, whatever is wrong", async () => {
    const strategy = strategyOf();
    const told = await toldTo(strategy);
    const other = await toldTo(strategy, { ...job, groupName: `${nameBaseOf(jobHash("other"))}-2` });
    const good = signed(told);
    const flipped = Buffer.from(good.body);
    flipped.writeUInt8(flipped.readUInt8(3) ^ 1, 3);
    const wrong: readonly WebhookCall[] = [
      { ...bearer(told), header: () => undefined },
      bearer({ ...told, token: other.token }),
      bearer({ ...told, token: `${told.token}x` }),
      bearer({ ...told, url: new URL("https://x?job=nobody&attempt=1") }),
      bearer({ ...told, url: new URL("https://x?attempt=2") }),
      bearer({ ...told, url: new URL(told.url.href.replace("attempt=2", "attempt=02")) }),
      { ...good, body: flipped },
      { ...good, header: (name) => (name === "webhook-id" ? "msg_2" : good.header(name)) },
      signed(told, { at: clock.now() - 301_000 }),
      signed(told, { at: clock.now() + 301_000 }),
      signed(other),
      { ...good, header: (name) => (name === "webhook-timestamp" ? "1e3" : good.header(name)) },
    ];
    for (const call of wrong) expect(await strategy.accept(call)).toEqual({ status: 401, signals: [] });
    expect(await strategy.receive?.(job, { waitInMs: 0, abortSignal: new AbortController().signal })).toEqual([]);
  });

  it("takes the calls of jobs that have an older secret, and not of one that is gone", async () => {
    const old = await toldTo(strategyOf());
    const next = "another secret of the tests, long enough";
    expect(await strategyOf({ secret: [next, SECRET] }).accept(bearer(old))).toMatchObject({ status: 204 });
    expect(await strategyOf({ secret: next }).accept(bearer(old))).toMatchObject({ status: 401 });
    expect((await toldTo(strategyOf({ secret: [next, SECRET] }))).token).toBe((await toldTo(strategyOf({ secret: next }))).token);
  });

  it("refuses what is no call of its own", async () => {
    const strategy = strategyOf();
    const told = await toldTo(strategy);
    for (const body of ["", "null", "3", "[]", "{", '{"type":"job.done"}', '{"type":["job.ended"]}', '{"type":"__proto__"}', "[".repeat(60_000)]) expect(await strategy.accept(bearer(told, body))).toMatchObject({ status: 400 });
    expect((await strategy.accept(bearer(told, '{"type":"job.ended","exitCode":"0","__proto__":{"exitCode":0}}'))).signals[0]).not.toHaveProperty("exitCode");
  });

  it("keeps an id short, however long a container makes it, and two apart", async () => {
    const strategy = strategyOf();
    const told = await toldTo(strategy);
    const ids: string[] = [];
    for (const id of [`${"x".repeat(15_000)}1`, `${"x".repeat(15_000)}2`, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"]) {
      const call = bearer(told);
      const { signals } = await strategy.accept({ ...call, header: (name) => (name === "webhook-id" ? id : call.header(name)) });
      ids.push(signals[0]?.id ?? "");
    }
    expect(new Set(ids).size).toBe(3);
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(64);
    expect(ids[2]).toBe("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W");
  });

  it("compares some signatures of a call, and not thousands", async () => {
    const strategy = strategyOf();
    const told = await toldTo(strategy);
    const good = signed(told);
    const behind = (wrong: number): WebhookCall => ({ ...good, header: (name) => (name === "webhook-signature" ? `${"v1,x ".repeat(wrong)}${good.header(name) ?? ""}` : good.header(name)) });
    expect(await strategy.accept(behind(3))).toMatchObject({ status: 204 });
    expect(await strategy.accept(behind(3000))).toMatchObject({ status: 401 });
  });

  it("says so where a key is too long to be told back", async () => {
    const key = "k".repeat(1025);
    await expect(async () => strategyOf().prepare?.({ ...job, key })).rejects.toThrow(/`key`.*1024/u);
  });

  it("allows sixty calls a minute for a job, and tells of each that it refuses", async () => {
    const refused: number[] = [];
    const strategy = strategyOf({ clock: new VirtualClock(), onRefused: ({ status }) => refused.push(status) });
    const told = await toldTo(strategy);
    for (let time = 0; time < 65; time++) await strategy.accept(bearer(told));
    await strategy.accept({ ...bearer(told), header: () => undefined });
    expect(refused).toEqual([429, 429, 429, 429, 429, 401]);
  });

  it("shows nothing of its secret", async () => {
    const strategy = strategyOf();
    const { token } = await toldTo(strategy);
    const shown = inspect(strategy, { depth: 9, showHidden: true }) + JSON.stringify(strategy);
    for (const secret of [SECRET, token, "k%2F"]) expect(shown).not.toContain(secret);
    expect(() => strategyOf({ secret: "short-secret" })).toThrow(/^(?!.*short-secret).*`secret`/u);
  });

  it.each([
    [{ url: "ftp://x" }, /`url`/u],
    [{ url: "http://jobs.example.com/" }, /`url`.*https/u],
    [{ url: "https://user:password@jobs.example.com/" }, /`url`/u],
    [{ url: "nonsense" }, /`url`/u],
    [{ secret: [] }, /`secret`/u],
    [{ secret: 3 }, /`secret`/u],
    [{ report: "somebody" }, /`report`/u],
    [{ safetyIntervalInMs: 5000 }, /`safetyIntervalInMs`/u],
    [{ safetyIntervalInMs: 700_000 }, /`safetyIntervalInMs`/u],
    [{ heartbeatIntervalInMs: 10 }, /`heartbeatIntervalInMs`/u],
    [{ heartbeatIntervalInMs: 1500 }, /^Expected `heartbeatIntervalInMs` to be whole seconds, got `1500` \(number\)\.$/u],
    [{ mailbox: {} }, /^Expected `mailbox` to be a Mailbox, such as `memoryMailbox\(\)` makes, got object\.$/u],
    [{ onRefused: "log" }, /^Expected `onRefused` to be a function, got string\.$/u],
    [{ helperImage: "" }, /`helperImage`/u],
    [{ wrong: 1 }, /`wrong`/u],
    [{ onRefused: {} }, /^Expected `onRefused` to be a function, got object\.$/u],
  ])("refuses %o", (more, text) => {
    expect(() => strategyOf(more as unknown as Partial<WebhookOptions>)).toThrow(text);
  });

  it.each(["http://127.0.0.1:8080/", "http://10.1.2.3/", "http://172.17.0.1/", "http://[::1]/", "http://host.docker.internal/", "https://x.example/"])("takes %s", (url) => {
    expect(() => strategyOf({ url })).not.toThrow();
  });

  it("looks soon after a call, and rarely without one", () => {
    const strategy = strategyOf();
    const check = (view: LookView): NextCheck => strategy.nextCheck?.(view) ?? { earliestInMs: -1 };
    expect(check(looking())).toEqual({ earliestInMs: 30_000 });
    expect(check(looking({ looks: 1, unseenForInMs: 5000 }))).toEqual({ earliestInMs: 10_000 });
    expect(check(looking({ signals: { started: { agoInMs: 4000, looksSince: 0 } }, unseenForInMs: 20_000 }))).toEqual({ earliestInMs: 100_000 });
    expect(check(looking({ phase: "running", signals: { ended: { agoInMs: 0, looksSince: 0 } } })).earliestInMs).toBe(225);
    expect(check(looking({ phase: "running", signals: { ended: { agoInMs: 300, looksSince: 1 } } })).earliestInMs).toBe(200);
    expect(check(looking({ phase: "running", signals: { ended: { agoInMs: 60_000, looksSince: 10 } }, unseenForInMs: 0 }))).toEqual({ earliestInMs: 120_000 });
  });
});

describe("Event Grid", () => {
  const subject = `/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups/${GROUP}`;
  const event = (more: object): Uint8Array => Buffer.from(JSON.stringify([{ id: "e1", subject, eventType: "Microsoft.Resources.ResourceDeleteSuccess", data: {}, ...more }]));

  it("tells of what happens to a group", async () => {
    const strategy = strategyOf({ mailbox: memoryMailbox({ clock }) });
    expect(await strategy.acceptEvents(event({}))).toMatchObject({ status: 204, signals: [{ id: "e1", groupName: GROUP, kind: "changed" }] });
    expect(await strategy.acceptEvents(event({ eventType: undefined, type: "Microsoft.Resources.ResourceActionSuccess" }))).toMatchObject({ status: 204, signals: [{ id: "e1" }] });
    expect(await strategy.receive?.(job, { waitInMs: 0, abortSignal: new AbortController().signal })).toHaveLength(1);
  });

  it("agrees to a subscription", async () => {
    const body = event({ eventType: "Microsoft.EventGrid.SubscriptionValidationEvent", data: { validationCode: "c0de" } });
    expect(await strategyOf().acceptEvents(body)).toMatchObject({ status: 200, body: { validationResponse: "c0de" } });
  });

  it.each([[{ subject: subject.replace("aci-", "web-") }], [{ subject: `${subject}/x` }], [{ subject: 3 }], [{ eventType: "Microsoft.Storage.BlobCreated" }], [{ id: 3 }], [{ id: "x".repeat(201) }]])("has nothing to say by %o", async (more) => {
    expect(await strategyOf().acceptEvents(event(more))).toMatchObject({ status: 204, signals: [] });
  });

  it.each(["", "3", "[3]", "{", "null"])("is not believed to send %o", async (body) => {
    expect(await strategyOf().acceptEvents(Buffer.from(body))).toMatchObject({ status: 400, signals: [] });
  });
});

