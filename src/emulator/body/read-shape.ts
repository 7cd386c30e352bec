import { refusals } from "../arm-error.js";
import type { Shape } from "./body-shape.js";

/** Reads what a client sent by its shape: names and words in the service's case, numbers as numbers, nothing unknown. */
export function readShape(shape: Shape, value: unknown, path: string): unknown {
  if (typeof shape === "string") return readScalar(shape, value, path);
  if ("oneOf" in shape) return readWord(shape.oneOf, value, path);
  if ("listOf" in shape) return readList(shape.listOf, value, path);
  return readObject(shape, value, path);
}

/** What of a read body may be told back: everything but its secrets. */
export function withoutSecrets(shape: Shape, value: unknown): unknown {
  if (shape === "secretMap") return {};
  if (typeof shape === "string" || "oneOf" in shape) return value;
  if ("listOf" in shape) return (value as readonly unknown[]).map((item) => withoutSecrets(shape.listOf, item));
  const fields = value as Readonly<Record<string, unknown>>;
  const told = Object.entries(fields).filter(([name]) => shape.object[name] !== "secret");
  return Object.fromEntries(told.map(([name, item]) => [name, withoutSecrets(shape.object[name] ?? "map", item)]));
}

function readScalar(kind: Exclude<Shape, object>, value: unknown, path: string): unknown {
  if (kind === "number" || kind === "whole") return readNumber(kind, value, path);
  if (kind === "flag") return readFlag(value, path);
  if (kind === "texts") return readTexts(value, path);
  if (kind === "map" || kind === "secretMap") return isRecord(value) ? value : refuse(path, "an object");
  return kind === "secret" ? value : readText(value, path);
}

function readTexts(value: unknown, path: string): Record<string, string> {
  if (!isRecord(value)) return refuse(path, "an object");
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, readText(text, `${path}.${name}`)]));
}

function readText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : refuse(path, "a string");
}

function readNumber(kind: "number" | "whole", value: unknown, path: string): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return refuse(path, "a number");
  return kind === "number" || Number.isInteger(number) ? number : refuse(path, "a whole number");
}

function readFlag(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  return word === "true" || (word === "false" ? false : refuse(path, "a boolean"));
}

function readWord(words: readonly string[], value: unknown, path: string): string {
  const squeeze = (text: string): string => text.toLowerCase().replaceAll(" ", "");
  const known = typeof value === "string" ? words.find((word) => squeeze(word) === squeeze(value)) : undefined;
  return known ?? refuse(path, `one of ${words.join(", ")}`);
}

function readList(shape: Shape, value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) return refuse(path, "an array");
  return value.map((item, index) => readShape(shape, item, `${path}[${index}]`));
}

function readObject({ object: fields, required }: Extract<Shape, { readonly required: unknown }>, value: unknown, path: string): Record<string, unknown> {
  if (!isRecord(value)) return refuse(path, "an object");
  const given = new Map(Object.entries(value).map(([name, item]) => [name.toLowerCase(), item]));
  const missing = required.find((name) => (given.get(name.toLowerCase()) ?? undefined) === undefined);
  if (missing !== undefined) throw refusals.invalidContent(`Required property '${missing}' not found in JSON. Path '${path}'.`);
  const read: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(fields)) {
    const item = given.get(name.toLowerCase());
    if (item === undefined || item === null) {
      if (shape === "name") read[name] = "";
    } else read[name] = readShape(shape, item, path === "" ? name : `${path}.${name}`);
  }
  return read;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(path: string, expected: string): never {
  throw refusals.invalidContent(`Expected ${path === "" ? "the body" : path} to be ${expected}`);
}
