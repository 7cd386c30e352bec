// What is shorter than this would be found everywhere.
const SHORTEST_SECRET = 4;
// The same for a piece of base64.
const SHORTEST_PIECE = 8;
const STAND_IN = "[secret]";

// A text without the given secrets, however they are written in it.
export function redact(text: string, secrets: readonly string[]): string {
  return redactor(secrets)(text);
}

// What takes the given secrets out of texts: as they are, escaped for JSON (by .NET too, and twice) or HTML, in base64, and
// each of these in a URL.
export function redactor(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  return long.length === 0 ? asItIs : without(long);
}

function asItIs(text: string): string {
  return text;
}

function without(long: readonly string[]): (text: string) => string {
  let forms: readonly string[] | undefined;
  return (text) => {
    // Most texts come when nothing is wrong, and many never come. The longest first: one secret may be part of another.
    forms ??= [...new Set(long.flatMap(formsOf))].sort((a, b) => b.length - a.length);
    return forms.reduce((rest, form) => rest.replaceAll(form, STAND_IN), text);
  };
}

function formsOf(secret: string): string[] {
  const json = escapeJson(secret);
  const html = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
  const dotnet = escapeDotnet(json);
  const texts = [...new Set([secret, json, escapeJson(json), dotnet, escapeJson(dotnet), html])];
  const written = [...texts, ...texts.flatMap(inBase64)];
  return [...written, ...written.flatMap(inUrl)];
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

// The service is written in .NET, whose JSON has numbers for all that could mean something in a page.
function escapeDotnet(json: string): string {
  return json.replaceAll('\\"', "\\u0022").replaceAll(/[&'<>+`]|[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
}

// A text in base64, by itself and inside of something longer: there its first byte may be the first, second or third of a
// group of three. The signs that it shares with its neighbours stay.
function inBase64(text: string): string[] {
  const whole = Buffer.from(text).toString("base64");
  const pieces = [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
    return bytes.toString("base64").slice(Math.ceil((shift * 4) / 3), Math.floor((bytes.length * 4) / 3));
  });
  return [whole, ...pieces.filter(({ length }) => length >= SHORTEST_PIECE)].flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/u, "")]);
}

// Half a character cannot be written in a URL; in UTF-8 it becomes a mark of its own.
function inUrl(text: string): string[] {
  const url = encodeURIComponent(Buffer.from(text).toString());
  return [url, url.replaceAll(/%[0-9A-F]{2}/gu, (code) => code.toLowerCase())];
}

// Fields of Azure's own body that hold a secret. Elsewhere such a name may be anything, a variable's for instance.
const ARM_SECRETS: readonly string[] = ["secureValue", "password", "storageAccountKey", "workspaceKey"];

// Whether a field leads to properties in the form of Azure's own body.
export function isArm(key: string): boolean {
  return key === "arm" || key === "containerArm";
}

// Whether a field of Azure's own body is a secret, or files that are.
export function isArmSecret(key: string, value: unknown): boolean {
  return typeof value === "string" ? ARM_SECRETS.includes(key) : key === "secret" && typeof value === "object" && value !== null;
}

// All values under `secureValue` in a value, however deep, and what is secret in its raw properties.
export function secretsIn(value: unknown, isInArm = false): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    if (isInArm ? isArmSecret(key, child) : key === "secureValue" && typeof child === "string") return textsIn(child);
    return secretsIn(child, isInArm || isArm(key));
  });
}

// A secret, or those in the files of a secret volume.
function textsIn(value: unknown): string[] {
  return typeof value === "string" ? [value] : Object.values(value as object).filter((text) => typeof text === "string");
}
