import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomHex } from "../../internal/random.js";
import { isGone, ownMark } from "../engines/owner.js";

const PREFIX = "lock-";

/**
 * Takes a folder for this process, and answers how to give it back.
 *
 * Whoever wants it first says so by a file with its mark, and then looks for those of others. Of two that come at once at
 * least the later one sees the other, and gives way. The mark of a process that was killed counts for nothing.
 *
 * @throws Error if another emulator has it.
 */
export function lockFolder(folder: string): () => void {
  const own = `${PREFIX}${randomHex(8)}`;
  const path = join(folder, own);
  // Under another name at first, so that nobody reads half a mark.
  writeFileSync(join(folder, `.${own}`), ownMark(), { mode: 0o600, flag: "wx" });
  renameSync(join(folder, `.${own}`), path);
  for (const name of readdirSync(folder).filter((one) => one.startsWith(PREFIX) && one !== own)) {
    const other = join(folder, name);
    if (isFree(other)) {
      rmSync(other, { force: true });
      continue;
    }
    rmSync(path, { force: true });
    throw new Error(`Another emulator uses the state folder ${folder}. End it first; if you are sure that none does, remove ${other}.`);
  }
  return () => rmSync(path, { force: true });
}

function isFree(path: string): boolean {
  try {
    return isGone(readFileSync(path, "utf8"));
  } catch (error) {
    // Its owner has just given it back.
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
