import { inspect } from "node:util";

// Checks of what a caller gives us. Every message names the field, the rule and the value; a secret is never passed here, and of
// what may hold one the message names the type alone.

// Throws a TypeError or RangeError in the house form.
export function fail(field: string, rule: string, value: unknown, type: "type" | "range" = "range"): never {
  const shown = typeof value === "string" ? `"${value}"` : inspect(value, { breakLength: Infinity });
  const message = `Expected \`${field}\` to be ${rule}, got \`${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}\` (${typeOf(value)}).`;
  throw type === "type" ? new TypeError(message) : new RangeError(message);
}

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

// Something to be iterated, at once or as it comes. A text could be, and is never meant to be.
export function expectIterable(field: string, value: unknown, rule = "an array, or something else that can be iterated"): void {
  const { [Symbol.iterator]: atOnce, [Symbol.asyncIterator]: asItComes } = (value ?? {}) as Partial<Iterable<unknown> & AsyncIterable<unknown>>;
  if (typeof value === "string" || (typeof atOnce !== "function" && typeof asItComes !== "function")) failUnseen(field, rule, value);
}

// A plain object with no other keys than these; undefined is left to the default.
export function expectKeys(field: string, value: unknown, keys: readonly string[]): void {
  if (value === undefined) return;
  expectObject(field, value);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  throw new TypeError(`Expected \`${field}\` to have only known fields, got \`${unknown}\`. Known are ${keys.join(", ")}.`);
}

// The same, where one has to be given.
export function expectFields(field: string, value: unknown, keys: readonly string[]): asserts value is object {
  expectObject(field, value);
  expectKeys(field, value, keys);
}

// An object. A text or a list in its place may be one that has secrets in it.
export function expectObject(field: string, value: unknown, rule = "an object"): asserts value is object {
  if (typeof value === "string" || Array.isArray(value) || typeof value === "function") failUnseen(field, rule, value);
  if (typeof value !== "object" || value === null) fail(field, rule, value, "type");
}

// An array; undefined is left to the default. What is in it, or stands in its place, may hold secrets.
export function expectList(field: string, value: unknown): void {
  if (value !== undefined && !Array.isArray(value)) failUnseen(field, "an array", value);
}

// True or false; undefined is left to the default.
export function expectBoolean(field: string, value: unknown): void {
  if (value !== undefined && typeof value !== "boolean") fail(field, "a boolean", value, "type");
}

// Something with these methods: a port that the caller implements.
export function expectMethods(field: string, value: unknown, methods: readonly string[], rule: string): void {
  if (value === undefined) return;
  const given = value as Readonly<Record<string, unknown>> | null;
  if (!methods.every((method) => typeof given?.[method] === "function")) failUnseen(field, rule, value);
}

// A function.
export function expectFunction(field: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") failUnseen(field, "a function", value);
}

const SIGNAL_RULE = "an AbortSignal, such as the `signal` of an AbortController";

// A signal that stops something.
export function expectSignal(field: string, value: unknown): void {
  expectMethods(field, value, ["addEventListener", "removeEventListener", "throwIfAborted"], SIGNAL_RULE);
}

// The same, where one has to be given.
export function expectGivenSignal(field: string, value: unknown): void {
  if (value === undefined) failUnseen(field, SIGNAL_RULE, value);
  expectSignal(field, value);
}

export const A_STORE = "a JobStore, such as `folderStore()` makes";

// Where results are kept.
export function expectStore(field: string, value: unknown): void {
  expectMethods(field, value, ["read", "write", "delete"], A_STORE);
}

// Throws a TypeError that shows nothing of the value but its type.
export function failUnseen(field: string, rule: string, value: unknown): never {
  throw new TypeError(`Expected \`${field}\` to be ${rule}, got ${typeOf(value)}.`);
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

// A whole number of at least `least`; undefined is left to the default.
export function expectWhole(field: string, value: unknown, least: number): void {
  if (value === undefined) return;
  const rule = `a whole number of at least ${least}`;
  if (typeof value !== "number") fail(field, rule, value, "type");
  if (!Number.isInteger(value) || value < least) fail(field, rule, value);
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
