import { link, mkdir, open, readdir, readFile, rename, rm, rmdir, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { randomFraction } from "../internal/random.js";
import type { StoredValue } from "../store.js";
import { syncFolder, unlessCode, unpack, writeSynced } from "./whole-file.js";

const FILE = /^(\d{12,16})\.json$/u;
const TRIES = 10;
// When a file was written over, by the time that it then shows.
const WRITTEN_OVER = new Date(0);

/** What a write needs to know: the folder of the key, the name that it may use aside, and what it writes. */
export interface Write {
  readonly place: string;
  readonly aside: string;
  readonly text: string;
}

// What is in a folder: the value of its latest file that is whole, under the version of the latest.
export async function readWhole(place: string): Promise<(StoredValue & { readonly key: string | undefined }) | undefined> {
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

// Writes where nothing is, and answers the version; undefined where something is. The folder comes with the file in it, so that
// of two who do it at once the second finds it taken, whatever the version of the first.
export async function create({ place, aside, text }: Write): Promise<string | undefined> {
  if ((await versionsOf(place)).length > 0) return undefined;
  const version = firstVersion();
  await mkdir(aside, { mode: 0o700 });
  try {
    await (await writeSynced(join(aside, fileName(version)), text)).close();
    if (!(await moveTo(place, aside))) return undefined;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  // Who deletes it now deletes what was written.
  await syncFolder(place).catch(unlessCode("ENOENT"));
  await syncFolder(join(place, ".."));
  return String(version);
}

// Writes over a version, and answers the next; undefined where that version is not the latest.
export async function replace(write: Write, ifVersion: string): Promise<string | undefined> {
  const { place } = write;
  const over = Number(ifVersion);
  // Opened before the look: what is the latest at the look was so then, and so it is this very file.
  const before = /^\d+$/u.test(ifVersion) ? await open(join(place, fileName(over)), "r+").catch(unlessCode("ENOENT")) : undefined;
  if (before === undefined) return undefined;
  try {
    const versions = await versionsOf(place);
    if (String(versions[0]) !== ifVersion || !(await putAfter(before, over, write))) return undefined;
    await syncFolder(place).catch(unlessCode("ENOENT"));
    // The one before is kept for readers that have just listed it.
    for (const old of versions.slice(1)) await rm(join(place, fileName(old)), { force: true });
    return String(over + 1);
  } finally {
    await before.close();
  }
}

// Puts a file after the one before it. It is linked to its name, which fails where another process has been quicker.
async function putAfter(before: FileHandle, over: number, { place, aside, text }: Write): Promise<boolean> {
  const file = await writeSynced(aside, text);
  const path = join(place, fileName(over + 1));
  try {
    await before.utimes(WRITTEN_OVER, WRITTEN_OVER);
    const isLinked = await link(aside, path).then(() => true, unlessCode("EEXIST", "ENOENT"));
    if (isLinked !== true) return false;
    const isIn = await isInOrder(file, over, place);
    if (!isIn) await unlink(path).catch(unlessCode("ENOENT"));
    return isIn;
  } finally {
    await file.close();
    await unlink(aside).catch(unlessCode("ENOENT"));
  }
}

// Whether a file came right after the one that it was to come after. Its name may have been free because others have written so
// often meanwhile that they have removed what had it. Then nobody reads it, as later ones are there, and nobody has written over
// it, which whoever does puts down in it before.
async function isInOrder(file: FileHandle, over: number, place: string): Promise<boolean> {
  const [latest, before] = await versionsOf(place);
  if (latest === over + 1 && before === over) return true;
  return (await file.stat()).mtimeMs === WRITTEN_OVER.getTime();
}

// Removes a key. Its folder goes as one, so that nobody sees an earlier value when the latest is gone already.
export async function remove(place: string, aside: string): Promise<void> {
  const isMoved = await rename(place, aside).then(() => true, unlessCode("ENOENT", "EPERM", "EACCES", "EBUSY"));
  // Windows moves no folder in which somebody reads a file.
  if (isMoved !== true) await removeOneByOne(place);
  await rm(aside, { recursive: true, force: true });
}

async function removeOneByOne(place: string): Promise<void> {
  for (const version of (await versionsOf(place)).reverse()) await rm(join(place, fileName(version)), { force: true });
  // Another process may have written meanwhile.
  await rmdir(place).catch(unlessCode("ENOENT", "ENOTEMPTY", "EEXIST"));
}

// Gives a folder its name; false if there is one with that name and a file in it.
async function moveTo(place: string, aside: string): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await rename(aside, place);
      return true;
    } catch (error) {
      if ((await versionsOf(place)).length > 0) return false;
      if (tries === TRIES) throw error;
      // Not every system puts a folder in the place of an empty one.
      await rmdir(place).catch(unlessCode("ENOENT", "ENOTEMPTY", "EEXIST"));
    }
  }
}

// The versions of a key, latest first.
async function versionsOf(place: string): Promise<number[]> {
  const names = (await readdir(place).catch(unlessCode("ENOENT"))) ?? [];
  return names.flatMap((name) => FILE.exec(name)?.[1] ?? []).map(Number).sort((a, b) => b - a);
}

let latestFirst = 0;

// The version that a key begins with: no key has one again that it had before it was deleted. It counts microseconds, of which
// every write takes more than one, and differs where several begin in one millisecond.
function firstVersion(): number {
  latestFirst = Math.max(latestFirst + 1000, Date.now() * 1000 + Math.floor(randomFraction() * 999));
  return latestFirst;
}

function fileName(version: number): string {
  return `${String(version).padStart(12, "0")}.json`;
}
