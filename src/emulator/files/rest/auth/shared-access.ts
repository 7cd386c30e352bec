import { isSame } from "../../../server/guard.js";
import type { FileRequest } from "../file-request.js";
import { refusals } from "../storage-error.js";
import { sign } from "./account-key.js";
import type { Grant, Need } from "./authorize.js";

// The form that is checked here has been the same since then.
const OLDEST_VERSION = "2015-04-05";
const OVERRIDES = { rscc: "Cache-Control", rscd: "Content-Disposition", rsce: "Content-Encoding", rscl: "Content-Language", rsct: "Content-Type" } as const;

/** Refuses a request whose shared access signature is not the account's, not of this time, or not for this. */
export function checkSharedAccess(request: FileRequest, need: Need, key: string): Grant {
  const field = (name: string): string => request.query.get(name) ?? "";
  const isOfAccount = request.query.has("ss");
  if (!/^\d{4}-\d\d-\d\d$/.test(field("sv")) || field("sv") < OLDEST_VERSION) throw refusals.notAuthenticated("The signed version is not known.");
  const text = isOfAccount ? accountText(request, field) : serviceText(request, field);
  if (!isSame(field("sig"), sign(text, key))) throw refusals.notAuthenticated("Signature did not match.");
  checkTime(field("st"), field("se"));
  checkOrigin(field("spr"), field("sip"));
  if (isOfAccount) checkAccountScope(field, need);
  else checkServiceScope(field, need);
  const allowed = Array.from(need.anyOf).filter((permission) => field("sp").includes(permission));
  if (allowed.length === 0) throw refusals.notAuthorized("Permission");
  return { canOverwrite: allowed.includes("w"), headers: readOverrides(request) };
}

function readOverrides({ query }: FileRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, header] of Object.entries(OVERRIDES)) {
    const value = query.get(name);
    if (value === undefined) continue;
    if (!/^[\u0020-\u007e]*$/.test(value)) throw refusals.invalidQuery(name);
    headers[header] = value;
  }
  return headers;
}

type Field = (name: string) => string;

function accountText({ account }: FileRequest, field: Field): string {
  const names = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv", ...(field("sv") >= "2020-12-06" ? ["ses"] : [])];
  return [account, ...names.map(field), ""].join("\n");
}

function serviceText({ account, names }: FileRequest, field: Field): string {
  const signed = field("sr") === "f" ? names : names.slice(0, 1);
  const resource = `/file/${[account, ...signed].join("/")}`;
  const before = ["sp", "st", "se"].map(field);
  return [...before, resource, ...["si", "sip", "spr", "sv", ...Object.keys(OVERRIDES)].map(field)].join("\n");
}

function checkTime(start: string, expiry: string): void {
  const isNow = (start === "" || readTime(start) <= Date.now()) && Date.now() < readTime(expiry);
  if (!isNow) throw refusals.notAuthenticated("Signature not valid in the specified time frame.");
}

// Not a number where it is no time, so that every comparison fails.
function readTime(text: string): number {
  return /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
}

// It listens on 127.0.0.1, so that is where every request comes from.
function checkOrigin(protocol: string, addresses: string): void {
  if (protocol !== "" && !protocol.split(",").includes("http")) throw refusals.notAuthorized("Protocol");
  const [from = "", to = from] = addresses.split("-").map(readAddress);
  if (addresses !== "" && !(from <= readAddress("127.0.0.1") && readAddress("127.0.0.1") <= to)) throw refusals.notAuthorized("SourceIP");
}

function readAddress(address: string): string {
  return address.split(".").map((part) => part.padStart(3, "0")).join(".");
}

function checkAccountScope(field: Field, need: Need): void {
  if (!field("ss").includes("f")) throw refusals.notAuthorized("Service");
  if (!field("srt").includes(need.resource)) throw refusals.notAuthorized("ResourceType");
}

// It says nothing of shares themselves, only of what is in them.
function checkServiceScope(field: Field, { level }: Need): void {
  if (field("si") !== "") throw refusals.notAuthenticated("The emulator has no stored access policies.");
  const isCovered = field("sr") === "s" ? level === "directory" || level === "file" : field("sr") === "f" && level === "file";
  if (!isCovered) throw refusals.notAuthorized("");
}
