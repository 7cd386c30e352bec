import { createRequire } from "node:module";
import type { parseAllDocuments } from "yaml";
import type { JsonValue } from "../../json.js";
import { PodManifestError } from "./manifest-error.js";

interface Tag {
  readonly tag: string;
  readonly format?: string;
  readonly test?: RegExp;
}

// Numbers as Kubernetes reads them, where YAML 1.1 would also take `.`, `1.` and `1e3` for some.
const FRACTION = /^[-+]?[0-9]*\.[0-9]+$/u;
const EXPONENT = /^[-+]?[0-9]*\.?[0-9]+[eE][-+][0-9]+$/u;

// The forms of YAML 1.1 that Kubernetes reads, too: times of day, dates and what is no finite number are plain text there.
function tagsOf(tags: readonly Tag[]): readonly Tag[] {
  return tags.flatMap((tag) => {
    if (tag.format === "TIME" || tag.tag.endsWith(":timestamp")) return [];
    if (!tag.tag.endsWith(":float")) return [tag];
    return tag.test?.test(".nan") === true ? [] : [{ ...tag, test: tag.format === "EXP" ? EXPONENT : FRACTION }];
  });
}

// The documents of a text, as Kubernetes reads it: YAML 1.1, in which 0644 is octal and `on` is true.
export function readYaml(text: string): readonly JsonValue[] {
  const documents = loadYaml().parseAllDocuments(text, { version: "1.1", customTags: (tags) => tagsOf(tags as readonly Tag[]) as typeof tags });
  if (!Array.isArray(documents)) return [];
  // Their messages repeat the text, and it may have secrets.
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings].map(({ code, linePos }) => ({ path: "", text: `is not YAML${linePos === undefined ? "" : ` at line ${linePos[0].line}, column ${linePos[0].col}`} (${code})` })));
  if (problems.length > 0) throw new PodManifestError(problems);
  try {
    return documents.map((document) => document.toJS() as JsonValue);
  } catch (error) {
    // An alias of nothing, or more of them than a manifest can need.
    throw new PodManifestError([{ path: "", text: `is not YAML, because of an alias (${(error as Error).name})` }]);
  }
}

// Loaded when the first text comes: it takes a quarter of what all of Azure's client takes to load, and most never need it.
function loadYaml(): { readonly parseAllDocuments: typeof parseAllDocuments } {
  return createRequire(import.meta.url)("yaml") as ReturnType<typeof loadYaml>;
}
