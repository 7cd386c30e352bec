import { MountError, type EngineVolume } from "../../engine.js";
import type { DockerClient } from "./api/docker-client.js";
import { INFRA_IMAGE } from "./api/infra-image.js";
import { tar, type TarEntry } from "./api/tar.js";
import { cloneInto, type GitSettings } from "./git-clone.js";
import type { Mount } from "./host-config.js";

// Where a volume's content is written to before anybody mounts it.
const SEED = "seed";

// Makes a volume of a group and answers how containers mount it, but for the place.
export async function makeVolume(client: DockerClient, volume: EngineVolume, name: string, labels: Readonly<Record<string, string>>, git: GitSettings | undefined): Promise<Omit<Mount, "Target">> {
  // Anybody may write to it, as on ACI, whatever user the image has.
  const emptyAndThen = async (fill: (mount: Omit<Mount, "Target">) => Promise<void>): Promise<Omit<Mount, "Target">> => {
    const mount = await seeded(client, name, labels, [{ name: SEED, mode: 0o777 }], false);
    await fill(mount);
    return mount;
  };
  switch (volume.kind) {
    case "folder":
      return { Type: "bind", Source: volume.path, ReadOnly: volume.isReadOnly };
    case "gitRepo":
      if (git === undefined) throw new MountError(`Failed to mount gitRepo Volume '${volume.name}': they are off. Start the emulator with \`gitImage\` (--git-image), an image that has git, to have repositories cloned in a container of it.`, false);
      return emptyAndThen((mount) => cloneInto(client, volume, mount.Source, labels, git));
    case "emptyDir":
      return emptyAndThen(async () => undefined);
    case "secret":
      return seeded(client, name, labels, [{ name: SEED, mode: 0o755 }, ...Object.entries(volume.files).map(([file, data]) => ({ name: `${SEED}/${file}`, mode: 0o444, data }))], true);
  }
}

// A named volume that is filled through a container which never runs.
async function seeded(client: DockerClient, name: string, labels: Readonly<Record<string, string>>, entries: readonly TarEntry[], isReadOnly: boolean): Promise<Omit<Mount, "Target">> {
  await client.call("POST", "/volumes/create", { body: { Name: name, Labels: labels } });
  const mount: Mount = { Type: "volume", Source: name, Target: `/${SEED}`, ReadOnly: false };
  const { Id } = await client.call<{ Id: string }>("POST", "/containers/create", { body: { Image: INFRA_IMAGE, Labels: labels, HostConfig: { NetworkMode: "none", Mounts: [mount] } } });
  try {
    await client.call("PUT", `/containers/${Id}/archive`, { query: { path: "/" }, body: tar(entries) });
  } finally {
    await client.call("DELETE", `/containers/${Id}`, { query: { force: 1 } });
  }
  // Without NoCopy an empty volume is filled from the image, which ACI does not do.
  return { Type: "volume", Source: name, ReadOnly: isReadOnly, VolumeOptions: { NoCopy: true } };
}
