import { ArmError } from "../../arm-error.js";
import type { VolumeBody } from "../group-body.js";

// Only https, so that neither a file of this machine nor a program is named; a login may be in it, as the service allows.
const REPOSITORY = /^https:\/\/(?:[\w.~%+-]+(?::[\w.~%+-]*)?@)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:\/[\w.~%+-]+)+\/?$/;
const DIRECTORY = /^(?:\.|(?:\.\/)?[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)*)$/;
// A commit, a tag or a branch.
const REVISION = /^[A-Za-z0-9_][\w./-]{0,254}$/;

/** Refuses a gitRepo volume that names anything but a repository at an https address, a folder in the volume, and a revision. */
export function checkRepository(group: string, { name, gitRepo }: VolumeBody): void {
  if (gitRepo === undefined) return;
  const { repository, directory, revision } = gitRepo;
  const refuse = (message: string): never => {
    throw new ArmError(400, "InvalidGitRepoVolume", `The gitRepo volume '${name}' in container group '${group}' is invalid: ${message}`);
  };
  if (!REPOSITORY.test(repository) || leadsOut(repository.replace(/^https:\/\//, ""))) refuse("its repository must be an https address.");
  if (directory !== undefined && (!DIRECTORY.test(directory) || leadsOut(directory))) refuse("its directory must be '.' or the name of a folder in the volume.");
  if (revision !== undefined && (!REVISION.test(revision) || revision.includes(".."))) refuse("its revision must be a commit, a tag or a branch.");
}

// Into a folder above, or among git's own files.
function leadsOut(path: string): boolean {
  return path.split("/").some((part) => part.includes("..") || /^\.git$/i.test(part) || /%2e|%2f/i.test(part));
}
