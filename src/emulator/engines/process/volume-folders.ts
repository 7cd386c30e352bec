import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MountError, type EngineVolume } from "../../engine.js";

/** Makes the folder that a volume is, and answers where it is. */
export async function makeVolume(volume: EngineVolume, folder: string): Promise<string> {
  if (volume.kind === "folder") return volume.path;
  if (volume.kind === "gitRepo") throw new MountError(`Failed to mount gitRepo Volume '${volume.name}': the process engine refuses them, as a clone would run on this machine. The docker engine clones in a container.`, false);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = volume.kind === "secret" ? Object.entries(volume.files) : [];
  for (const [name, data] of files) {
    // There already, where the group was found again.
    await rm(join(folder, name), { force: true });
    await writeFile(join(folder, name), data, { mode: 0o400, flag: "wx" });
  }
  return folder;
}
