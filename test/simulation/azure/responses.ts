import type { ArmResponse } from "../../../src/azure/arm-client.js";
import type { Dice } from "../world/dice.js";

/** An answer, and how long it asks to wait, if it asks in a way that has a meaning. */
export interface SimResponse extends ArmResponse {
  /** It shows what was, not what is. */
  readonly isOld?: true | undefined;
  readonly retryAfterInMs?: number | undefined;
}

export function respond(status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}, retryAfterInMs?: number): SimResponse {
  return { status, headers: { get: (name) => headers[name] }, bodyAsText: typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body), retryAfterInMs };
}

/** An answer with the time at which it was given, as all of Azure's have it. */
export function dated(answer: SimResponse, now: number): SimResponse {
  const { headers } = answer;
  return { ...answer, headers: { get: (name) => headers.get(name) ?? (name === "date" ? new Date(now).toUTCString() : undefined) } };
}

export function refuse(status: number, code: string, message: string, headers?: Readonly<Record<string, string>>): SimResponse {
  return respond(status, { error: { code, message } }, headers);
}

export const ABSENT = refuse(404, "ResourceNotFound", "The Resource was not found.");
export const TRANSITIONING = refuse(409, "ContainerGroupTransitioning", "The container group is still transitioning, please retry later.");

const DAY_IN_MS = 86_400_000;

/** 429 in all the ways in which servers have said how long to wait. */
export function throttled(dice: Dice, now: number): SimResponse {
  const seconds = dice.between(1, 90);
  const date = new Date(now).toUTCString();
  const [headers, meant] = dice.pick<readonly [Readonly<Record<string, string>>, number | undefined]>([
    [{ "retry-after": String(seconds) }, seconds * 1000],
    [{ "retry-after": new Date(now + seconds * 1000).toUTCString(), date }, seconds * 1000 - 1000],
    [{ "x-ms-retry-after-ms": String(seconds * 100) }, seconds * 100],
    [{ "retry-after-ms": String(seconds * 100) }, seconds * 100],
    [{}, undefined],
    [{ "retry-after": "1000000000" }, 3_600_000],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "NaN" }, undefined],
    [{ "retry-after": new Date(now - DAY_IN_MS).toUTCString(), date }, undefined],
  ]);
  return respond(429, { error: { code: "TooManyRequests", message: "The request was throttled." } }, headers, meant);
}

/** A gateway's trouble. Some repeat what they were sent. */
export function trouble(dice: Dice, sent: string): SimResponse {
  const status = dice.pick([500, 502, 503, 504]);
  return dice.pick([
    respond(status, "<html><body>Bad Gateway</body></html>", { "content-type": "text/html" }),
    respond(status, ""),
    refuse(status, "InternalServerError", `An unexpected error occurred. Request: ${sent}`),
    respond(status, "{ not json", { "content-type": "text/plain" }),
  ]);
}

export function lackOfRoom(dice: Dice): SimResponse {
  return dice.pick([
    refuse(409, "ServiceUnavailable", "The requested resource is not available in the location 'westeurope' at this moment. Please retry with a different resource request or in another location."),
    refuse(409, "ContainerGroupQuotaReached", "Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'StandardCores' exceeded in region 'westeurope'. Limit: '10', Usage: '10' Requested: '1'."),
  ]);
}

/** A refusal that no second try changes. */
export function rejection(dice: Dice, sent: string): SimResponse {
  return dice.pick([
    refuse(400, "InvalidRequestContent", `The request content was invalid: ${sent}`),
    refuse(403, "AuthorizationFailed", "The client does not have authorization to perform the action."),
    refuse(404, "ResourceGroupNotFound", "Resource group 'r' could not be found."),
    refuse(413, "RequestEntityTooLarge", "The request is too large."),
    refuse(403, "RequestDisallowedByPolicy", "The resource was disallowed by policy."),
  ]);
}
