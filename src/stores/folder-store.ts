import { createHash } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { randomHex } from "../internal/random.js";
import type { JsonValue } from "../json.js";
import type { JobStore } from "../store.js";

// Each write makes a file of its own, `<hash of key>.<version>.json`, so that a torn one can never replace a whole one:
// it is written aside, synced, and linked to its name, which fails where another process has been quicker.
// A file has the sum of its text before it: one that a failing disk has cut short or changed is not taken for whole, and the
// one before it counts.
const FILE = /^([0-9a-f]{32})\.(\d{12})\.json$/u;

/**
 * A store in a folder, for processes of one machine that share it. A write is on the disk when its promise resolves, and
 * whole or not there after a crash. Values are readable by this user only.
 *
 * @param folder - Made if it is not there.
 *
 * @example
 * ```ts
 * await runContainerJob(client, { key: "nightly", image: "reports:4" }, { store: folderStore("./jobs") });
 * ```
 * @public
 */
export function folderStore(folder: string): JobStore {
  return {
    async read(key) {
      const versions = await versionsOf(folder, key);
      for (const version of versions) {
        const text = unpack(await readFile(join(folder, fileName(key, version)), "utf8"));
        // What is written next comes after the latest, whole or not.
        if (text !== undefined) return { value: JSON.parse(text) as JsonValue, version: String(versions[0]) };
      }
      if (versions.length > 0) throw new Error(`No file of "${key}" in ${folder} is whole: ${versions.map((version) => fileName(key, version)).join(", ")}`);
      return undefined;
    },
    async write(key, value, ifVersion) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const versions = await versionsOf(folder, key);
      if (ifVersion !== (versions[0] === undefined ? "absent" : String(versions[0]))) return undefined;
      const version = (versions[0] ?? 0) + 1;
      if (!(await place(folder, fileName(key, version), pack(JSON.stringify(value))))) return undefined;
      // The one before is kept for readers that have just listed it.
      for (const old of versions.slice(1)) await rm(join(folder, fileName(key, old)), { force: true });
      return String(version);
    },
    async delete(key) {
      for (const version of await versionsOf(folder, key)) await rm(join(folder, fileName(key, version)), { force: true });
    },
  };
}

function pack(text: string): string {
  return `${sumOf(text)}\n${text}`;
}

function unpack(packed: string): string | undefined {
  const end = packed.indexOf("\n");
  const text = packed.slice(end + 1);
  return packed.slice(0, Math.max(0, end)) === sumOf(text) ? text : undefined;
}

function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

// The versions of a key, latest first.
async function versionsOf(folder: string, key: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  const matches = names.map((name) => FILE.exec(name)).filter((match) => match?.[1] === hashOf(key));
  return matches.map((match) => Number(match?.[2])).sort((a, b) => b - a);
}

// Puts a whole file in its place; false if the place is taken.
async function place(folder: string, name: string, text: string): Promise<boolean> {
  const aside = join(folder, `${randomHex(8)}.tmp`);
  const file = await open(aside, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(aside, join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(aside);
  }
  await syncFolder(folder);
  return true;
}

// Makes the new name durable, where the system can.
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function fileName(key: string, version: number): string {
  return `${hashOf(key)}.${String(version).padStart(12, "0")}.json`;
}

function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
