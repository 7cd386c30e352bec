import { AciError } from "../errors.js";
import type { ArmResponse } from "./arm-client.js";
import { isCredentialError } from "./pipeline/credential.js";
import { redactor } from "../internal/redact.js";
import { classifyFault, errorCodeOf, type FaultFacts } from "../lifecycle/faults/classify-fault.js";

// The error for an answer that is none of those that were hoped for.
export function answerError(what: string, { status, headers, bodyAsText }: ArmResponse, secrets: readonly string[] = []): AciError {
  const { code, message } = faultIn(bodyAsText ?? "");
  const requestId = headers.get("x-ms-request-id") ?? headers.get("x-ms-correlation-request-id");
  const hide = redactor(secrets);
  return make(what, {
    statusCode: status,
    serviceCode: code && hide(code),
    serviceText: message && hide(message),
    requestId: requestId && hide(requestId),
    retryAfterInMs: retryAfterIn(headers, Date.parse(headers.get("date") ?? "")),
  });
}

// The error for a request that got no answer. Intentionally keeps nothing of the error that it was told by but its words:
// that one holds the request, with its token and its body. A credential that fails has a word of ours.
export function transportError(what: string, thrown: unknown, secrets: readonly string[] = [], credentialWord = "credential"): AciError {
  const { name = "Error", message = String(thrown), code, statusCode } = (thrown ?? {}) as { name?: string; message?: string; code?: unknown; statusCode?: unknown };
  const isCredential = isCredentialError({ name });
  const transport = isCredential ? credentialWord : typeof code === "string" ? code : name;
  const cause = Object.assign(new Error(redactor(secrets)(message)), { name });
  return make(what, { transport, ...(typeof statusCode === "number" && !isCredential && { statusCode }) }, cause);
}

function make(what: string, facts: FaultFacts & { readonly requestId?: string | undefined }, cause?: Error): AciError {
  const { kind, isRetryable, mayHaveStarted } = classifyFault(facts);
  const said = [facts.serviceCode ?? facts.transport ?? `HTTP ${facts.statusCode ?? "?"}`, facts.serviceText ?? cause?.message].filter((part) => part !== undefined && part !== "");
  return new AciError(`${what} failed: ${said.join(": ")}`, { ...facts, code: errorCodeOf(kind), isRetryable, mayHaveStarted, cause });
}

// The code and sentence of an error body; the innermost, where ARM has wrapped it.
function faultIn(text: string): { code?: string; message?: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return {};
  }
  return innermost((body as { error?: unknown } | null)?.error ?? body);
}

interface WireFault {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly details?: unknown;
}

const WRAPPERS = ["DeploymentFailed", "ResourceOperationFailure", "ResourceDeploymentFailure"];

function innermost(fault: unknown): { code?: string; message?: string } {
  if (typeof fault !== "object" || fault === null) return {};
  const { code, message, details } = fault as WireFault;
  const [detail] = Array.isArray(details) ? (details as unknown[]) : [];
  const own = { ...(typeof code === "string" && { code }), ...(typeof message === "string" && { message }) };
  return typeof code === "string" && WRAPPERS.includes(code) && detail !== undefined ? { ...own, ...innermost(detail) } : own;
}

// How long to wait, by any of the headers that Azure has for it. A date counts from the service's own clock. What is no
// time to come says nothing.
export function retryAfterIn(headers: ArmResponse["headers"], serverNow: number): number | undefined {
  const ms = waitIn(headers, serverNow);
  return ms > 0 ? ms : undefined;
}

function waitIn(headers: ArmResponse["headers"], serverNow: number): number {
  const inMs = headers.get("retry-after-ms") ?? headers.get("x-ms-retry-after-ms");
  if (inMs !== undefined && /^\d+$/u.test(inMs)) return Number(inMs);
  const value = headers.get("retry-after")?.trim() ?? "";
  return /^\d+$/u.test(value) ? Number(value) * 1000 : Date.parse(value) - serverNow;
}
