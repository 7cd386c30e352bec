// What is shorter than this would be found everywhere.
const SHORTEST_SECRET = 4;
const STAND_IN = "[secret]";

// A text without the given secrets, however they are written in it: as they are, in JSON, in a URL or in base64.
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf);
  // The longest first: one secret may be part of another.
  forms.sort((a, b) => b.length - a.length);
  return forms.reduce((rest, form) => rest.replaceAll(form, STAND_IN), text);
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64");
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64, base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/u, "")])];
}

// All values under `secureValue` in a value, however deep.
export function secretsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => (key === "secureValue" && typeof child === "string" ? [child] : secretsIn(child)));
}
