import type { Clock } from "../internal/clock.js";

/**
 * The port between the group model, which decides what a container group does, and what really runs containers.
 *
 * The model drives: it resolves an image, opens a group (network and volumes), starts one run of a container after the
 * other, and closes the group. Restart policy, back-off, states and events are the model's; an engine only runs.
 */

/**
 * What runs containers under the emulator. The group model decides what a container group does; an engine only runs.
 *
 * @public
 */
export interface Engine {
  /** Short name, shown in the banner: `docker`, `process`, `scripted`. */
  readonly name: string;
  /** The time that its containers live in, where it is not the machine's. */
  readonly clock?: Clock | undefined;
  /** The name or address by which its containers reach this machine, once it is open; without one, 127.0.0.1. */
  readonly hostForContainers?: string | undefined;
  /** Makes sure that the engine can be used, and removes what an earlier emulator with the same session left. Says in one sentence what it is. */
  open(session: EngineSession): Promise<string>;
  /** Checks that an image can be had, as ACI does before it accepts a PUT. Throws {@link ImageError}. */
  checkImage(image: string, credentials: RegistryLogin | undefined): Promise<void>;
  /** Makes the network and the volumes of a group; what takes long ends early when the signal is aborted. Throws {@link MountError}. */
  openGroup(group: EngineGroupSpec, abortSignal?: AbortSignal): Promise<EngineGroup>;
  /**
   * Finds what an emulator with the same session has left of a group: containers that run on, and those that have ended.
   * What is missing of its network and volumes is made again. Undefined if there is nothing of it. An engine that has no
   * such method starts every container anew.
   */
  findGroup?(group: EngineGroupSpec, abortSignal?: AbortSignal): Promise<FoundGroup | undefined>;
  /** Ends everything that this session started. With a state folder it lets go of what runs on by itself, and ends the rest. */
  close(): Promise<void>;
}

/**
 * What an engine is opened with.
 *
 * @public
 */
export interface EngineSession {
  /** Unique to one emulator (or kept over restarts with a state folder); engines label with it what they make. */
  readonly id: string;
  readonly clock: Clock;
  /** Where groups are to outlive the emulator: what it keeps, and what an engine may keep next to it. */
  readonly state?: EngineState | undefined;
}

/**
 * What an emulator with a state folder tells its engine.
 *
 * @public
 */
export interface EngineState {
  /** The state folder; an engine may have a folder of its own name in it. */
  readonly folder: string;
  /** The ids of the groups that are kept; whatever else there is of the session is to be removed. */
  readonly groups: readonly string[];
}

/**
 * How to log in to a registry.
 *
 * @public
 */
export interface RegistryLogin {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Why an image cannot be had: `inaccessible` (missing, refused, malformed) or `registry` (the registry is down or throttles).
 *
 * @public
 */
export class ImageError extends Error {
  constructor(
    readonly reason: "inaccessible" | "registry",
    readonly image: string,
    detail: string,
  ) {
    super(detail);
  }
}

/**
 * Why a volume cannot be made. With `canRetry` it is tried again, until the group's provisioning time is over.
 *
 * @public
 */
export class MountError extends Error {
  constructor(
    message: string,
    readonly canRetry: boolean,
  ) {
    super(message);
  }
}

/**
 * A group that an engine is to make: a network and volumes.
 *
 * @public
 */
export interface EngineGroupSpec {
  /** Unique and stable: the group's resource id hashed, plus its incarnation. */
  readonly id: string;
  readonly name: string;
  /** Ports that the group's address shows. Empty without a public address. */
  readonly ports: readonly { readonly port: number; readonly protocol: "TCP" | "UDP" }[];
  readonly volumes: readonly EngineVolume[];
  /** The names by which other groups find it. */
  readonly hostNames: readonly string[];
  /** True for one container that is started once: it can have the group's network for itself. */
  readonly isSingleRun: boolean;
  /** What answers this group, and no other, at 169.254.169.254. A group without identity has none. */
  readonly metadata?: ((request: MetadataRequest) => MetadataAnswer) | undefined;
}

/**
 * A request that a container has sent to the instance metadata service.
 *
 * @public
 */
export interface MetadataRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * What the metadata service answers: a body that is sent as JSON.
 *
 * @public
 */
export interface MetadataAnswer {
  readonly status: number;
  readonly body: object;
}

/**
 * A volume of a group; mounts name it.
 *
 * @public
 */
export type EngineVolume =
  | { readonly name: string; readonly kind: "emptyDir" }
  | { readonly name: string; readonly kind: "secret"; readonly files: Readonly<Record<string, Uint8Array>> }
  | { readonly name: string; readonly kind: "folder"; readonly path: string; readonly isReadOnly: boolean }
  | { readonly name: string; readonly kind: "gitRepo"; readonly repository: string; readonly directory?: string | undefined; readonly revision?: string | undefined };

/**
 * A group that an engine has made, and in which it starts containers.
 *
 * @public
 */
export interface EngineGroup {
  /** The address at which the group's ports answer from this machine; undefined if it has none. */
  readonly ip: string | undefined;
  /**
   * Whether the group's containers have 169.254.169.254 and reach the {@link EngineGroupSpec.metadata} of their group there, or
   * why they do not. Undefined where they have no network of their own: they are told of an endpoint on this machine.
   */
  readonly metadata?: "served" | { readonly problem: string } | undefined;
  /** Fetches the image if it is not here. Answers its digest (`sha256:…`) where the engine knows one. Throws {@link ImageError}. */
  pull(image: string, credentials: RegistryLogin | undefined): Promise<string | undefined>;
  /** Starts a fresh container. A command that cannot be started is a run that ended, with exit code 127 or 126, not an error. */
  start(container: EngineContainerSpec): Promise<EngineRun>;
  /** Ends and removes everything of the group. Repeatable. */
  close(): Promise<void>;
}

/**
 * A group that was found again, with the runs that are left of its containers.
 *
 * @public
 */
export interface FoundGroup {
  /** The group, in which further containers can be started. */
  readonly group: EngineGroup;
  /** The last run of each container that has one. */
  readonly runs: readonly FoundRun[];
}

/**
 * A run that was found again.
 *
 * @public
 */
export interface FoundRun {
  /** The name of the container. */
  readonly container: string;
  /** Its number, as in {@link EngineContainerSpec.run}. */
  readonly number: number;
  /** The run: one that still goes on, or one that ended while nobody watched. */
  readonly run: EngineRun;
}

/**
 * One run of a container that an engine is to start.
 *
 * @public
 */
export interface EngineContainerSpec {
  readonly name: string;
  readonly image: string;
  /** Replaces the image's entry point and command; empty means the image's own. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cpu: number | undefined;
  readonly memoryInGB: number | undefined;
  readonly mounts: readonly { readonly volume: string; readonly path: string; readonly isReadOnly: boolean }[];
  readonly workingFolder?: string | undefined;
  /** 0 for the first run of this container in this group, then 1, 2, … */
  readonly run: number;
  readonly isInit: boolean;
}

/**
 * How a run ended.
 *
 * @public
 */
export interface RunEnd {
  readonly exitCode: number;
  /** Milliseconds since 1970. */
  readonly finishedAt: number;
  /** True if the kernel ended it for want of memory. */
  readonly isOutOfMemory: boolean;
  /** The engine's words where the command could not be started at all. */
  readonly startError?: string | undefined;
}

/**
 * One run of one container.
 *
 * @public
 */
export interface EngineRun {
  /** The engine's name for it: 64 hex digits, as in ACI's event texts. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Resolves when the run ended; never rejects. */
  readonly ended: Promise<RunEnd>;
  /** What it has printed so far, stdout and stderr in one, the last `tail` lines of it. Each line headed by an RFC 3339 stamp and a space if asked. */
  logs(options: { readonly tail?: number | undefined; readonly isStamped: boolean; readonly maxBytes: number }): Promise<Buffer>;
  /** Asks it to end (TERM), and ends it (KILL) when `graceInMs` is over. */
  stop(graceInMs: number): Promise<void>;
  /** Starts a process in it with a terminal, as ACI's exec does. */
  exec(options: { readonly command: readonly string[]; readonly rows: number; readonly columns: number }): Promise<EngineTerminal>;
  /** Its output from now on, as ACI's attach does. */
  attach(): Promise<EngineTerminal>;
  /** Looks once whether it is well, as its probes do. Answers within `timeoutInMs`, or soon after the signal is aborted; never rejects. */
  check(check: EngineCheck, limits: { readonly timeoutInMs: number; readonly abortSignal: AbortSignal }): Promise<CheckAnswer>;
  /** Removes it and its output. */
  remove(): Promise<void>;
}

/**
 * One look of a probe: a command that is run in the container, or a page that is got from one of its ports.
 *
 * @public
 */
export type EngineCheck =
  | { readonly kind: "exec"; readonly command: readonly string[] }
  | {
      readonly kind: "httpGet";
      readonly scheme: "http" | "https";
      readonly port: number;
      readonly path: string;
      readonly headers: readonly { readonly name: string; readonly value: string }[];
    };

/**
 * What a look has shown. `unknown` is the engine's failure to look, and says nothing of the container.
 *
 * @public
 */
export interface CheckAnswer {
  readonly outcome: "passed" | "failed" | "unknown";
  /** What went wrong, in Kubernetes' words where it has any. */
  readonly detail: string;
}

/**
 * A terminal on a run: what comes out of it, and what is typed.
 *
 * @public
 */
export interface EngineTerminal {
  readonly output: AsyncIterable<Uint8Array>;
  write(data: Uint8Array): void;
  close(): void;
}
