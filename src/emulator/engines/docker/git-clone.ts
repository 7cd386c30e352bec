import { systemClock, type Clock } from "../../../internal/clock.js";
import { ImageError, MountError, type EngineVolume } from "../../engine.js";
import type { DockerClient } from "./api/docker-client.js";
import { lastBytes } from "./api/frames.js";
import { pullImage } from "./api/images.js";
import { linkLocal } from "./docker-network.js";
import { hostConfig, type Mount } from "./host-config.js";

/** How repositories are cloned: in containers of an image that has git, never on this machine. */
export interface GitSettings {
  readonly image: string;
  /** The network of the emulator's groups. */
  readonly network: string;
  /** The address that keeps it from the metadata service of the cloud that this machine may be in. */
  readonly linkLocal: string | undefined;
  readonly isPodman: boolean;
  readonly abortSignal: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

type Repository = Extract<EngineVolume, { kind: "gitRepo" }>;

const HOME = "/repository";
// What one container of a clone may take, and both together.
const SIZE = { cpu: 2, memoryInGB: 2 };
const LIMIT_IN_MS = 10 * 60_000;
const MOST_SAID_IN_BYTES = 2000;
// Nothing but https, also where a repository leads elsewhere; no hooks, whoever has left them; nobody to ask for a password;
// a server that says nothing for half a minute is given up.
const ENVIRONMENT = [
  "GIT_ALLOW_PROTOCOL=https",
  "GIT_CONFIG_COUNT=2",
  "GIT_CONFIG_KEY_0=core.hooksPath",
  "GIT_CONFIG_VALUE_0=/dev/null",
  // The volume's root belongs to root, whatever user the image has.
  "GIT_CONFIG_KEY_1=safe.directory",
  "GIT_CONFIG_VALUE_1=*",
  "GIT_TERMINAL_PROMPT=0",
  "GIT_HTTP_LOW_SPEED_LIMIT=1",
  "GIT_HTTP_LOW_SPEED_TIME=30",
  "HOME=/tmp",
];

// Fills a volume with a repository. Throws MountError where that fails.
export async function cloneInto(client: DockerClient, volume: Repository, source: string, labels: Readonly<Record<string, string>>, git: GitSettings): Promise<void> {
  const { repository, directory, revision } = volume;
  await pullImage(client, git.image, undefined).catch((error: unknown) => {
    throw error instanceof ImageError ? new MountError(`Failed to mount gitRepo Volume '${volume.name}': the image with git cannot be had: ${error.message}`, true) : error;
  });
  const folder = directory === "." ? HOME : `${HOME}/${directory ?? nameOf(repository)}`;
  const clock = git.clock ?? systemClock;
  const endsAt = clock.now() + LIMIT_IN_MS;
  const run = (command: readonly string[]): Promise<void> => runGit(client, bodyOf(command, source, labels, git), volume.name, git.abortSignal, (done) => clock.sleep(Math.max(0, endsAt - clock.now()), done));
  await run(["clone", ...(revision === undefined ? [] : ["--no-checkout"]), "--", repository, folder]);
  // Intentionally not detached: only so does git take the name of a branch that the clone does not have yet.
  if (revision !== undefined) await run(["-C", folder, "checkout", revision, "--"]);
}

// What is made for one command of git: the template of every container, the one volume, and nothing of this machine.
function bodyOf(command: readonly string[], source: string, labels: Readonly<Record<string, string>>, { image, network, linkLocal: address, isPodman }: GitSettings): object {
  const mount: Mount = { Type: "volume", Source: source, Target: HOME, ReadOnly: false, VolumeOptions: { NoCopy: true } };
  return { Image: image, Entrypoint: ["git"], Cmd: command, Env: ENVIRONMENT, WorkingDir: "/", Labels: labels, NetworkingConfig: { EndpointsConfig: { [network]: linkLocal(address) } }, HostConfig: hostConfig(SIZE, network, [mount], isPodman) };
}

// `late` resolves when it has taken too long; it is told when that does not matter any more.
async function runGit(client: DockerClient, body: object, volume: string, abortSignal: AbortSignal | undefined, late: (done: AbortSignal) => Promise<void>): Promise<void> {
  const { Id } = await client.call<{ Id: string }>("POST", "/containers/create", { body });
  const remove = (): Promise<unknown> => client.call("DELETE", `/containers/${Id}`, { query: { force: 1, v: 1 } }).catch(() => undefined);
  const abort = (): void => void remove();
  abortSignal?.addEventListener("abort", abort, { once: true });
  const done = new AbortController();
  const tooLate = late(done.signal).then(() => {
    throw new MountError(`Failed to mount gitRepo Volume '${volume}': it was not cloned within ${LIMIT_IN_MS / 60_000} minutes`, true);
  });
  tooLate.catch(() => undefined);
  try {
    abortSignal?.throwIfAborted();
    await client.call("POST", `/containers/${Id}/start`);
    const { StatusCode } = await Promise.race([client.call<{ StatusCode: number }>("POST", `/containers/${Id}/wait`), tooLate]);
    abortSignal?.throwIfAborted();
    if (StatusCode === 0) return;
    const said = await lastBytes(await client.stream("GET", `/containers/${Id}/logs`, { query: { stdout: 1, stderr: 1, tail: 20 } }), { isStamped: false, maxBytes: MOST_SAID_IN_BYTES });
    throw new MountError(`Failed to mount gitRepo Volume '${volume}': ${withoutLogin(said.toString("utf8")).trim()}`, true);
  } finally {
    done.abort();
    abortSignal?.removeEventListener("abort", abort);
    await remove();
  }
}

// As git names the folder of a clone.
function nameOf(repository: string): string {
  return /([^/]+?)(?:\.git)?\/*$/u.exec(repository)?.[1] ?? "repository";
}

function withoutLogin(text: string): string {
  return text.replace(/(https?:\/\/)[^/@\s']*@/giu, "$1");
}
