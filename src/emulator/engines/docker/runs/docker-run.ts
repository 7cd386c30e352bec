import type { EngineRun, RunEnd } from "../../../engine.js";
import { DockerError, readAll, type DockerClient } from "../api/docker-client.js";
import { lastBytes } from "../api/frames.js";
import { checkRun, type Reach } from "./docker-check.js";
import { execIn, followOutput } from "./docker-terminal.js";

// What Docker says of a container.
export interface Inspected {
  readonly Created: string;
  readonly State: { readonly Status: string; readonly Running: boolean; readonly ExitCode: number; readonly OOMKilled: boolean; readonly StartedAt: string; readonly FinishedAt: string; readonly Error: string };
  readonly HostConfig: { readonly PortBindings?: Readonly<Record<string, readonly { readonly HostIp: string }[]>> | null };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAMConfig?: { readonly LinkLocalIPs?: readonly string[] | null } | null }>> };
}

// Creates and starts a container. Its end is waited for from before its start, so that none is missed. `holder` is the
// container that holds its network, if it does not do so itself.
export async function startRun(client: DockerClient, body: object, holder?: string): Promise<EngineRun> {
  const { Id: id } = await client.call<{ Id: string }>("POST", "/containers/create", { body });
  const waiting = client.stream("POST", `/containers/${id}/wait`, { query: { condition: "next-exit" } });
  waiting.catch(() => undefined);
  await waiting.catch(() => undefined);
  try {
    await client.call("POST", `/containers/${id}/start`);
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    const now = Date.now();
    (await waiting).destroy();
    if (isAddressTaken(error)) {
      await client.call("DELETE", `/containers/${id}`, { query: { force: 1, v: 1 } });
      throw error;
    }
    return runOf(client, id, holder ?? id, now, Promise.resolve({ exitCode: startCode(error.reason), finishedAt: now, isOutOfMemory: false, startError: error.reason }));
  }
  const { State } = await client.call<Inspected>("GET", `/containers/${id}/json`);
  const startedAt = Date.parse(State.StartedAt);
  return runOf(client, id, holder ?? id, startedAt, endOf(client, id, waiting.then(readAll), startedAt));
}

// A container that another emulator started: one that runs is watched from now on. Undefined for one that never started.
export function takeRun(client: DockerClient, id: string, { Created, State }: Inspected, holder?: string): EngineRun | undefined {
  if (State.Status === "created") {
    const at = Date.parse(Created);
    if (State.Error === "") return undefined;
    return runOf(client, id, holder ?? id, at, Promise.resolve({ exitCode: startCode(State.Error), finishedAt: at, isOutOfMemory: false, startError: State.Error }));
  }
  const startedAt = Date.parse(State.StartedAt);
  const isOver = State.Status === "exited" || State.Status === "dead";
  if (isOver) return runOf(client, id, holder ?? id, startedAt, Promise.resolve(endFrom(State, startedAt)));
  const waited = client.stream("POST", `/containers/${id}/wait`, { query: { condition: "not-running" } });
  return runOf(client, id, holder ?? id, startedAt, endOf(client, id, waited.then(readAll), startedAt));
}

function runOf(client: DockerClient, id: string, holder: string, startedAt: number, ended: Promise<RunEnd>): EngineRun {
  const reach: Reach = { isReached: false };
  return {
    id,
    startedAt,
    ended,
    async logs({ tail, isStamped, maxBytes }) {
      const query = { stdout: 1, stderr: 1, tail: tail ?? "all", timestamps: isStamped ? 1 : 0 };
      return lastBytes(await client.stream("GET", `/containers/${id}/logs`, { query }), { isStamped, maxBytes });
    },
    async stop(graceInMs) {
      await lenient(client.call("POST", `/containers/${id}/stop`, { query: { t: Math.ceil(graceInMs / 1000) } }));
      await ended;
    },
    exec: (options) => execIn(client, id, options),
    attach: () => followOutput(client, id),
    check: (check, limits) => checkRun(client, id, holder, check, limits, reach),
    async remove() {
      await lenient(client.call("DELETE", `/containers/${id}`, { query: { force: 1, v: 1 } }));
    },
  };
}

// The engine writes the start late, so that a short run can seem to end before it began.
async function endOf(client: DockerClient, id: string, waited: Promise<unknown>, startedAt: number): Promise<RunEnd> {
  try {
    await waited;
    const { State } = await client.call<Inspected>("GET", `/containers/${id}/json`);
    return endFrom(State, startedAt);
  } catch {
    // Whoever let go of Docker is not to hear of an end that there may not be.
    if (client.isClosed) return new Promise(() => undefined);
    // It was removed, or the engine is gone: whatever it was, it was not its own end.
    return { exitCode: 137, finishedAt: Math.max(startedAt, Date.now()), isOutOfMemory: false };
  }
}

// A child that was killed for memory sets the mark, too, though the container went on to end well.
function endFrom({ ExitCode: exitCode, FinishedAt, OOMKilled }: Inspected["State"], startedAt: number): RunEnd {
  return { exitCode, finishedAt: Math.max(startedAt, Date.parse(FinishedAt)), isOutOfMemory: OOMKilled && exitCode !== 0 };
}

// Whether a container could not be started because another program has its port.
export function isAddressTaken(error: unknown): boolean {
  return error instanceof DockerError && /address already in use|port is already allocated/u.test(error.reason);
}

// 126 for what cannot be run, 127 for what is not there, as a shell has it.
function startCode(reason: string): number {
  return /permission denied|is a directory|exec format error/iu.test(reason) ? 126 : 127;
}

// Gone already, ended already, or being removed by somebody else.
async function lenient(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!(error instanceof DockerError) || ![304, 404, 409].includes(error.status)) throw error;
  }
}
