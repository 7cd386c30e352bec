import type { ContainerGroupSpec, ContainerEvent, Snapshot } from "./container-group.js";

/** What every request takes. */
export interface RequestOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/** What a look at a group takes. */
export interface LookOptions extends RequestOptions {
  /** How it waits where requests are short; without, it goes before those that have one. */
  readonly turn?: Turn | undefined;
}

/** How a look that can wait waits. */
export interface Turn {
  /** How much it is worth at a time, in any unit that all of them have. */
  readonly urgency: (now: number) => number;
  /** When it must not wait any longer. */
  readonly latest: number;
  /** Called if it has to wait; what it answers is called when the wait is over. */
  readonly onQueued?: (() => () => void) | undefined;
}

export interface CreateRequest extends RequestOptions {
  /** Whoever asks has a turn, and its time has come. */
  readonly isDue?: boolean | undefined;
}

/** What Azure says that is left to be asked. */
export interface Headroom {
  /** Requests of this sort. */
  readonly requests?: number | undefined;
  /** Groups that may be created or deleted. */
  readonly inFiveMinutes?: number | undefined;
  readonly inAnHour?: number | undefined;
}

/**
 * The port to Azure: one request per verb, and no retries inside. Everything that is decided about an answer is decided
 * above. Rejects with an {@link AciError} that {@link classifyFault} understands.
 */
export interface Gateway {
  /** Sends a group whose secrets are all inline. It replaces a live group of that name: look first. */
  put(group: ContainerGroupSpec, options: CreateRequest): Promise<Accepted>;
  get(groupName: string, options: LookOptions): Promise<Snapshot>;
  /** A page of the resource group's groups, without states. */
  list(page: string | undefined, options: RequestOptions): Promise<Page<Snapshot>>;
  /** A page of the resource list, the only one that knows when a group was created. */
  listCreated(page: string | undefined, options: ListCreatedOptions): Promise<Page<CreatedGroup>>;
  /** Replaces all tags. */
  patchTags(groupName: string, tags: Readonly<Record<string, string>>, options: RequestOptions): Promise<Snapshot>;
  readOperation(url: string, options: RequestOptions): Promise<OperationBody>;
  /** The log of a container's current run; undefined where the service sends none. */
  readLogs(groupName: string, containerName: string, options: ReadLogsOptions): Promise<string | undefined>;
  start(groupName: string, options: RequestOptions): Promise<Accepted>;
  stop(groupName: string, options: RequestOptions): Promise<void>;
  restart(groupName: string, options: RequestOptions): Promise<Accepted>;
  exec(groupName: string, containerName: string, options: ExecRequest): Promise<SocketTicket>;
  attach(groupName: string, containerName: string, options: RequestOptions): Promise<SocketTicket>;
  /** `gone` for 204, `deleted` for 200, `accepted` for 202: none of them proves that the group is gone. */
  delete(groupName: string, options: RequestOptions): Promise<DeleteAnswer>;
  usages(location: string, options: RequestOptions): Promise<readonly Usage[]>;
  /** Waits for an operation to end by the service's own pace; the one verb that sends more than one request. */
  awaitOperation(url: string, options: RequestOptions): Promise<OperationBody>;
}

export type DeleteAnswer = "gone" | "deleted" | "accepted";

export interface Accepted {
  readonly snapshot?: Snapshot | undefined;
  /** To be called as it is, query included. */
  readonly operationUrl?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

export interface ListCreatedOptions extends RequestOptions {
  /** Only the group of this name. */
  readonly groupName?: string | undefined;
}

export interface CreatedGroup {
  readonly id: string;
  readonly groupName: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt?: string | undefined;
}

export interface OperationBody {
  /** `Pending`, `Succeeded`, `Failed`, …: the words of a provisioning state. */
  readonly status: string;
  readonly events: readonly ContainerEvent[];
  readonly errorCode?: string | undefined;
  readonly errorText?: string | undefined;
}

export interface ReadLogsOptions extends RequestOptions {
  readonly tail?: number | undefined;
  readonly isStamped?: boolean | undefined;
}

export interface ExecRequest extends RequestOptions {
  readonly command: string;
  readonly rows: number;
  readonly columns: number;
}

/** A one-time invitation to a web socket. Both parts are secret. */
export interface SocketTicket {
  readonly url: string;
  readonly password: string;
}

export interface Usage {
  readonly resource: string;
  readonly used: number;
  readonly limit: number;
}
