import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportingStrategy, memoryMailbox, webhook, firstOf, type CompletionStrategy } from "aci-lifecycle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JOB, SECRET } from "../completion/calls.js";

interface Call {
  readonly url: string;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

const MESSAGE = '{"job":"a\\u0020\\u003cb\\u003e\\u0026\\u0022","attempt":2}';
const toText = (rest: string): string => `<QueueMessage><MessageText>${MESSAGE.slice(0, -1)},${rest}}</MessageText></QueueMessage>`;
const calls: Call[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { url = "", headers } = request;
    calls.push({ url, type: headers["content-type"], authorization: headers.authorization, body: Buffer.concat(chunks).toString() });
    response.writeHead(201).end();
  });
});
let base: string;
let folder: string;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), "wrapper-"));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const queue = (): CompletionStrategy =>
  reportingStrategy({ name: "queue", mailbox: memoryMailbox(), environment: () => ({ ACI_JOB_QUEUE_URL: { secureValue: `${base}/queue/messages?sv=1&sig=a%2Fb%3D` }, ACI_JOB_MESSAGE: MESSAGE }) });

// Runs what a strategy makes of a command, with no other programs than these.
async function run(strategy: CompletionStrategy, shell: string, programs: readonly string[], command: readonly string[]): Promise<{ readonly code: number; readonly arguments: readonly string[] }> {
  calls.length = 0;
  const bin = await mkdtemp(join(folder, "bin-"));
  for (const name of [...programs, "sleep", "head", "grep", "env", "mktemp", "rm"]) await symlink(name.startsWith("busybox:") ? "/usr/bin/busybox" : `/usr/bin/${name}`, join(bin, name.replace("busybox:", "")));
  const { command: wrapped = [], environment = {} } = (await strategy.prepare?.({ ...JOB, command })) ?? {};
  const values = Object.entries(environment).map(([name, value]) => [name, typeof value === "string" ? value : (value as { secureValue: string }).secureValue] as const);
  const [first, ...rest] = shell.split(" ");
  const child = spawn(`/usr/bin/${first ?? ""}`, [...rest, ...wrapped.slice(1)], { env: { PATH: bin, ...Object.fromEntries(values) }, stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number];
  return { code, arguments: wrapped };
}

const SHELLS = ["dash", "bash --posix", "busybox sh"];
const SENDERS = [["curl"], ["wget"], ["busybox:nc"]];
const CASES = SHELLS.flatMap((shell) => SENDERS.map((programs) => [shell, programs] as const)).filter(([shell, [sender]]) => !(shell.startsWith("busybox") && sender === "wget"));

describe("the wrapper", () => {
  it.each(CASES)("puts messages into a queue by %s with %o", async (shell, programs) => {
    const { code } = await run(queue(), shell, programs, ["/usr/bin/dash", "-c", "sleep 0.4; exit 7"]);
    expect(code).toBe(7);
    expect(calls.map(({ body }) => body)).toEqual([toText('"type":"job.started"'), toText('"type":"job.ended","exitCode":7')]);
    for (const call of calls) expect(call).toMatchObject({ url: "/queue/messages?sv=1&sig=a%2Fb%3D", type: "application/xml", authorization: undefined });
  });

  it.each(CASES)("calls a webhook and a queue at once by %s with %o", async (shell, programs) => {
    const both = firstOf(webhook({ url: `${base}/hook?code=s3cret`, secret: SECRET }), queue());
    const { code } = await run(both, shell, programs, ["/usr/bin/dash", "-c", "sleep 0.6; exit 0"]);
    expect(code).toBe(0);
    const hooks = calls.filter(({ url }) => url.startsWith("/hook?code=s3cret&job="));
    expect(hooks.map(({ body }) => body)).toEqual(['{"type":"job.started"}', '{"type":"job.ended","exitCode":0}']);
    for (const call of hooks) expect(call).toMatchObject({ type: "application/json", authorization: expect.stringMatching(/^Bearer [\w-]{43}$/u) as string });
    expect(calls.filter(({ url }) => url.startsWith("/queue/")).map(({ body }) => body)).toEqual([toText('"type":"job.started"'), toText('"type":"job.ended","exitCode":0')]);
  });

  it("keeps what is its own from the command", async () => {
    const { code } = await run(firstOf(webhook({ url: `${base}/hook`, secret: SECRET, heartbeatIntervalInMs: 60_000 }), queue()), "dash", ["curl"], ["/usr/bin/dash", "-c", "! env | grep -q ACI_JOB"]);
    expect(code).toBe(0);
  });
});
