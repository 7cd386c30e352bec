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
  | "other";

/**
 * A fault that the service is to show: on which requests, how often, and what it answers instead.
 *
 * @public
 */
export interface FaultRule {
  /** The kinds of request it strikes; `any` strikes all. */
  readonly on: RequestKind | "any" | readonly RequestKind[];
  /** Strikes only requests for the group of this name. By default all groups, and requests for none. */
  readonly name?: string | undefined;
  /** How many requests it strikes before it is used up. @defaultValue `1` */
  readonly times?: number | undefined;
  /** How many matching requests it lets pass first. @defaultValue `0` */
  readonly after?: number | undefined;
  /** Real milliseconds to wait before the answer. @defaultValue `0` */
  readonly delayInMs?: number | undefined;
  /** What happens. */
  readonly answer: FaultAnswer;
}

/**
 * What a struck request sees. `reset` breaks the connection before anything is done and `resetAfter` once it is done;
 * `pass` only delays; the other words are the service's own refusals; an object is any other.
 *
 * @public
 */
export type FaultAnswer = "reset" | "resetAfter" | "pass" | "notFound" | "capacity" | "quota" | "throttled" | "transitioning" | "registry" | "internal" | "gatewayTimeout" | FaultResponse;

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
