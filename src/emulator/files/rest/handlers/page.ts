import { refusals } from "../storage-error.js";
import { element, texts } from "../xml.js";
import type { FileCall } from "./call.js";

const LARGEST_PAGE = 5000;

/** The part of a list that one answer has. */
export interface Page {
  readonly names: readonly string[];
  /** What the next request continues with; empty at the end. */
  readonly nextMarker: string;
}

/** The names that a request asks for, of all that there are. */
export function readPage({ request: { query } }: FileCall, all: readonly string[]): Page {
  const size = readSize(query.get("maxresults"));
  const after = Buffer.from(readField(query, "marker", /^[\w-]*$/), "base64url").toString();
  const prefix = readField(query, "prefix", /^[^\u0000-\u001f]*$/).toLowerCase();
  const names = all.filter((name) => name > after && name.toLowerCase().startsWith(prefix)).sort();
  const nextMarker = names.length > size ? Buffer.from(names[size - 1] ?? "").toString("base64url") : "";
  return { names: names.slice(0, size), nextMarker };
}

function readSize(given = String(LARGEST_PAGE)): number {
  if (!/^\d{1,4}$/.test(given) || Number(given) < 1 || Number(given) > LARGEST_PAGE) throw refusals.outOfRange("maxresults");
  return Number(given);
}

function readField(query: ReadonlyMap<string, string>, name: string, form: RegExp): string {
  const value = query.get(name) ?? "";
  if (!form.test(value)) throw refusals.invalidQuery(name);
  return value;
}

/** A list as it is answered. */
export function enumeration({ request: { query }, url }: FileCall, attributes: Readonly<Record<string, string>>, { nextMarker }: Page, entries: string): string {
  const asked = texts({ Prefix: query.get("prefix"), Marker: query.get("marker"), MaxResults: query.get("maxresults") });
  return element("EnumerationResults", asked + entries + texts({ NextMarker: nextMarker }), { ServiceEndpoint: `${url}/`, ...attributes });
}
