import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { wrap } from "../../../src/completion/reporting/wrapper.js";

export const TOKEN = "t0ken-of-the-wrapper-tests";

/** A shell, by how it is called. */
export type Shell = readonly [name: string, program: string, ...first: string[]];
const ALL_SHELLS: readonly Shell[] = [["dash", "dash"], ["bash", "bash"], ["bash, as sh", "bash", "--posix"], ["busybox", "busybox", "sh"]];
/** Those of this machine. */
export const SHELLS = ALL_SHELLS.filter(([, program]) => pathOf(program) !== undefined);

/** The same shell, which waits for a processor while what it has started wants one. */
export function waiting([name, program, ...first]: Shell): Shell {
  const [, processor = "0"] = /^Cpus_allowed_list:\s*(\d+)/mu.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return [name, "taskset", "-c", processor, pathOf("chrt") ?? "", "-R", "-i", "0", pathOf(program) ?? "", ...first];
}

/** What sends a call, by the programs that there are besides. */
export const SENDERS = (["curl", "wget", "nc"] as const).filter((sender) => pathOf(sender === "nc" ? "busybox" : sender) !== undefined);
export type Sender = (typeof SENDERS)[number];

function pathOf(program: string): string | undefined {
  return ["/usr/bin", "/bin"].map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** A folder of programs, for PATH, of which only one can send. */
export function programsWith(sender: Sender | "none"): string {
  const folder = mkdtempSync(join(tmpdir(), `wrapper-${sender}-`));
  for (const program of ["sh", "sleep", "cat", "head", "grep", "env", "timeout", "mktemp", "rm"]) symlinkSync(pathOf(program) ?? "", join(folder, program));
  symlinkSync(process.execPath, join(folder, "node"));
  if (sender !== "none") symlinkSync(pathOf(sender === "nc" ? "busybox" : sender) ?? "", join(folder, sender));
  mkdirSync(join(folder, "folder"));
  return folder;
}

export interface Wrapped {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly tookInMs: number;
}

// Whatever is left of a wrapper is ended when all tests are over, as they wait together.
const left = new Set<number>();
afterAll(() => left.forEach((pid) => signalGroup(pid, "SIGKILL")));

/** Starts a command in the wrapper. */
export function startWrapped([, program, ...first]: Shell, command: readonly string[], { url, path, environment, stdin }: { readonly url: string; readonly path: string; readonly environment?: Readonly<Record<string, string>>; readonly stdin?: string }): Wrapped {
  const startedAt = performance.now();
  const secrets = { ACI_JOB_CALLBACK_URL: url, ACI_JOB_CALLBACK_TOKEN: TOKEN, ACI_JOB_CALLBACK_SECRET: "whsec_c2VjcmV0" };
  // On the first level bash takes a standard input that is a socket, as it is here, for a login from elsewhere.
  const child = spawn(pathOf(program) ?? program, [...first, ...wrap(command, "sh").slice(1)], { env: { PATH: path, PLAIN: "p", SHLVL: "2", ...secrets, ...environment }, detached: true });
  const { pid = 0 } = child;
  left.add(pid);
  child.once("exit", () => signalGroup(pid, 0) || left.delete(pid));
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (data: Buffer) => stdout.push(data));
  child.stderr.on("data", (data: Buffer) => stderr.push(data));
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin ?? "");
  const ended = once(child, "close").then(([code, signal]: (number | NodeJS.Signals | null)[]) => ({
    exitCode: typeof code === "number" ? code : 128 + constants.signals[signal as NodeJS.Signals],
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString(),
    tookInMs: performance.now() - startedAt,
  }));
  return { child, ended };
}

// Signals a wrapper and all that it has started. False if nothing is left of them, and their number may be others' next.
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** All arguments of all processes of this machine that can be seen. */
export function allArguments(): string {
  return spawnSync("sh", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"], { maxBuffer: 64 * 1024 * 1024 }).stdout.toString();
}
