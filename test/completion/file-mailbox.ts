import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Mailbox, Signal } from "aci-lifecycle";

/** A mailbox of files, which outlives the processes that use it. `between` is called when a signal is written and has not got its name. */
export function fileMailbox(folder: string, between: () => unknown = () => undefined): Mailbox {
  const nameOf = (id: string): string => createHash("sha256").update(id).digest("hex");
  const signalsOf = async (groupName: string): Promise<readonly Signal[]> => {
    const names = (await readdir(join(folder, groupName)).catch(() => [])).filter((name) => !name.endsWith(".new"));
    return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, groupName, name), "utf8")) as Signal));
  };
  return {
    async put(signal) {
      const path = join(folder, signal.groupName, nameOf(signal.id));
      await mkdir(join(folder, signal.groupName), { recursive: true });
      await writeFile(`${path}.${process.pid}.new`, JSON.stringify(signal));
      await between();
      await rename(`${path}.${process.pid}.new`, path);
    },
    async receive(groupName, { waitInMs, abortSignal }) {
      for (const until = Date.now() + waitInMs; ; ) {
        const signals = await signalsOf(groupName);
        if (signals.length > 0 || Date.now() >= until) return signals;
        await setTimeout(20, undefined, { signal: abortSignal });
      }
    },
    async acknowledge(groupName, ids) {
      for (const id of ids) await rm(join(folder, groupName, nameOf(id)), { force: true });
    },
  };
}
