import type { VolumeSpec } from "../../../container-spec.js";
import { TOKEN_PATH } from "../containers/container.js";
import type { Known } from "../known.js";
import { objectsIn, type Part } from "../part.js";
import { azureFileOf } from "./azure-file.js";
import { filesOf } from "./files.js";

const NAME = /^[a-z0-9](?:-?[a-z0-9])*$/u;

// The volumes of a pod, and those that the caller gives for them.
export function volumesOf(spec: Part, known: Known): readonly VolumeSpec[] {
  const given = known.sources.volumes ?? [];
  const tokens = tokenVolumes(spec);
  const own = spec.parts("volumes").flatMap((volume) => {
    const name = volume.needed("name");
    if (!tokens.has(name) && !given.some((one) => one.name === name)) return volumeOf(name, volume, known);
    volume.skip();
    return [];
  });
  return [...own, ...given];
}

function volumeOf(name: string, volume: Part, known: Known): readonly VolumeSpec[] {
  if (name !== "" && !NAME.test(name)) volume.report.wrong(volume.at("name"), "ACI takes lower-case letters, digits and single hyphens");
  const [emptyDir, gitRepo, files, kinds] = [volume.part("emptyDir"), volume.part("gitRepo"), filesOf(volume, known), kindsOf(volume)];
  if (emptyDir !== undefined || kinds === 0) {
    emptyDir?.only("medium", [""], "ACI keeps no volumes in memory");
    return [{ name, emptyDir: {} }];
  }
  if (gitRepo !== undefined) return [gitRepoOf(name, gitRepo)];
  if (files !== undefined) return [files.length === 0 ? { name, emptyDir: {} } : { name, secret: Object.fromEntries(files) }];
  const azureFile = azureFileOf(volume, known);
  return azureFile === undefined ? [] : [{ name, azureFile }];
}

function kindsOf(volume: Part): number {
  const kinds = Object.entries(volume.choice().fields).filter(([key, value]) => key !== "name" && value !== null).length;
  if (kinds > 1) volume.report.wrong(volume.path, "must be of one kind");
  return kinds;
}

function gitRepoOf(name: string, gitRepo: Part): VolumeSpec {
  const [repository, directory, revision] = [gitRepo.needed("repository"), gitRepo.text("directory"), gitRepo.text("revision")];
  if (repository !== "" && !URL.canParse(repository)) gitRepo.report.wrong(gitRepo.at("repository"), "ACI takes an absolute URL");
  return { name, gitRepo: { repository, ...(directory !== undefined && { directory }), ...(revision !== undefined && { revision }) } };
}

// Volumes that bring a container the token of the cluster's own API, which means nothing outside.
function tokenVolumes(spec: Part): ReadonlySet<string> {
  const containers = ["containers", "initContainers"].flatMap((field) => objectsIn(spec.fields[field]));
  const mounts = containers.flatMap((container) => objectsIn(container["volumeMounts"]));
  return new Set(mounts.filter(({ mountPath }) => mountPath === TOKEN_PATH).flatMap(({ name }) => (typeof name === "string" ? [name] : [])));
}
