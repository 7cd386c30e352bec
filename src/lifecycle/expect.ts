// Checks of what a caller gives us. Every message names the field, the rule and the value; a secret is never passed here.

// Throws a TypeError or RangeError in the house form.
export function fail(field: string, rule: string, value: unknown, type: "type" | "range" = "range"): never {
  const shown = typeof value === "string" ? `"${value}"` : (JSON.stringify(value) as string | undefined) ?? String(value);
  const message = `Expected \`${field}\` to be ${rule}, got \`${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}\` (${typeOf(value)}).`;
  throw type === "type" ? new TypeError(message) : new RangeError(message);
}

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

// A plain object with no other keys than these.
export function expectKeys(field: string, value: unknown, keys: readonly string[]): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(field, "an object", value, "type");
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  throw new TypeError(`Expected \`${field}\` to have only known fields, got \`${unknown}\`. Known are ${keys.join(", ")}.`);
}

// A string with something in it.
export function expectText(field: string, value: unknown): asserts value is string {
  if (typeof value !== "string" || value === "") fail(field, "a non-empty string", value, "type");
}

// A number above 0, or at least `least`; undefined is left to the default.
export function expectPositive(field: string, value: unknown, least?: number): void {
  if (value === undefined) return;
  const rule = least === undefined ? "a number greater than 0" : `a number of at least ${least}`;
  if (typeof value !== "number") fail(field, rule, value, "type");
  if (!(least === undefined ? value > 0 : value >= least) || !Number.isFinite(value)) fail(field, rule, value);
}

// A string of a form.
export function expectForm(field: string, value: unknown, form: RegExp, rule: string): void {
  if (typeof value !== "string") fail(field, rule, value, "type");
  if (!form.test(value)) fail(field, rule, value);
}

// An array of strings; undefined is left to the default.
export function expectWords(field: string, value: unknown): void {
  if (value === undefined) return;
  if (!Array.isArray(value) || !value.every((word) => typeof word === "string")) fail(field, "an array of strings", value, "type");
}

// An absolute URL.
export function expectUrl(field: string, value: unknown): void {
  expectText(field, value);
  if (!URL.canParse(value)) fail(field, "an absolute URL", value, "type");
}

const NAME = /^[a-z0-9](?:-?[a-z0-9])*$/u;

// A name as ACI takes it for groups and containers.
export function expectName(field: string, value: unknown): void {
  const rule = "1 to 63 lower-case letters, digits and single hyphens, not first or last";
  expectForm(field, value, NAME, rule);
  if (String(value).length > 63) fail(field, rule, value);
}
