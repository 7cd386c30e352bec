import { createHash } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { randomHex } from "../internal/random.js";
import type { JsonValue } from "../json.js";
import type { JobStore, StoredValue } from "../store.js";

// Each key has a folder of its own, named by its hash, so that the work of a write does not grow with the number of keys. Each
// write makes a file of its own there, named by its version, so that a torn one can never replace a whole one: it is written
// aside, synced, and linked to its name, which fails where another process has been quicker.
// A file has the sum of its text before it: one that a failing disk has cut short or changed is not taken for whole, and the
// one before it counts. The text is the key and the value, a line each; in files of earlier versions it is the value alone, so
// that they are read by their key and found in no list.
const FILE = /^(\d{12})\.json$/u;
const PLACE = /^[0-9a-f]{32}$/u;
const ASIDE = "aside";
// What lies aside for so long was left by a process that died while it wrote.
const DEAD_AFTER_IN_MS = 600_000;
const LINK_TRIES = 10;

/**
 * A store in a folder, for processes of one machine that share it. A write is on the disk when its promise resolves, and
 * whole or not there after a crash. Values are readable by this user only.
 *
 * @param folder - Made if it is not there.
 * @throws TypeError if `folder` is no path.
 *
 * @example
 * ```ts
 * await runContainerJob(client, { key: "nightly", image: "reports:4" }, { store: folderStore("./jobs") });
 * ```
 * @public
 */
export function folderStore(folder: string): JobStore {
  expectFolder(folder);
  let isTidy = false;
  // What keys the folders are of, as far as lists have seen. It never changes.
  const keys = new Map<string, string>();
  return {
    async read(key) {
      const found = await readWhole(join(folder, hashOf(key)));
      return found && { value: found.value, version: found.version };
    },
    async write(key, value, ifVersion) {
      if (!isTidy) await tidy(join(folder, ASIDE));
      isTidy = true;
      const place = join(folder, hashOf(key));
      const versions = await versionsOf(place);
      if (ifVersion !== (versions[0] === undefined ? "absent" : String(versions[0]))) return undefined;
      const version = (versions[0] ?? 0) + 1;
      if (!(await put(folder, place, fileName(version), pack(key, JSON.stringify(value))))) return undefined;
      // The one before is kept for readers that have just listed it.
      for (const old of versions.slice(1)) await rm(join(place, fileName(old)), { force: true });
      return String(version);
    },
    async delete(key) {
      const place = join(folder, hashOf(key));
      for (const version of await versionsOf(place)) await rm(join(place, fileName(version)), { force: true });
      // Another process may have written meanwhile.
      await rmdir(place).catch(unlessCode("ENOENT", "ENOTEMPTY", "EEXIST"));
    },
    async *list(prefix) {
      for (const name of (await readdir(folder).catch(unlessCode("ENOENT"))) ?? []) {
        if (!PLACE.test(name) || keys.get(name)?.startsWith(prefix) === false) continue;
        const found = await readWhole(join(folder, name));
        if (found?.key === undefined) continue;
        keys.set(name, found.key);
        if (found.key.startsWith(prefix)) yield { key: found.key, value: found.value, version: found.version };
      }
    },
  };
}

function expectFolder(folder: unknown): void {
  if (typeof folder !== "string" || folder === "") throw new TypeError(`Expected \`folder\` to be a non-empty string, got ${folder === "" ? '`""` (string)' : typeof folder}.`);
}

// What is in a folder: the value of its latest file that is whole, under the version of the latest.
async function readWhole(place: string): Promise<(StoredValue & { readonly key: string | undefined }) | undefined> {
  const versions = await versionsOf(place);
  for (const version of versions) {
    const packed = await readFile(join(place, fileName(version)), "utf8").catch(unlessCode("ENOENT"));
    // Others have written twice since the list, or deleted it.
    if (packed === undefined) return readWhole(place);
    const whole = unpack(packed);
    // What is written next comes after the latest, whole or not.
    if (whole !== undefined) return { ...whole, version: String(versions[0]) };
  }
  if (versions.length > 0) throw new Error(`No file in ${place} is whole: ${versions.map(fileName).join(", ")}`);
  return undefined;
}

function pack(key: string, value: string): string {
  const text = `${JSON.stringify(key)}\n${value}`;
  return `${sumOf(text)}\n${text}`;
}

function unpack(packed: string): { readonly key: string | undefined; readonly value: JsonValue } | undefined {
  const [sum = "", ...lines] = packed.split("\n");
  if (sum !== sumOf(lines.join("\n"))) return undefined;
  const value = JSON.parse(lines.at(-1) ?? "") as JsonValue;
  return { key: lines.length === 1 ? undefined : (JSON.parse(lines[0] ?? "") as string), value };
}

function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

// The versions of a key, latest first.
async function versionsOf(place: string): Promise<number[]> {
  const names = (await readdir(place).catch(unlessCode("ENOENT"))) ?? [];
  return names.flatMap((name) => FILE.exec(name)?.[1] ?? []).map(Number).sort((a, b) => b - a);
}

// Puts a whole file in its place; false if the place is taken.
async function put(folder: string, place: string, name: string, text: string): Promise<boolean> {
  await mkdir(join(folder, ASIDE), { recursive: true, mode: 0o700 });
  const aside = join(folder, ASIDE, randomHex(8));
  try {
    await writeAside(aside, text);
    if (!(await linkInto(place, aside, name))) return false;
  } finally {
    await unlink(aside).catch(unlessCode("ENOENT"));
  }
  // Who deletes it now deletes what was written.
  await syncFolder(place).catch(unlessCode("ENOENT"));
  if (name === fileName(1)) await syncFolder(folder);
  return true;
}

async function writeAside(aside: string, text: string): Promise<void> {
  const file = await open(aside, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

// Gives a file its name; false if the name is taken. The folder may be deleted by another process in between.
async function linkInto(place: string, aside: string, name: string): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await mkdir(place, { recursive: true, mode: 0o700 });
      await link(aside, join(place, name));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return false;
      if (code !== "ENOENT" || tries === LINK_TRIES) throw error;
    }
  }
}

// Removes what dead writes have left. It is in nobody's way, so that a failure is no matter.
async function tidy(aside: string): Promise<void> {
  const names = await readdir(aside).catch(() => []);
  for (const path of names.map((name) => join(aside, name))) {
    const { mtimeMs = Infinity } = (await stat(path).catch(() => undefined)) ?? {};
    if (Date.now() - mtimeMs > DEAD_AFTER_IN_MS) await rm(path, { force: true }).catch(() => undefined);
  }
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

// Takes an error of these codes for nothing.
function unlessCode(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (codes.includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  };
}

function fileName(version: number): string {
  return `${String(version).padStart(12, "0")}.json`;
}

function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
