import type { Signal } from "../../signal.js";
import { readReport, reportedGroup } from "../reporting/read-report.js";
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
  readonly signal?: Signal | undefined;
}

// Whoever has no right learns nothing of what there is: one answer for every such call.
const UNKNOWN: Verdict = { status: 401 };
const ATTEMPT = /^[1-9]\d{0,5}$/u;
// Whose credential nobody has.
const NOBODY = "nobody";

// Judges a call of a container: who it is from, before anything of it is read.
export function judgeCall({ query, header, body }: WebhookCall, secrets: readonly string[], now: number): Verdict {
  const key = query.get("job") ?? "";
  const attempt = query.get("attempt") ?? "";
  const groupName = ATTEMPT.test(attempt) ? reportedGroup(key, Number(attempt)) : undefined;
  // All secrets are tried, whether or not one has fitted.
  const fits = secrets.map((secret) => isFrom(groupName ?? NOBODY, secret, header, body, now));
  if (groupName === undefined || !fits.includes(true)) return UNKNOWN;
  const report = { ...parse(body), job: key, attempt: Number(attempt) };
  const signal = readReport(report, { source: "webhook", at: now, id: header("webhook-id") ?? undefined });
  return signal === undefined ? { status: 400 } : { status: 204, signal };
}

function isFrom(groupName: string, secret: string, header: WebhookCall["header"], body: Uint8Array, now: number): boolean {
  const { token, key } = deriveCredential(secret, groupName);
  const signature = header("webhook-signature");
  if (typeof signature !== "string") return isSame(header("authorization") ?? "", `Bearer ${token}`);
  return isSigned(key, { id: header("webhook-id") ?? "", timestamp: header("webhook-timestamp") ?? "", signature }, body, now);
}

function parse(body: Uint8Array): object {
  try {
    return (JSON.parse(Buffer.from(body).toString()) ?? {}) as object;
  } catch {
    return {};
  }
}
