import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { VirtualClock } from "../../src/internal/clock.js";
import { webhook } from "../../src/index.js";
import { createSignalReceiver } from "../../src/http/index.js";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { JOB, SECRET } from "./calls.js";

// So many calls that are almost right; the larger set is run before a release.
const CALLS = Number(process.env["ACI_TEST_FUZZ"] ?? 100_000);

const clock = new VirtualClock();
const job = { ...JOB, groupName: `${nameBaseOf(jobHash(JOB.key))}-2` };
const BODY = '{"type":"job.ended","exitCode":0}';

// A number that goes on from the one before: the same calls each time.
let seed = 20_261_125;
function draw(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

function pick<T>(...values: readonly T[]): T {
  return values[draw(values.length)] as T;
}

// Changes a text in one of the ways in which somebody may try: it is never the same afterwards.
function bend(text: string): string {
  const bent = bendOnce(text);
  return bent === text ? bend(text) : bent;
}

function bendOnce(text: string): string {
  const at = draw(text.length + 1);
  return pick(
    () => text.slice(0, at) + String.fromCharCode(33 + draw(90)) + text.slice(at),
    () => text.slice(0, -1 - draw(3)),
    () => `${text}${pick("=", "A", "\u00e9", "%00", ",")}`,
    () => "",
    () => `${text}${text}`,
    () => text.split("").reverse().join(""),
    () => pick("null", "undefined", "[object Object]", "__proto__", "v1,", "Bearer ", "whsec_", "true"),
  )();
}

it(`accepts none of ${CALLS} forged calls, and stays up`, { timeout: 3_600_000 }, async () => {
  const strategy = webhook({ url: "https://jobs.example.com/callbacks", secret: SECRET, clock, report: "container" });
  const handler = createSignalReceiver(strategy);
  const { environment = {} } = (await strategy.prepare?.(job)) ?? {};
  const value = (name: string): string => (environment as Record<string, { secureValue: string }>)[name]?.secureValue ?? "";
  const url = new URL(value("ACI_JOB_CALLBACK_URL"));
  const token = value("ACI_JOB_CALLBACK_TOKEN");
  const signer = new Webhook(value("ACI_JOB_CALLBACK_SECRET"));
  const timestamp = String(Math.floor(clock.now() / 1000));
  const signature = signer.sign("m", new Date(clock.now()), BODY);
  const kept = (): Promise<readonly unknown[]> | undefined => strategy.receive?.(job, { waitInMs: 0, abortSignal: new AbortController().signal });

  const forge = (): Request => {
    const headers = new Headers();
    const address = new URL(url);
    let body = BODY;
    const set = (name: string, text: string): void => headers.set(name, Buffer.from(text.replaceAll(/[\r\n\0]/gu, "")).toString("latin1"));
    if (draw(2) === 0) {
      // What a bearer has in its hands is all that counts.
      const given = `Bearer ${token}`;
      if (draw(3) > 0) set("authorization", bend(given));
      else {
        set("authorization", given);
        bendAddress(address);
      }
    } else {
      const parts = { id: "m", timestamp, signature };
      const part = pick("id", "timestamp", "signature", "body", "stale", "address") as string;
      if (part === "stale") Object.assign(parts, stale(signer));
      else if (part === "address") bendAddress(address);
      else if (part === "body") body = bend(BODY);
      else parts[part as keyof typeof parts] = bend(parts[part as keyof typeof parts]);
      set("webhook-id", parts.id);
      set("webhook-timestamp", parts.timestamp);
      set("webhook-signature", parts.signature);
    }
    return new Request(address, { method: pick("POST", "POST", "POST", "POST", "PUT", "OPTIONS"), headers, ...(body !== "" && { body, duplex: "half" }) });
  };

  const answers = new Map<number, number>();
  for (let count = 0; count < CALLS; count++) {
    const { status } = await handler(forge());
    answers.set(status, (answers.get(status) ?? 0) + 1);
  }
  console.log(`webhook fuzz: ${CALLS} calls, ${[...answers].sort().map(([status, count]) => `${status} ${count}×`).join(", ")}`);
  expect([...answers.keys()].filter((status) => status < 400 || status >= 500)).toEqual([]);
  expect(await kept()).toEqual([]);
  expect(({} as { type?: unknown }).type).toBeUndefined();
  // And a right one still passes.
  expect((await handler(new Request(url, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: BODY }))).status).toBe(204);
  expect(await kept()).toHaveLength(1);
});

function bendAddress({ searchParams }: URL): void {
  const name = pick("job", "attempt");
  searchParams.set(name, bend(name === "job" ? JOB.key : "2"));
}

function stale(signer: Webhook): { readonly timestamp: string; readonly signature: string } {
  const at = new Date(clock.now() + pick(-1, 1) * (301_000 + draw(1e9)));
  return { timestamp: String(Math.floor(at.getTime() / 1000)), signature: signer.sign("m", at, BODY) };
}
