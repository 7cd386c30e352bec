import type { AzureFileVolume, GitRepoVolume, SecretVolume, VolumeSpec } from "../../container-spec.js";
import { expectBoolean, expectFields, expectForm, expectKeys, expectObject, expectUrl, fail } from "../expect.js";
import { checkSecret } from "./check-secret.js";

const VOLUME_KINDS = ["azureFile", "emptyDir", "secret", "gitRepo"] as const;

// Throws for a volume that cannot be right.
export function checkVolume(field: string, volume: VolumeSpec): void {
  expectFields(field, volume, ["name", ...VOLUME_KINDS]);
  expectForm(`${field}.name`, volume.name, /^[a-z0-9](?:-?[a-z0-9])*$/u, "lower-case letters, digits and single hyphens");
  const kinds = VOLUME_KINDS.filter((kind) => kind in volume);
  if (kinds.length !== 1) fail(field, `a volume of exactly one kind of ${VOLUME_KINDS.join(", ")}`, kinds, "type");
  for (const kind of kinds) expectObject(`${field}.${kind}`, (volume as Partial<Record<typeof kind, unknown>>)[kind]);
  if ("gitRepo" in volume) checkGitRepo(`${field}.gitRepo`, volume.gitRepo);
  if ("azureFile" in volume) checkAzureFile(`${field}.azureFile`, volume.azureFile);
  if ("secret" in volume) checkFiles(`${field}.secret`, volume.secret);
}

function checkGitRepo(field: string, gitRepo: GitRepoVolume["gitRepo"]): void {
  expectKeys(field, gitRepo, ["repository", "directory", "revision"]);
  expectUrl(`${field}.repository`, gitRepo.repository);
}

function checkAzureFile(field: string, azureFile: AzureFileVolume["azureFile"]): void {
  expectKeys(field, azureFile, ["account", "share", "accountKey", "isReadOnly"]);
  expectForm(`${field}.account`, azureFile.account, /^[a-z0-9]{3,24}$/u, "3 to 24 lower-case letters and digits");
  expectForm(`${field}.share`, azureFile.share, /^[a-z0-9](?:-?[a-z0-9]){2,62}$/u, "3 to 63 lower-case letters, digits and single hyphens");
  checkSecret(`${field}.accountKey`, azureFile.accountKey);
  expectBoolean(`${field}.isReadOnly`, azureFile.isReadOnly);
}

function checkFiles(field: string, files: SecretVolume["secret"]): void {
  for (const [file, value] of Object.entries(files)) {
    expectForm(field, file, /^(?!\.\.?$)[A-Za-z0-9._-]{1,253}$/u, "an object whose names are file names of letters, digits, `.`, `_` and `-`");
    checkSecret(`${field}.${file}`, value);
  }
}
