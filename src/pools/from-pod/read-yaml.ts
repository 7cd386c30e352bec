import { createRequire } from "node:module";
import type * as yaml from "yaml";
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
  const { LineCounter, parseAllDocuments, visit } = loadYaml();
  const lineCounter = new LineCounter();
  // Whether a key is there twice is looked for below: the reader compares each with all before it.
  const documents = parseAllDocuments(text, { version: "1.1", lineCounter, uniqueKeys: false, customTags: (tags) => tagsOf(tags as readonly Tag[]) as typeof tags });
  if (!Array.isArray(documents)) return [];
  // Their messages repeat the text, and it may have secrets.
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings].map(({ code, linePos }) => ({ path: "", text: `is not YAML${linePos === undefined ? "" : ` at ${placeOf(linePos[0])}`} (${code})` })));
  for (const document of documents) {
    visit(document, { Map: (_, { items }) => void problems.push(...keysThereTwice(items).map((offset) => ({ path: "", text: `is not YAML at ${placeOf(lineCounter.linePos(offset))} (DUPLICATE_KEY)` }))) });
  }
  if (problems.length > 0) throw new PodManifestError(problems);
  try {
    return documents.map((document) => document.toJS() as JsonValue);
  } catch (error) {
    // An alias of nothing, or more of them than a manifest can need.
    throw new PodManifestError([{ path: "", text: `is not YAML, because of an alias (${(error as Error).name})` }]);
  }
}

function placeOf({ line, col }: { readonly line: number; readonly col: number }): string {
  return `line ${line}, column ${col}`;
}

// Where the keys of a map begin that it has had before.
function keysThereTwice(items: readonly yaml.Pair[]): readonly number[] {
  const seen = new Set<unknown>();
  const twice: number[] = [];
  for (const key of items.map((pair) => pair.key as Partial<yaml.Scalar> | null)) {
    // A list or a map is the same as no other.
    if (key === null || !("value" in key)) continue;
    if (seen.has(key.value)) twice.push(key.range?.[0] ?? 0);
    seen.add(key.value);
  }
  return twice;
}

// Loaded when the first text comes: it takes a quarter of what all of Azure's client takes to load, and most never need it.
function loadYaml(): Pick<typeof yaml, "LineCounter" | "parseAllDocuments" | "visit"> {
  return createRequire(import.meta.url)("yaml") as typeof yaml;
}
