import type { TokenCredential } from "@azure/core-auth";
import type { SecretSource } from "../container-spec.js";
import type { RequestBudget } from "../budget/request-budget.js";
import type { Clock } from "../internal/clock.js";
import type { LifecycleEvent } from "../lifecycle-event.js";
import type { Snapshot } from "../container-group.js";
import { expectFunction, expectKeys, expectPositive, expectSignal, expectText, expectUrl, expectWhole, fail } from "../lifecycle/expect.js";

/** Where an {@link AciClient} works, and as whom. @public */
export interface AciClientOptions {
  readonly subscriptionId: string;
  /** The groups of this resource group are what the client creates, lists and deletes. */
  readonly resourceGroup: string;
  /** Where groups are created that name no location of their own, `westeurope` for instance. */
  readonly location: string;
  /**
   * Who we are to Azure. Any credential of `@azure/identity`, or an object like one.
   *
   * @defaultValue `DefaultAzureCredential`, loaded when the first request is sent, because that takes a quarter of a second
   */
  readonly credential?: TokenCredential | undefined;
  /**
   * The address of Azure Resource Manager, for other clouds and for the emulator. Plain `http` is taken from this
   * machine's own addresses only.
   *
   * @defaultValue `https://management.azure.com`
   */
  readonly endpoint?: string | undefined;
  /**
   * Whose groups these are: written on every group of a job, and the limit of what is adopted, canceled or swept.
   *
   * @defaultValue `"default"`
   */
  readonly owner?: string | undefined;
  /**
   * What may be asked of Azure. Give clients of one subscription the same, so that they do not get into each other's way;
   * `"unlimited"` asks whenever it likes.
   *
   * @defaultValue a budget of its own, with Azure's usual limits
   */
  readonly requestBudget?: RequestBudget | "unlimited" | undefined;
  /** Told everything that happens to the jobs of this client. A listener that throws or rejects is ignored. */
  readonly onEvent?: ((event: LifecycleEvent) => void) | undefined;
  /** The time that waits go by. @defaultValue the system's clock @beta */
  readonly clock?: Clock | undefined;
}

/** What every call takes. @public */
export interface CallOptions {
  /** Stops waiting. What was asked of Azure goes on there; the promise rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** Options for {@link AciClient.create}. @public */
export interface CreateOptions extends CallOptions {
  /** Resolves the `{ secret: "name" }` values of the spec. */
  readonly secrets?: SecretSource | undefined;
}

/** Options for {@link AciClient.delete}. @public */
export interface DeleteOptions extends CallOptions {
  /** How long to wait for the group to be gone. @defaultValue `300_000` (5 minutes) */
  readonly timeoutInMs?: number | undefined;
}

/** Options for {@link AciClient.awaitCompletion}. @public */
export interface AwaitOptions extends CallOptions {
  /** The container to wait for. @defaultValue all of them */
  readonly container?: string | undefined;
  /** The longest time to wait. The group is left alone. @defaultValue no limit */
  readonly timeoutInMs?: number | undefined;
  /** Called after every look. What it throws, or rejects with, is ignored. */
  readonly onProgress?: ((state: { readonly snapshot: Snapshot }) => void) | undefined;
}

/** Options for {@link AciClient.attach}. @public */
export interface AttachOptions extends CallOptions {
  /** @defaultValue the first container of the group */
  readonly container?: string | undefined;
}

/** Options for {@link AciClient.collectLogs} and {@link AciClient.followLogs}. @public */
export interface LogOptions extends CallOptions {
  /** @defaultValue the first container of the group */
  readonly container?: string | undefined;
  /** Only so many of the last lines. @defaultValue all that the service has: 4 MB at the most */
  readonly tail?: number | undefined;
}

/** What {@link AciClient.collectLogs} found. @public */
export interface CollectedLogs {
  readonly containerName: string;
  readonly text: string;
  /** Whether the beginning is missing. `"unknown"` where the text is as long as ACI keeps of a stopped container. */
  readonly isTruncated: boolean | "unknown";
}

// What is added to it are paths, and a query or a user may be secret.
export function checkEndpoint(endpoint: unknown): void {
  expectUrl("endpoint", endpoint);
  const { protocol, host, search, hash, username, password } = new URL(endpoint as string);
  const isWeb = protocol === "http:" || protocol === "https:";
  if (!isWeb || [search, hash, username, password].some((part) => part !== "")) fail("endpoint", "an http or https URL without a query or a user", isWeb ? `${protocol}//${host}` : protocol);
}

type AnyCallOptions = CreateOptions & DeleteOptions & AwaitOptions & LogOptions;

// Checks the options of a call, which may have these fields besides what every call takes.
export function checkCall(options: CallOptions, ...more: readonly Exclude<keyof AnyCallOptions, "abortSignal">[]): void {
  expectKeys("options", options, ["abortSignal", ...more]);
  const { abortSignal, secrets, container, timeoutInMs, onProgress, tail }: AnyCallOptions = options;
  expectSignal("abortSignal", abortSignal);
  expectFunction("secrets", secrets);
  if (container !== undefined) expectText("container", container);
  expectPositive("timeoutInMs", timeoutInMs);
  expectFunction("onProgress", onProgress);
  expectWhole("tail", tail, 1);
}
