import type { InitContainerSpec } from "../../container-spec.js";
import { expectBoolean, expectFields, expectForm, expectList, fail } from "../expect.js";
import type { FieldNames } from "./field-names.js";

// Throws for mounts that cannot be right, or of volumes that the group does not have.
export function checkMounts(names: FieldNames, mounts: InitContainerSpec["mounts"], volumes: ReadonlySet<string>): void {
  expectList(names("mounts"), mounts);
  const seen = new Set<string>();
  for (const [i, mount] of (mounts ?? []).entries()) {
    const field = names(`mounts[${i}]`);
    expectFields(field, mount, ["volume", "path", "isReadOnly"]);
    const { volume, path, isReadOnly } = mount;
    expectForm(`${field}.path`, path, /^\/[^:]*$/u, "an absolute path without a colon");
    const plain = path.replace(/\/+$/u, "");
    if (seen.has(plain)) fail(`${field}.path`, "a path with one volume", path);
    seen.add(plain);
    if (!volumes.has(volume)) fail(`${field}.volume`, "the name of one of `volumes`", volume);
    expectBoolean(`${field}.isReadOnly`, isReadOnly);
  }
}
