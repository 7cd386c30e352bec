/**
 * The kinds of request that a fault can be put on.
 *
 * @public
 */
export type RequestKind =
  | "create"
  | "get"
  | "list"
  | "patch"
  | "delete"
  | "start"
  | "stop"
  | "restart"
  | "logs"
  | "exec"
  | "attach"
  | "operation"
  | "usages"
  | "resources"
  | "token"
  | "other";

/**
 * A fault that the service is to show: one that a request meets, or one that happens to a group.
 *
 * @public
 */
export type FaultRule = RequestFault | GroupFault;

/**
 * When a fault strikes. All conditions have to hold.
 *
 * @public
 */
export interface FaultConditions {
  /** Strikes only what is about the group of this name. By default all groups, and requests for none. */
  readonly name?: string | undefined;
  /** How often it strikes before it is used up; `Infinity` for ever. @defaultValue `1` */
  readonly times?: number | undefined;
  /** How many times it lets pass first. @defaultValue `0` */
  readonly after?: number | undefined;
  /** How likely it is to strike each time, from 0 to 1; drawn by the emulator's `seed`. @defaultValue `1` */
  readonly probability?: number | undefined;
  /** From when on it strikes, in milliseconds on the emulator's clock since the fault was set. @defaultValue `0` */
  readonly fromInMs?: number | undefined;
  /** Until when it strikes, in milliseconds on the emulator's clock since the fault was set. @defaultValue `Infinity` */
  readonly untilInMs?: number | undefined;
}

/**
 * A fault that a request meets: on which requests, how often, and what it answers instead.
 *
 * @public
 */
export interface RequestFault extends FaultConditions {
  /** The kinds of request it strikes; `any` strikes all. */
  readonly on: RequestKind | "any" | readonly RequestKind[];
  /** Real milliseconds to wait before the answer. @defaultValue `0` */
  readonly delayInMs?: number | undefined;
  /** What happens. */
  readonly answer: FaultAnswer;
}

/**
 * What a struck request sees; an object is any other error answer.
 *
 * - `reset` and `resetAfter`: the connection breaks before anything is done, or once it is done;
 * - `pass`: as without the fault, but for `delayInMs`;
 * - `undone`: a success, though nothing is done (for delete, stop, start and restart);
 * - `stale`: what the same request was answered before, or not found if it was not asked before (for get and list);
 * - `emptyLogs`: an empty output (for logs);
 * - `notFound`, `forgotten`: 404 by ARM, and 404 by the service;
 * - `capacity`, `quota`, `throttled`, `transitioning`, `registry`, `internal`, `unavailable`, `gatewayTimeout`,
 *   `logNotAvailable`, `expiredToken`: the service's own refusals.
 *
 * @public
 */
export type FaultAnswer = "reset" | "resetAfter" | "pass" | "undone" | "stale" | "emptyLogs" | Refusal | FaultResponse;

/**
 * The refusals of the service that have a name.
 *
 * @public
 */
export type Refusal =
  | "notFound"
  | "forgotten"
  | "capacity"
  | "quota"
  | "throttled"
  | "transitioning"
  | "registry"
  | "internal"
  | "unavailable"
  | "gatewayTimeout"
  | "logNotAvailable"
  | "expiredToken";

/**
 * An error answer in ARM's shape.
 *
 * @public
 */
export interface FaultResponse {
  /** The HTTP status, such as 503. */
  readonly status: number;
  /** The code in the error body. */
  readonly code: string;
  /** The message in the error body. */
  readonly message: string;
  /** Further headers, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the request takes effect all the same. @defaultValue `false` */
  readonly isAfterEffect?: boolean | undefined;
}

/**
 * A fault that happens to a group after it was accepted. It strikes deployments: each create, start and restart is one.
 *
 * @public
 */
export interface GroupFault extends FaultConditions {
  /**
   * What happens:
   *
   * - `capacity`: the operation fails with the event `InsufficientCapacity.`;
   * - `imagePull`: the image cannot be pulled, again and again, until the provisioning time is over;
   * - `slowPull`: each pull takes `forInMs` longer;
   * - `stuckWaiting`: containers wait until the provisioning time is over;
   * - `lost`: the group is gone, and nobody deleted it;
   * - `platformRestart`: its containers are ended and started again, whatever the restart policy;
   * - `maintenance`: its containers end with exit code 7147, and the restart policy decides what follows.
   */
  readonly happens: "capacity" | "imagePull" | "slowPull" | "stuckWaiting" | "lost" | "platformRestart" | "maintenance";
  /** When, in milliseconds on the emulator's clock since the deployment began, for what happens at one moment. @defaultValue `0` */
  readonly afterInMs?: number | undefined;
  /** How long, in milliseconds on the emulator's clock, for `slowPull`. @defaultValue `60_000` */
  readonly forInMs?: number | undefined;
}
