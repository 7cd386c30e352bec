import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import type { JsonValue } from "../json.js";

// A file has the sum of its text before it: one that a failing disk has cut short or changed is not taken for whole, and the
// one before it counts. The text is the key and the value, a line each; in files of earlier versions it is the value alone, so
// that they are read by their key and found in no list.
export function pack(key: string, value: JsonValue): string {
  const text = `${JSON.stringify(key)}\n${JSON.stringify(value)}`;
  return `${sumOf(text)}\n${text}`;
}

export function unpack(packed: string): { readonly key: string | undefined; readonly value: JsonValue } | undefined {
  const [sum = "", ...lines] = packed.split("\n");
  if (sum !== sumOf(lines.join("\n"))) return undefined;
  const value = JSON.parse(lines.at(-1) ?? "") as JsonValue;
  return { key: lines.length === 1 ? undefined : (JSON.parse(lines[0] ?? "") as string), value };
}

function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

// Makes a file that is on the disk before anything else is done with it. Whoever calls closes it.
export async function writeSynced(path: string, text: string): Promise<FileHandle> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

// Makes the names in a folder durable, where the system can.
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// Takes an error of these codes for nothing.
export function unlessCode(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (codes.includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  };
}
