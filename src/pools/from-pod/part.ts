import type { JsonObject, JsonValue } from "../../json.js";
import { reasonFor } from "./reasons.js";
import type { Report } from "./report.js";

// An object of a manifest. It remembers which fields were read: whatever nobody reads cannot be carried over, and is told.
export class Part {
  readonly #read = new Set<string>();
  #isChoice = false;

  constructor(
    readonly fields: JsonObject,
    readonly path: string,
    readonly report: Report,
  ) {
    report.atEnd(() => {
      this.#tellUnread();
    });
  }

  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  // Any value; null is none.
  value(name: string): JsonValue | undefined {
    this.#read.add(name);
    return own(this.fields, name) ?? undefined;
  }

  text(name: string): string | undefined {
    return this.#of(name, "a string, in quotes if it looks like something else", (value): value is string => typeof value === "string");
  }

  // A string of a few; any other is wrong.
  oneOf<W extends string>(name: string, words: readonly W[]): W | undefined {
    return this.#of(name, `one of ${words.join(", ")}`, (value): value is W => words.some((word) => word === value));
  }

  // Anything but these is lost.
  only(name: string, values: readonly JsonValue[], reason: string): void {
    const value = this.value(name);
    if (value !== undefined && !values.includes(value)) this.report.lost(this.at(name), reason);
  }

  // A string that must be there.
  needed(name: string): string {
    const text = this.text(name);
    if (text !== undefined && text !== "") return text;
    this.report.wrong(this.at(name), "is missing");
    return "";
  }

  number(name: string): number | undefined {
    return this.#of(name, "a number", (value): value is number => typeof value === "number");
  }

  flag(name: string): boolean {
    return this.#of(name, "true or false", (value): value is boolean => typeof value === "boolean") ?? false;
  }

  words(name: string): readonly string[] | undefined {
    return this.#of(name, "a list of strings, in quotes if they look like something else", (value): value is readonly string[] => Array.isArray(value) && value.every((word) => typeof word === "string"));
  }

  texts(name: string): Readonly<Record<string, string>> {
    return this.#of(name, "an object of strings, in quotes if they look like something else", (value): value is Readonly<Record<string, string>> => isObject(value) && Object.values(value).every((text) => typeof text === "string")) ?? {};
  }

  part(name: string): Part | undefined {
    const value = this.#of(name, "an object", isObject);
    return value && new Part(value, this.at(name), this.report);
  }

  parts(name: string): readonly Part[] {
    const list = this.#of(name, "a list of objects", (value): value is readonly JsonObject[] => Array.isArray(value) && value.every(isObject)) ?? [];
    return list.map((value, index) => new Part(value, `${this.at(name)}[${index}]`, this.report));
  }

  // Of a choice even an empty field says something: which kind of volume or probe it is.
  choice(): this {
    this.#isChoice = true;
    return this;
  }

  // Fields that mean nothing outside of a cluster; all of them without names.
  skip(...names: readonly string[]): void {
    for (const name of names.length > 0 ? names : Object.keys(this.fields)) this.#read.add(name);
  }

  #of<T extends JsonValue>(name: string, what: string, is: (value: JsonValue) => value is T): T | undefined {
    const value = this.value(name);
    if (value === undefined || is(value)) return value;
    this.report.wrong(this.at(name), `is not ${what}`);
    return undefined;
  }

  #tellUnread(): void {
    for (const [name, value] of Object.entries(this.fields)) {
      const saysNothing = this.#isChoice ? value === null : isBlank(value);
      if (!this.#read.has(name) && !saysNothing) this.report.lost(this.at(name), reasonFor(name));
    }
  }
}

// A field of an object's own, none that it has by birth.
export function own<T>(fields: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

// Without what is undefined.
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== undefined)) as T;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// What says no more than that there is nothing.
function isBlank(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

// The first word that a list has had before.
export function firstTwice(words: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const word of words) {
    if (seen.has(word)) return word;
    seen.add(word);
  }
  return undefined;
}

// The objects of a list.
export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
