import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type { StoreStop } from "./points.js";

/**
 * A folder store writes a file aside, links it to its name and removes the one aside. From here on one of the three goes half-way,
 * or not at all, by taking the place of what Node does.
 */
export function stopWithin(at: StoreStop["at"], stand: () => Promise<never>): void {
  const { open } = fs;
  if (at === "unlinked") Object.assign(fs, { link: stand });
  if (at === "linked") Object.assign(fs, { unlink: stand });
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
