import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type { StoreStop } from "./points.js";

/**
 * A folder store writes a file aside, links it to its name and removes the one aside; the first file of a key is moved to its
 * name with its folder. From here on one of these goes half-way, or not at all, by taking the place of what Node does.
 */
export function stopWithin(at: StoreStop["at"], stand: () => Promise<never>): void {
  const { open, rename } = fs;
  if (at === "unlinked") Object.assign(fs, { link: stand, rename: stand });
  if (at === "linked") Object.assign(fs, { unlink: stand, rename: (from: string, to: string) => rename(from, to).then(stand) });
  if (at === "half") {
    Object.assign(fs, {
      async open(...args: Parameters<typeof open>) {
        const file = await open(...args);
        const write = file.writeFile.bind(file);
        return Object.assign(file, { writeFile: (text: string) => write(text.slice(0, text.length / 2)).then(stand) });
      },
    });
  }
  syncBuiltinESMExports();
}
