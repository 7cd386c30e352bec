import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportingStrategy, memoryMailbox, webhook, firstOf, type CompletionStrategy } from "aci-lifecycle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JOB, SECRET } from "../calls.js";

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

// Runs what a strategy makes of a command, with no other programs than these, and notes what they are told as arguments.
async function run(strategy: CompletionStrategy, shell: string, programs: readonly string[], command: readonly string[]): Promise<{ readonly code: number; readonly told: string }> {
  calls.length = 0;
  const bin = await mkdtemp(join(folder, "bin-"));
  const args = join(bin, "arguments");
  for (const name of programs) await (name.startsWith("busybox:") ? symlink("/usr/bin/busybox", join(bin, name.slice(8))) : writeFile(join(bin, name), `#!/usr/bin/dash\nprintf '%s\\n' "$*" >> ${args}\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 }));
  for (const name of ["sleep", "head", "grep", "env", "mktemp", "rm"]) await symlink(`/usr/bin/${name}`, join(bin, name));
  const { command: wrapped = [], environment = {} } = (await strategy.prepare?.({ ...JOB, command })) ?? {};
  const values = Object.entries(environment).map(([name, value]) => [name, typeof value === "string" ? value : (value as { secureValue: string }).secureValue] as const);
  const [first, ...rest] = shell.split(" ");
  const child = spawn(`/usr/bin/${first ?? ""}`, [...rest, ...wrapped.slice(1)], { env: { PATH: bin, ...Object.fromEntries(values) }, stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number];
  return { code, told: await readFile(args, "utf8").catch(() => "") };
}

// What this machine has of them. BusyBox's shell takes its own wget for the one that is asked for.
const isHere = (program: string): boolean => existsSync(`/usr/bin/${program.split(/[ :]/u)[0] ?? ""}`);
const SHELLS = ["dash", "bash --posix", "busybox sh"].filter(isHere);
const SENDERS = ["curl", "wget", "busybox:nc"].filter(isHere);
const CASES = SHELLS.flatMap((shell) => SENDERS.map((sender) => [shell, sender] as const)).filter(([shell, sender]) => !(shell.startsWith("busybox") && sender === "wget"));

describe("the wrapper", () => {
  it.each(CASES)("puts messages into a queue by %s with %s", async (shell, sender) => {
    const { code } = await run(queue(), shell, [sender], ["/usr/bin/dash", "-c", "sleep 1; exit 7"]);
    expect(code).toBe(7);
    expect(calls.map(({ body }) => body).sort()).toEqual([toText('"type":"job.ended","exitCode":7'), toText('"type":"job.started"')]);
    for (const call of calls) expect(call).toMatchObject({ url: "/queue/messages?sv=1&sig=a%2Fb%3D", type: "application/xml", authorization: undefined });
  });

  it.each(CASES)("calls a webhook and a queue at once by %s with %s", async (shell, sender) => {
    const both = firstOf(webhook({ url: `${base}/hook?code=s3cret`, secret: SECRET }), queue());
    const { code, told } = await run(both, shell, [sender], ["/usr/bin/dash", "-c", "sleep 1; exit 0"]);
    expect(code).toBe(0);
    expect(told).toMatch(sender.includes("nc") ? /^$/u : /\S/u);
    expect(told).not.toMatch(/Bearer|sig=|s3cret|127\.0\.0\.1/u);
    const hooks = calls.filter(({ url }) => url.startsWith("/hook?code=s3cret&job="));
    expect(hooks.map(({ body }) => body).sort()).toEqual(['{"type":"job.ended","exitCode":0}', '{"type":"job.started"}']);
    for (const call of hooks) expect(call).toMatchObject({ type: "application/json", authorization: expect.stringMatching(/^Bearer [\w-]{43}$/u) as string });
    expect(calls.filter(({ url }) => url.startsWith("/queue/")).map(({ body }) => body).sort()).toEqual([toText('"type":"job.ended","exitCode":0'), toText('"type":"job.started"')]);
  });

  it("keeps what is its own from the command", async () => {
    const { code } = await run(firstOf(webhook({ url: `${base}/hook`, secret: SECRET, heartbeatIntervalInMs: 60_000 }), queue()), "dash", ["curl"], ["/usr/bin/dash", "-c", "! env | grep -q ACI_JOB"]);
    expect(code).toBe(0);
  });
});
