import { readFileSync } from "node:fs";

/** Twelve secrets, by the place each is put in. No other test and no code has them. */
export const CANARIES: Readonly<Record<Place, string>> = JSON.parse(readFileSync(new URL("canaries.json", import.meta.url), "utf8")) as Record<Place, string>;

export type Place =
  | "registry password"
  | "secure variable"
  | "storage account key"
  | "shared access signature"
  | "client secret of a sidecar"
  | "bearer token"
  | "resolved secret"
  | "certificate in a secret volume"
  | "connection string of an init container"
  | "workspace key"
  | "file store key"
  | "resolved registry password";

/** Something that came out of the library or the emulator, and where. */
export interface Seen {
  readonly where: string;
  readonly text: string;
}

// Base64 of a text in which the secret stands somewhere: there are three ways for its bytes to fall into groups of three. What
// the neighbours share in is left out.
function base64Cores(secret: string): string[] {
  return [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
    return bytes.toString("base64").slice(Math.ceil((shift * 4) / 3), Math.floor((bytes.length * 4) / 3));
  });
}

/** A secret in every form it may leave in. */
export function formsOf(secret: string): Readonly<Record<string, string>> {
  const half = Math.floor(secret.length / 2);
  const [first, second] = [secret.slice(0, half), secret.slice(half)];
  const url = encodeURIComponent(secret);
  const cores = base64Cores(secret);
  return {
    raw: secret,
    "JSON-escaped": JSON.stringify(secret).slice(1, -1),
    "twice JSON-escaped": JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
    "escaped as .NET does": JSON.stringify(secret).slice(1, -1).replaceAll(/[^ -~]|[&'<>+`]|\\"/gu, (sign) => `\\u${(sign.codePointAt(sign.length - 1) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`),
    "escaped for HTML": secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    "URL-encoded": url,
    "URL-encoded in lower case": url.replaceAll(/%[0-9A-F]{2}/gu, (code) => code.toLowerCase()),
    ...Object.fromEntries(cores.flatMap((core, shift) => [[`base64, ${shift} bytes in`, core], [`base64url, ${shift} bytes in`, core.replaceAll("+", "-").replaceAll("/", "_")]])),
    reversed: Array.from(secret).reverse().join(""),
    "halves in reversed order": second + first,
    "its first half": first.slice(0, 16),
    "its second half": second.slice(-16),
  };
}

type Forms = readonly { readonly place: string; readonly forms: readonly (readonly [string, string])[] }[];

const written = (secrets: Readonly<Record<string, string>>): Forms => Object.entries(secrets).map(([place, secret]) => ({ place, forms: Object.entries(formsOf(secret)) }));

const FORMS = written(CANARIES);

/** Every secret that can be read in what came out, those of one run besides: its place, its form, and where. */
export function hitsIn(seen: readonly Seen[], besides: Readonly<Record<string, string>> = {}): string[] {
  const hits = new Set<string>();
  const all = [...FORMS, ...written(besides)];
  for (const { where, text } of seen) {
    for (const { place, forms } of all) {
      const [form] = forms.find(([, written]) => text.includes(written)) ?? [];
      if (form !== undefined) hits.add(`${place} (${form}) in ${where}`);
    }
  }
  return [...hits];
}
