import type { IncomingMessage } from "node:http";
import { isAccountName, isShareName } from "../share-root.js";
import { refusals } from "./storage-error.js";

/** The most that one request may carry, which is what one range may have. */
export const LARGEST_BODY_IN_BYTES = 4 * 1024 * 1024;

/** One request, taken apart, with nothing in it checked but the account's name. */
export interface FileRequest {
  readonly method: string;
  /** The path as it was sent, which is what is signed. */
  readonly target: string;
  readonly account: string;
  /** The names below the account, decoded: the share, then folders, then a file or a folder. */
  readonly names: readonly string[];
  /** By lower-case name, decoded. */
  readonly query: ReadonlyMap<string, string>;
  readonly incoming: IncomingMessage;
  readonly header: (name: string) => string | undefined;
}

/** Takes a request apart. Intentionally without `URL`, which would resolve dots before they are seen. */
export function readFileRequest(incoming: IncomingMessage): FileRequest {
  const header = (name: string): string | undefined => {
    const value = incoming.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const [target = "", search = ""] = splitOnce(incoming.url ?? "", "?");
  const query = readQuery(search);
  const [account = "", ...names] = withAccount(readPath(target), query.get("comp"), header);
  if (!isAccountName(account)) throw refusals.invalidUri();
  return { method: incoming.method ?? "", target, account, names, query, incoming, header };
}

/** What is to be renamed: the account and the names below it, by the address that a header has. */
export function readRenameSource({ header }: Pick<FileRequest, "header">): Pick<FileRequest, "account" | "names" | "query"> | undefined {
  const text = header("x-ms-file-rename-source");
  const [, path, search = ""] = /^https?:\/\/[^/?#]+(\/[^?#]*)(?:\?([^#]*))?$/.exec(text ?? "") ?? [];
  if (path === undefined) return undefined;
  const [account = "", ...names] = readPath(path);
  return { account, names, query: readQuery(search) };
}

// Microsoft's client forgets the account when it makes the address that a rename leads to.
function withAccount(parts: string[], comp: string | undefined, header: FileRequest["header"]): string[] {
  const source = comp?.toLowerCase() === "rename" ? readRenameSource({ header }) : undefined;
  return source !== undefined && parts[0] !== source.account ? [source.account, ...parts] : parts;
}

function readPath(target: string): string[] {
  const parts = target.slice(1).split("/").map(decode);
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();
  return parts;
}

/** The share and the path below it, if every name in it is one that the service takes. */
export function readPlace({ names, header }: FileRequest): { readonly share: string; readonly path: readonly string[] } {
  const [share = "", ...rest] = names;
  if (!isShareName(share)) throw refusals.invalidName();
  const shouldKeepDots = header("x-ms-allow-trailing-dot") === "true";
  const path = rest.map((name) => readName(name, shouldKeepDots));
  if (path.length > 250 || path.join("/").length > 2048) throw refusals.invalidName();
  return { share, path };
}

// Device names of Windows, which the service refuses everywhere.
const RESERVED = /^(?:con|prn|aux|nul|clock\$|com\d|lpt\d)(?:\.|$)/i;

function readName(name: string, shouldKeepDots: boolean): string {
  if (name === "." || name === ".." || /["\\/:|<>*?\u0000-\u001f\u007f]/.test(name) || RESERVED.test(name)) throw refusals.invalidName();
  const kept = shouldKeepDots ? name : name.replace(/\.+$/, "");
  // On Windows dots and spaces at the end do not count.
  if (/^[. ]*$/.test(kept) || kept.length > 255) throw refusals.invalidName();
  return kept;
}

function readQuery(search: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of search.split("&").filter(Boolean)) {
    const [name = "", value = ""] = splitOnce(pair, "=").map(decode);
    if (query.has(name.toLowerCase())) throw refusals.invalidQuery(name);
    query.set(name.toLowerCase(), value);
  }
  return query;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusals.invalidUri();
  }
}
