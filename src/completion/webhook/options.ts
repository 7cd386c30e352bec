import { isIP } from "node:net";
import type { Clock } from "../../internal/clock.js";
import { expectKeys, expectPositive, expectText, expectUrl, fail } from "../../lifecycle/expect.js";
import type { Mailbox } from "../../signal.js";

/** Options for {@link webhook}. @public */
export interface WebhookOptions {
  /**
   * Where the receiver can be reached from the containers. `https`, or `http` inside a private network. The key of the job
   * and the attempt are added to its query.
   */
  readonly url: string;
  /**
   * What the credential of each job is derived from, at least 32 characters; the same wherever a receiver runs. Of several,
   * the first is used for new jobs and all are accepted, so that one can be replaced.
   */
  readonly secret: string | readonly string[];
  /** Where signals are kept until they are taken. @defaultValue a {@link memoryMailbox}, which only this process can see */
  readonly mailbox?: Mailbox | undefined;
  /**
   * Who calls. `wrapper`: a small shell script around the command, which the spec must have, with `curl` or GNU `wget` (for
   * plain http also BusyBox). `container`: your own program, with what it finds in its environment.
   *
   * @defaultValue `"wrapper"`
   */
  readonly report?: "wrapper" | "container" | undefined;
  /**
   * An image whose init container brings a shell and curl for images that have none: built from `helper/Dockerfile` of this
   * library's repository. @defaultValue none: the image has a shell
   */
  readonly helperImage?: string | undefined;
  /** How often the wrapper says that it lives, in whole seconds. @defaultValue never */
  readonly heartbeatIntervalInMs?: number | undefined;
  /** How often a job that says nothing is looked at, 10 seconds to 10 minutes. @defaultValue `120_000` (2 minutes) */
  readonly safetyIntervalInMs?: number | undefined;
  /** Told of every call that was refused, without anything of its content. */
  readonly onRefused?: ((refusal: { readonly status: number }) => void) | undefined;
  /** @beta */
  readonly clock?: Clock | undefined;
}

const FIELDS = ["url", "secret", "mailbox", "report", "helperImage", "heartbeatIntervalInMs", "safetyIntervalInMs", "onRefused", "clock"] as const;
const SHORTEST_SECRET = 32;
const [SHORTEST_SAFETY_IN_MS, LONGEST_SAFETY_IN_MS] = [10_000, 600_000];
const PRIVATE_V4 = [/^127\./u, /^10\./u, /^192\.168\./u, /^172\.(?:1[6-9]|2\d|3[01])\./u];
const PRIVATE_V6 = [/^\[::1\]$/u, /^\[f[cd]/u];
const PRIVATE_NAMES = ["localhost", "host.docker.internal", "host.containers.internal"];


// Throws a TypeError or RangeError for options that cannot be right. A secret is never shown.
export function checkOptions(options: WebhookOptions): void {
  expectKeys("options", options, FIELDS);
  checkUrl(options.url);
  checkSecrets(options.secret);
  if (options.report !== undefined && !["wrapper", "container"].includes(options.report)) fail("report", '"wrapper" or "container"', options.report);
  if (options.helperImage !== undefined) expectText("helperImage", options.helperImage);
  expectPositive("heartbeatIntervalInMs", options.heartbeatIntervalInMs, 1000);
  const { safetyIntervalInMs: safety } = options;
  expectPositive("safetyIntervalInMs", safety);
  if (safety !== undefined && (safety < SHORTEST_SAFETY_IN_MS || safety > LONGEST_SAFETY_IN_MS)) fail("safetyIntervalInMs", `${SHORTEST_SAFETY_IN_MS} to ${LONGEST_SAFETY_IN_MS}`, safety);
}

function checkSecrets(secret: WebhookOptions["secret"]): void {
  const secrets: readonly unknown[] = [secret].flat();
  const rule = `one or more texts of at least ${SHORTEST_SECRET} characters`;
  if (secrets.length === 0 || !secrets.every((one) => typeof one === "string")) throw new TypeError(`Expected \`secret\` to be ${rule}.`);
  for (const one of secrets) if (one.length < SHORTEST_SECRET) throw new RangeError(`Expected \`secret\` to be ${rule}, got one of ${one.length}.`);
}

// What is secret goes there, so that plain http must not leave a private network. Its query may hold a key, and is not shown.
function checkUrl(url: unknown): void {
  expectUrl("url", url);
  const { protocol, hostname, username, password } = new URL(url as string);
  if (username !== "" || password !== "") fail("url", "a URL without a user", hostname);
  if (protocol === "https:" || (protocol === "http:" && isPrivate(hostname))) return;
  fail("url", "an https URL, or an http URL inside a private network", `${protocol}//${hostname}`);
}

function isPrivate(host: string): boolean {
  if (isIP(host) === 4) return PRIVATE_V4.some((form) => form.test(host));
  return PRIVATE_NAMES.includes(host) || PRIVATE_V6.some((form) => form.test(host));
}
