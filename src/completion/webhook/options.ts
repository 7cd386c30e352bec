import { isIP } from "node:net";
import type { Clock } from "../../internal/clock.js";
import { expectFields, expectFunction, expectUrl, fail } from "../../lifecycle/expect.js";
import type { ReportOptions } from "../reporting/report-options.js";

/** Options for {@link webhook}. @public */
export interface WebhookOptions extends ReportOptions {
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
  /** Told of every call that was refused, without anything of its content. */
  readonly onRefused?: ((refusal: { readonly status: number }) => void) | undefined;
  /** @beta */
  readonly clock?: Clock | undefined;
}

const FIELDS = ["url", "secret", "mailbox", "report", "helperImage", "heartbeatIntervalInMs", "safetyIntervalInMs", "onRefused", "clock"] as const;
const SHORTEST_SECRET = 32;
const PRIVATE_V4 = [/^127\./u, /^10\./u, /^192\.168\./u, /^172\.(?:1[6-9]|2\d|3[01])\./u];
const PRIVATE_V6 = [/^\[::1\]$/u, /^\[f[cd]/u];
const PRIVATE_NAMES = ["localhost", "host.docker.internal", "host.containers.internal"];

// Throws a TypeError or RangeError for what only webhook() has and cannot be right. A secret is never shown.
export function checkOptions(options: WebhookOptions): void {
  expectFields("options", options, FIELDS);
  checkUrl(options.url);
  checkSecrets(options.secret);
  expectFunction("onRefused", options.onRefused);
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
