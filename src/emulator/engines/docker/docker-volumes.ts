import { MountError, type EngineVolume } from "../../engine.js";
import type { DockerClient } from "./api/docker-client.js";
import { INFRA_IMAGE } from "./api/infra-image.js";
import { tar } from "./api/tar.js";
import { cloneInto, type GitSettings } from "./git-clone.js";
import type { Mount } from "./host-config.js";

// Where a volume's content is written to before anybody mounts it.
const SEED = "seed";

interface Content {
  readonly mode: number;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

// How containers mount a volume that was made, but for the place.
export function mountOf(volume: EngineVolume, name: string): Omit<Mount, "Target"> {
  if (volume.kind === "folder") return { Type: "bind", Source: volume.path, ReadOnly: volume.isReadOnly };
  // Without NoCopy an empty volume is filled from the image, which ACI does not do.
  return { Type: "volume", Source: name, ReadOnly: volume.kind === "secret", VolumeOptions: { NoCopy: true } };
}

// Makes a volume of a group and answers how containers mount it, but for the place.
export async function makeVolume(client: DockerClient, volume: EngineVolume, name: string, labels: Readonly<Record<string, string>>, git: GitSettings | undefined): Promise<Omit<Mount, "Target">> {
  switch (volume.kind) {
    case "folder":
      break;
    case "gitRepo":
      if (git === undefined) throw new MountError(`Failed to mount gitRepo Volume '${volume.name}': they are off. Start the emulator with \`gitImage\` (--git-image), an image that has git, to have repositories cloned in a container of it.`, false);
      // What another emulator has begun to clone is cloned again.
      await client.call("DELETE", `/volumes/${name}`, { query: { force: 1 } });
      await seed(client, name, labels, { mode: 0o777, files: {} });
      await cloneInto(client, volume, name, labels, git);
      break;
    case "emptyDir":
      // Anybody may write to it, as on ACI, whatever user the image has.
      await seed(client, name, labels, { mode: 0o777, files: {} });
      break;
    case "secret":
      await seed(client, name, labels, { mode: 0o755, files: volume.files });
      break;
  }
  return mountOf(volume, name);
}

// Makes a named volume, or finds it, and fills it through a container which never runs.
async function seed(client: DockerClient, name: string, labels: Readonly<Record<string, string>>, { mode, files }: Content): Promise<void> {
  await client.call("POST", "/volumes/create", { body: { Name: name, Labels: labels } });
  const mount: Mount = { Type: "volume", Source: name, Target: `/${SEED}`, ReadOnly: false };
  const { Id } = await client.call<{ Id: string }>("POST", "/containers/create", { body: { Image: INFRA_IMAGE, Labels: labels, HostConfig: { NetworkMode: "none", Mounts: [mount] } } });
  const entries = Object.entries(files).map(([file, data]) => ({ name: file, mode: 0o444, data }));
  try {
    // Docker sets the mode of the volume itself from outside of it only, Podman from inside of it only.
    await client.call("PUT", `/containers/${Id}/archive`, { query: { path: "/" }, body: tar([{ name: SEED, mode }]) });
    await client.call("PUT", `/containers/${Id}/archive`, { query: { path: `/${SEED}` }, body: tar([{ name: "./", mode }, ...entries]) });
  } finally {
    await client.call("DELETE", `/containers/${Id}`, { query: { force: 1 } });
  }
}
