import type { JsonValue } from "aci-lifecycle";

/** All values of a store are in one partition, so that a list is one range of rows. No group has such a name. */
export const STORE_PARTITION = "aci-lifecycle.store";

// A property takes 32,768 UTF-16 units, and an entity 1 MiB with everything in it.
const PIECE = 32_000;
const LONGEST_TEXT = 500_000;
const LONGEST_ROW_KEY = 512;

// The key of a row for a key of a store, unit by unit, so that what begins alike still does, without the characters that the
// service forbids.
export function rowKeyOf(key: string): string {
  const rowKey = key.replace(/[^A-Za-z0-9._-]/gu, escaped);
  if (rowKey.length > LONGEST_ROW_KEY) throw new RangeError(`Expected the key of a value to be at most ${LONGEST_ROW_KEY} characters in a table, where each but letters, digits, \`.\`, \`_\` and \`-\` counts five, got ${rowKey.length}: "${key.slice(0, 80)}…".`);
  return rowKey;
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => `~${character.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
}

export function keyOf(rowKey: string): string {
  return rowKey.replace(/~([0-9a-f]{4})/gu, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// The first key after all those that begin so. None ends in the highest of its characters.
export function endOf(rowKey: string): string {
  return rowKey.slice(0, -1) + String.fromCharCode(rowKey.charCodeAt(rowKey.length - 1) + 1);
}

// A value as the properties of an entity, as many as it needs. What is not ASCII is escaped, so that no character is cut in two,
// here or by whatever reads the request in pieces.
export function propertiesOf(key: string, value: JsonValue): Record<string, string> {
  const text = JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (text.length > LONGEST_TEXT) throw new RangeError(`Expected the value under "${key}" to be at most ${LONGEST_TEXT} characters of JSON, as a row of a table takes 1 MiB, got ${text.length}.`);
  return Object.fromEntries(Array.from({ length: Math.ceil(text.length / PIECE) }, (_, i) => [`value${i}`, text.slice(i * PIECE, (i + 1) * PIECE)]));
}

export function valueOf(entity: Readonly<Record<string, unknown>>): JsonValue {
  let text = "";
  for (let i = 0; typeof entity[`value${i}`] === "string"; i++) text += String(entity[`value${i}`]);
  return JSON.parse(text) as JsonValue;
}
