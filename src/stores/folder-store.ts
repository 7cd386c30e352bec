import { createHash } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { randomHex } from "../internal/random.js";
import type { JobStore } from "../store.js";
import { create, readWhole, remove, replace } from "./key-folder.js";
import { pack, unlessCode } from "./whole-file.js";

// Each key has a folder of its own, named by its hash, so that the work of a write does not grow with the number of keys. Each
// write makes a file of its own there, named by its version, so that a torn one can never replace a whole one: it is written
// aside, synced, and given its name, which fails where another process has been quicker.
const PLACE = /^[0-9a-f]{32}$/u;
const ASIDE = "aside";
// What lies aside for so long was left by a process that died while it wrote.
const DEAD_AFTER_IN_MS = 600_000;

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
  const placeOf = (key: string): string => join(folder, createHash("sha256").update(key).digest("hex").slice(0, 32));
  const nameAside = async (): Promise<string> => {
    await mkdir(join(folder, ASIDE), { recursive: true, mode: 0o700 });
    return join(folder, ASIDE, randomHex(8));
  };
  return {
    async read(key) {
      const found = await readWhole(placeOf(key));
      return found && { value: found.value, version: found.version };
    },
    async write(key, value, ifVersion) {
      if (!isTidy) await tidy(join(folder, ASIDE));
      isTidy = true;
      const write = { place: placeOf(key), aside: await nameAside(), text: pack(key, value) };
      return ifVersion === "absent" ? create(write) : replace(write, ifVersion);
    },
    async delete(key) {
      const place = placeOf(key);
      if ((await stat(place).catch(unlessCode("ENOENT"))) !== undefined) await remove(place, await nameAside());
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

// Removes what dead processes have left. It is in nobody's way, so that a failure is no matter.
async function tidy(aside: string): Promise<void> {
  const names = await readdir(aside).catch(() => []);
  for (const path of names.map((name) => join(aside, name))) {
    const { mtimeMs = Infinity } = (await stat(path).catch(() => undefined)) ?? {};
    if (Date.now() - mtimeMs > DEAD_AFTER_IN_MS) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
