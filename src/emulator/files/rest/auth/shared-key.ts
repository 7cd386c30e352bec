import { isSame } from "../../../server/guard.js";
import type { FileRequest } from "../file-request.js";
import { refusals } from "../storage-error.js";
import { sign } from "./account-key.js";

const SIGNED_HEADERS = ["content-language", "content-encoding", "content-length", "content-md5", "content-type", "date", "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"];
const LONGEST_WAY_IN_MS = 15 * 60_000;

/** Refuses a request whose `Authorization` was not made with the account's key, or too long ago. */
export function checkSharedKey(request: FileRequest, authorization: string, key: string): void {
  const [, account, signature] = /^SharedKey ([^:]+):(.+)$/.exec(authorization) ?? [];
  if (account === undefined || signature === undefined) throw refusals.notAuthenticated("The Authorization header is not of the form 'SharedKey account:signature'.");
  const isRight = isSame(signature, sign(stringToSign(request), key));
  if (account !== request.account || !isRight) throw refusals.notAuthenticated("The MAC signature found in the HTTP request is not the same as any computed signature.");
  const age = Date.now() - Date.parse(request.header("x-ms-date") ?? request.header("date") ?? "");
  if (!(Math.abs(age) <= LONGEST_WAY_IN_MS)) throw refusals.notAuthenticated("The date header is more than 15 minutes away from the time here.");
}

function stringToSign(request: FileRequest): string {
  const headers = SIGNED_HEADERS.map((name) => signedHeader(request, name));
  return [request.method, ...headers, ...serviceHeaders(request), resource(request)].join("\n");
}

function signedHeader({ header }: FileRequest, name: string): string {
  const value = header(name) ?? "";
  if (name === "content-length" && value === "0") return "";
  return name === "date" && header("x-ms-date") !== undefined ? "" : value;
}

function serviceHeaders({ incoming, header }: FileRequest): string[] {
  const names = Object.keys(incoming.headers).filter((name) => name.startsWith("x-ms-"));
  return names.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)).map((name) => `${name}:${header(name) ?? ""}`);
}

// The service sorts as .NET does for en-US: hyphens do not count, underscores come before digits.
function sortKey(name: string): string {
  return name.replaceAll("-", "").replaceAll("_", " ");
}

function resource({ account, target, query }: FileRequest): string {
  const parameters = [...query].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `\n${name}:${value}`);
  return `/${account}${target}${parameters.join("")}`;
}
