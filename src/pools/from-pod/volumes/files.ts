import type { SecretValue } from "../../../container-spec.js";
import { fieldOf, resourceOf } from "../containers/fields.js";
import type { Known } from "../known.js";
import type { Part } from "../part.js";

type Files = readonly (readonly [string, SecretValue])[];

const FILE_NAME = /^(?!\.\.?$)[A-Za-z0-9._-]{1,253}$/u;
const DEFAULT_MODE = 0o644;

// The files of a volume that Kubernetes makes of config maps, secrets and what a pod says of itself; undefined if it is another
// kind. For ACI all of them are secrets: it has no other volume with given files.
export function filesOf(volume: Part, known: Known): Files | undefined {
  const [configMap, secret, downward, projected] = [volume.part("configMap"), volume.part("secret"), volume.part("downwardAPI"), volume.part("projected")];
  if (configMap !== undefined) return contentOf(configMap, "configMap", configMap.needed("name"), known);
  if (secret !== undefined) return contentOf(secret, "secret", secret.needed("secretName"), known);
  if (downward !== undefined) return downwardOf(downward, known);
  if (projected === undefined) return undefined;
  checkMode(projected, "defaultMode");
  return projected.parts("sources").flatMap((source) => {
    const [map, hidden, own] = [source.choice().part("configMap"), source.part("secret"), source.part("downwardAPI")];
    return [...(map ? contentOf(map, "configMap", map.needed("name"), known) : []), ...(hidden ? contentOf(hidden, "secret", hidden.needed("name"), known) : []), ...(own ? downwardOf(own, known) : [])];
  });
}

// All keys as files, or those that are named, by other names perhaps.
function contentOf(source: Part, kind: "configMap" | "secret", name: string, known: Known): Files {
  checkMode(source, "defaultMode");
  const isOptional = source.flag("optional");
  const items = source.parts("items").map((item) => ({ part: item, key: item.needed("key"), path: pathOf(item) }));
  const wanted = items.length > 0 ? items : known.keys(kind, name, { part: source, isOptional }, "items").map((key) => ({ part: source, key, path: key }));
  return wanted.flatMap(({ part, key, path }) => {
    const where = { part, isOptional };
    const value = kind === "secret" ? known.secret(name, key, where) : inline(known.text(kind, name, key, where));
    return value === undefined ? [] : [[path, value] as const];
  });
}

function downwardOf(source: Part, known: Known): Files {
  checkMode(source, "defaultMode");
  return source.parts("items").flatMap((item) => {
    const [path, field, resource] = [pathOf(item), item.part("fieldRef"), item.part("resourceFieldRef")];
    if (field === undefined && resource === undefined) item.report.wrong(item.path, "says nothing that is known");
    const value = inline(field === undefined ? resource && resourceOf(resource, known) : fieldOf(field, known));
    return value === undefined ? [] : [[path, value] as const];
  });
}

function inline(text: string | undefined): SecretValue | undefined {
  return text === undefined ? undefined : { secureValue: text };
}

function pathOf(item: Part): string {
  checkMode(item, "mode");
  const path = item.needed("path");
  if (path !== "" && !FILE_NAME.test(path)) item.report.lost(item.at("path"), "a secret volume of ACI has no folders");
  return path;
}

function checkMode(part: Part, name: string): void {
  const mode = part.number(name);
  if (mode !== undefined && mode !== DEFAULT_MODE) part.report.lost(part.at(name), "ACI sets no modes of files");
}
