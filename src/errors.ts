import { inspect } from "node:util";

/** Why something failed, as a word to switch on. @public */
export type AciErrorCode =
  | "ACI_REQUEST_FAILED"
  | "ACI_NOT_FOUND"
  | "ACI_QUOTA_EXCEEDED"
  | "ACI_CAPACITY"
  | "ACI_CREDENTIAL"
  | "ACI_NAME_CONFLICT"
  | "ACI_JOB_CONFLICT"
  | "ACI_JOB_FAILED"
  | "ACI_JOB_TIMED_OUT"
  | "ACI_JOB_CANCELED"
  | "ACI_JOB_DETACHED"
  | "ACI_JOB_LOST"
  | "ACI_JOB_NOT_STARTED"
  | "ACI_JOB_NEEDS_SECRETS"
  | "ACI_SERVER_CONFLICT"
  | "ACI_SERVER_LOST"
  | "ACI_SERVER_NOT_READY"
  | "ACI_SESSION_EXPIRED"
  | "ACI_POOL_CLOSED"
  | "ACI_POOL_FULL"
  | "ACI_CLEANUP_FAILED";

/** What is known about a failure. @public */
export interface AciErrorDetails {
  readonly code: AciErrorCode;
  /** The HTTP status, where the service answered. */
  readonly statusCode?: number | undefined;
  /** The service's own code, `ContainerGroupTransitioning` for instance. */
  readonly serviceCode?: string | undefined;
  /** The service's own sentence. */
  readonly serviceText?: string | undefined;
  /** The word for a failure below HTTP: the system's, `ECONNRESET` for instance, `credential` where a credential gave no token, or `noCredential` where it has never given one to this process. */
  readonly transport?: string | undefined;
  /** The id to give to Azure support. */
  readonly requestId?: string | undefined;
  /** How long the service asked to wait. */
  readonly retryAfterInMs?: number | undefined;
  /** True if the same call may succeed later. */
  readonly isRetryable?: boolean | undefined;
  /** True if the request may have had its effect although it failed. */
  readonly mayHaveStarted?: boolean | undefined;
  /** What may still be running and costing money. */
  readonly resourceId?: string | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("aci-lifecycle.AciError");

/**
 * The base of every error that this library raises, bad input apart (that is a `TypeError` or a `RangeError`).
 *
 * Switch on `code`, and recognise it with {@link isAciError}: `instanceof` fails between two copies of the package.
 *
 * @public
 */
export class AciError extends Error {
  declare readonly name: string;
  /** What happened, as a word to switch on. */
  readonly code: AciErrorCode;
  /** The HTTP status, where the service answered. */
  readonly statusCode?: number | undefined;
  /** The service's own code. */
  readonly serviceCode?: string | undefined;
  /** The service's own sentence. */
  readonly serviceText?: string | undefined;
  /** The word for a failure below HTTP, `ECONNRESET` or `noCredential` for instance. */
  readonly transport?: string | undefined;
  /** The id to give to Azure support. */
  readonly requestId?: string | undefined;
  /** How long the service asked to wait. */
  readonly retryAfterInMs?: number | undefined;
  /** True if the same call may succeed later. */
  readonly isRetryable: boolean;
  /** True if the request may have had its effect although it failed. */
  readonly mayHaveStarted: boolean;
  /** What may still be running and costing money. */
  readonly resourceId?: string | undefined;

  /** @param message - One sentence; the code is added to it. */
  constructor(message: string, details: AciErrorDetails) {
    super(`${message} [${details.code}]`);
    this.code = details.code;
    this.isRetryable = details.isRetryable ?? false;
    this.mayHaveStarted = details.mayHaveStarted ?? false;
    for (const key of ["statusCode", "serviceCode", "serviceText", "transport", "requestId", "retryAfterInMs", "resourceId"] as const) {
      if (details[key] !== undefined) Object.assign(this, { [key]: details[key] });
    }
    if (details.cause !== undefined) {
      // Not enumerable: a cause of another library may hold a request, and its headers must not be printed with us.
      Object.defineProperty(this, "cause", { value: details.cause, enumerable: false, writable: true, configurable: true });
    }
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    return `${this.stack ?? this.message} ${inspect(Object.fromEntries(Object.entries(this)), options)}`;
  }
}
Object.defineProperty(AciError.prototype, "name", { value: "AciError", configurable: true, writable: true });
Object.defineProperty(AciError.prototype, BRAND, { value: true });

/**
 * Something of ours may still be running and costing money: `resourceId` says what to delete.
 *
 * @public
 */
export class CleanupError extends AciError {}
Object.defineProperty(CleanupError.prototype, "name", { value: "CleanupError", configurable: true, writable: true });

/**
 * True for an {@link AciError} of any copy and any format of this package.
 *
 * @example
 * ```ts
 * if (isAciError(error) && error.code === "ACI_QUOTA_EXCEEDED") await waitForQuota();
 * ```
 * @public
 */
export function isAciError(error: unknown): error is AciError {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}
