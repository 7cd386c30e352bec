import type { Signal } from "../../signal.js";
import { nameBaseOf, jobHash } from "../../lifecycle/identity.js";
import { deriveCredential, isSame, isSigned } from "./signature.js";

/** A call as it came in, whatever server has taken it. @public */
export interface WebhookCall {
  readonly query: URLSearchParams;
  /** The value of a header by its lower-case name. */
  readonly header: (name: string) => string | null | undefined;
  /** The bytes as they came. */
  readonly body: Uint8Array;
}

/** What a call is answered with. */
export interface Verdict {
  readonly status: 204 | 400 | 401;
  readonly signal?: Omit<Signal, "source" | "at"> | undefined;
}

const KINDS: ReadonlyMap<string, Signal["kind"]> = new Map([["job.started", "started"], ["job.alive", "alive"], ["job.ended", "ended"]]);
// Whoever has no right learns nothing of what there is: one answer for every such call.
const UNKNOWN: Verdict = { status: 401 };
const ATTEMPT = /^[1-9]\d{0,5}$/u;
const LONGEST_KEY = 1024;

// Judges a call of a container: who it is from, before anything of it is read.
export function judgeCall({ query, header, body }: WebhookCall, secrets: readonly string[], now: number): Verdict {
  const key = query.get("job") ?? "";
  const attempt = query.get("attempt") ?? "";
  const isNamed = key !== "" && key.length <= LONGEST_KEY && ATTEMPT.test(attempt);
  const groupName = `${nameBaseOf(jobHash(isNamed ? key : "nobody"))}-${isNamed ? attempt : 0}`;
  // All secrets are tried, whether or not one has fitted.
  const fits = secrets.map((secret) => isFrom(groupName, secret, header, body, now));
  if (!isNamed || !fits.includes(true)) return UNKNOWN;
  return judgeBody(body, groupName, key, header("webhook-id") ?? undefined, now);
}

function isFrom(groupName: string, secret: string, header: WebhookCall["header"], body: Uint8Array, now: number): boolean {
  const { token, key } = deriveCredential(secret, groupName);
  const signature = header("webhook-signature");
  if (typeof signature !== "string") return isSame(header("authorization") ?? "", `Bearer ${token}`);
  return isSigned(key, { id: header("webhook-id") ?? "", timestamp: header("webhook-timestamp") ?? "", signature }, body, now);
}

function judgeBody(body: Uint8Array, groupName: string, key: string, givenId: string | undefined, now: number): Verdict {
  const { type, exitCode: code } = parse(body);
  const kind = typeof type === "string" ? KINDS.get(type) : undefined;
  if (kind === undefined) return { status: 400 };
  const exitCode = kind === "ended" && Number.isSafeInteger(code) ? (code as number) : undefined;
  // A call that is sent again is the same one. A heartbeat is another one every second.
  const id = givenId ?? `${groupName}/${kind}${kind === "alive" ? `/${Math.floor(now / 1000)}` : ""}`;
  return { status: 204, signal: { id, groupName, key, kind, ...(exitCode !== undefined && { exitCode }) } };
}

function parse(body: Uint8Array): { readonly type?: unknown; readonly exitCode?: unknown } {
  try {
    return (JSON.parse(Buffer.from(body).toString()) ?? {}) as object;
  } catch {
    return {};
  }
}
