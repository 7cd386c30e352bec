import { createHash } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { deadUrl, startCallbackServer } from "./callback-server.js";
import { allArguments, programsWith, SENDERS, SHELLS, startWrapped, TOKEN, waiting, type Sender } from "./shell.js";

const PATHS = Object.fromEntries((["none", ...SENDERS] as const).map((sender) => [sender, programsWith(sender)])) as Record<Sender | "none", string>;
const path = PATHS.curl;
// Two calls that are not answered.
const LONGEST_WAIT_IN_MS = 10_000;
afterAll(() => {
  for (const folder of Object.values(PATHS)) rmSync(folder, { recursive: true });
});

it("is tried in every shell and with every program that sends", () => {
  expect(SHELLS.map(([name]) => name)).toEqual(["dash", "bash", "bash, as sh", "busybox"]);
  expect(SENDERS).toEqual(["curl", "wget", "nc"]);
});

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("the wrapper in %s", { timeout: 120_000, concurrent: true }, (_name, shell) => {
  it("keeps the exit code, and tells of it", async () => {
    await using server = await startCallbackServer();
    const commands = [...[0, 3, 255].map((code) => [code, ["sh", "-c", `exit ${code}`]] as const), [126, [`${path}/folder`]] as const, [127, ["no-such-program"]] as const];
    for (const [code, command] of commands) expect(await startWrapped(shell, command, { url: server.url, path }).ended).toMatchObject({ exitCode: code });
    expect(server.told("job.ended")).toEqual(commands.map(([exitCode]) => ({ type: "job.ended", exitCode })));
  });

  it.each([["KILL", 137], ["SEGV", 139], ["TERM", 143]])("tells of a command that SIG%s has ended, without a word of its own", async (signal, code) => {
    await using server = await startCallbackServer();
    const { exitCode, stdout, stderr } = await startWrapped(shell, ["sh", "-c", `kill -${signal} $$`], { url: server.url, path }).ended;
    expect([exitCode, stdout.toString(), stderr]).toEqual([code, "", ""]);
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode: code }]);
  });

  it("says no word of its own of commands that have ended before it knows of them", async () => {
    const ends = await Promise.all(Array.from({ length: 20 }, () => startWrapped(shell, ["sh", "-c", "kill -KILL $$"], { url: "", path }).ended));
    expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(ends.map(() => [137, ""]));
  });

  it.each([["TERM", "SIGTERM"], ["HUP", "SIGHUP"]] as const)("hands on SIG%s, waits for what the command does about it, and keeps its code", async (name, signal) => {
    await using server = await startCallbackServer();
    const script = `trap 'sleep 0.3; echo cleaned up; exit 7' ${name}; echo ready; while :; do sleep 0.1; done`;
    const { child, ended } = startWrapped(shell, ["sh", "-c", script], { url: server.url, path });
    await once(child.stdout ?? child, "data");
    child.kill(signal);
    child.kill(signal);
    const { exitCode, stdout, stderr } = await ended;
    expect([exitCode, stdout.toString(), stderr]).toEqual([7, "ready\ncleaned up\n", ""]);
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode: 7 }]);
  });

  it.each(["SIGINT", "SIGQUIT"] as const)("hands on %s to a command that listens to it", async (signal) => {
    await using server = await startCallbackServer();
    const { child, ended } = startWrapped(shell, ["node", "-e", `process.on("${signal}", () => process.exit(9)); setInterval(() => {}, 1000); console.log("ready")`], { url: server.url, path });
    await once(child.stdout ?? child, "data");
    child.kill(signal);
    expect(await ended).toMatchObject({ exitCode: 9 });
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode: 9 }]);
  });

  it("goes on after a signal that the command ignores", async () => {
    await using server = await startCallbackServer();
    const { child, ended } = startWrapped(shell, ["sh", "-c", "trap '' TERM; echo ready; sleep 0.5; exit 5"], { url: server.url, path });
    await once(child.stdout ?? child, "data");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ exitCode: 5 });
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode: 5 }]);
  });

  // As of a container that is stopped as soon as it is there.
  it("hands on a signal that comes as soon as the command runs", { timeout: 60_000 }, async () => {
    await using server = await startCallbackServer();
    const { ended } = startWrapped(waiting(shell), ["sh", "-c", "trap 'exit 7' TERM; kill -TERM $PPID; while :; do sleep 0.1; done"], { url: server.url, path });
    expect(await ended).toMatchObject({ exitCode: 7 });
    expect(server.told("job.ended")).toEqual([{ type: "job.ended", exitCode: 7 }]);
  });

  it("keeps arguments as they are", async () => {
    const given = ["a b", 'say "hi"', "it's", "$(echo no)", "`echo no`", "two\nlines", "", "*", "\\", "$HOME", "-n", "ä€", "a;b|c&d>e", "  "];
    await using server = await startCallbackServer();
    const { stdout } = await startWrapped(shell, ["node", "-e", "console.log(JSON.stringify(process.argv.slice(1)))", "--", ...given], { url: server.url, path }).ended;
    expect(JSON.parse(stdout.toString())).toEqual(given);
  });

  it("lets both outputs through, byte for byte", async () => {
    await using server = await startCallbackServer();
    const script = 'const b = Buffer.alloc(100_000); for (let i = 0, x = 1; i < b.length; i++) b[i] = (x = (x * 48271) % 2147483647); process.stdout.write(b); process.stderr.write("to stderr\\n")';
    const { stdout, stderr } = await startWrapped(shell, ["node", "-e", script], { url: server.url, path }).ended;
    const same = Buffer.alloc(100_000);
    for (let i = 0, x = 1; i < same.length; i++) same[i] = x = (x * 48271) % 2147483647;
    const hash = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
    expect([hash(stdout), stderr]).toEqual([hash(same), "to stderr\n"]);
  });

  it("keeps standard input, the environment and nothing else", async () => {
    await using server = await startCallbackServer();
    const { stdout } = await startWrapped(shell, ["sh", "-c", "cat; env; ls -l /proc/self/fd | grep -c ' 3 ->\\| 4 ->'"], { url: server.url, path: `${path}:/usr/bin:/bin`, stdin: "typed\n", environment: { ACI_JOB_HEARTBEAT: "0" } }).ended;
    expect(stdout.toString()).toMatch(/^typed\n/u);
    expect(stdout.toString()).toContain("PLAIN=p\n");
    expect(stdout.toString()).not.toMatch(/ACI_JOB|t0ken|whsec/u);
  });

  it("lets the job end as it did where nobody listens, and soon", async () => {
    const { exitCode, stderr, tookInMs } = await startWrapped(shell, ["sh", "-c", "exit 3"], { url: await deadUrl(), path }).ended;
    expect([exitCode, stderr]).toEqual([3, ""]);
    expect(tookInMs).toBeLessThan(LONGEST_WAIT_IN_MS);
  });

  it("tries twice where it is refused", async () => {
    await using server = await startCallbackServer("127.0.0.1", "refuse");
    const { exitCode, tookInMs } = await startWrapped(shell, ["sh", "-c", "exit 3"], { url: server.url, path }).ended;
    expect(exitCode).toBe(3);
    expect(tookInMs).toBeLessThan(LONGEST_WAIT_IN_MS);
    expect(server.told("job.ended")).toHaveLength(2);
  });

  it("says now and then that it lives", async () => {
    await using server = await startCallbackServer();
    await startWrapped(shell, ["sleep", "2.5"], { url: server.url, path, environment: { ACI_JOB_HEARTBEAT: "1" } }).ended;
    expect(server.callbacks.map(({ body }) => body)).toEqual(['{"type":"job.started"}', '{"type":"job.alive"}', '{"type":"job.alive"}', '{"type":"job.ended","exitCode":0}']);
  });

  it("runs the command where nothing can send", async () => {
    await using server = await startCallbackServer();
    // BusyBox's shell brings its own programs with it.
    const { exitCode, stderr } = await startWrapped(shell, ["sh", "-c", "exit 3"], { url: server.url.replace("http:", "https:"), path: PATHS.none }).ended;
    expect([exitCode, stderr, server.callbacks]).toEqual([3, "", []]);
  });

  describe.each(SENDERS)("with %s", (sender) => {
    it("makes one POST", async () => {
      await using server = await startCallbackServer();
      const { exitCode, stdout, stderr } = await startWrapped(shell, ["sh", "-c", "sleep 0.3; exit 3"], { url: server.url, path: PATHS[sender] }).ended;
      expect([exitCode, stdout.toString(), stderr]).toEqual([3, "", ""]);
      const { pathname, search } = new URL(server.url);
      const common = { method: "POST", path: pathname + search, headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", host: new URL(server.url).host } };
      expect(server.callbacks).toMatchObject([{ ...common, body: '{"type":"job.started"}' }, { ...common, body: '{"type":"job.ended","exitCode":3}' }]);
    });
  });

  it("waits five seconds for an answer, twice, and shows nothing secret to other processes meanwhile", async () => {
    await using server = await startCallbackServer("127.0.0.1", "hang");
    const wrapped = SENDERS.map((sender) => startWrapped(shell, ["sh", "-c", "exit 3"], { url: server.url, path: PATHS[sender] }));
    while (server.told("job.ended").length < SENDERS.length) await server.next();
    await setTimeout(200);
    const shown = allArguments();
    expect(shown).toContain("ACI_JOB_CALLBACK_URL");
    for (const secret of [TOKEN, "c0de", "whsec_c2VjcmV0"]) expect(shown).not.toContain(secret);
    for (const { exitCode, stderr, tookInMs } of await Promise.all(wrapped.map(({ ended }) => ended))) {
      expect([exitCode, stderr]).toEqual([3, ""]);
      expect(tookInMs).toBeGreaterThan(9000);
    }
    expect(server.told("job.ended")).toHaveLength(2 * SENDERS.length);
  });
});
