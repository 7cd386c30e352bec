import { createRequire } from "node:module";
import type { parseAllDocuments } from "yaml";
import type { JsonValue } from "../../json.js";
import { PodManifestError } from "./manifest-error.js";

// What of YAML 1.1 Kubernetes does not read: its times of day and its dates are plain text there.
const isKnownTag = (tag: unknown): boolean => {
  const { tag: name = "", format } = tag as { readonly tag?: string; readonly format?: string };
  return format !== "TIME" && !name.endsWith(":timestamp");
};

// The documents of a text, as Kubernetes reads it: YAML 1.1, in which 0644 is octal and `on` is true.
export function readYaml(text: string): readonly JsonValue[] {
  const documents = loadYaml().parseAllDocuments(text, { version: "1.1", customTags: (tags) => tags.filter(isKnownTag) });
  if (!Array.isArray(documents)) return [];
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings].map(({ message }) => ({ path: "", text: message.split("\n")[0] ?? "" })));
  if (problems.length > 0) throw new PodManifestError(problems);
  try {
    return documents.map((document) => document.toJS() as JsonValue);
  } catch (error) {
    throw new PodManifestError([{ path: "", text: (error as Error).message }]);
  }
}

// Loaded when the first text comes: it takes a quarter of what all of Azure's client takes to load, and most never need it.
function loadYaml(): { readonly parseAllDocuments: typeof parseAllDocuments } {
  return createRequire(typeof __filename === "string" ? __filename : import.meta.url)("yaml") as ReturnType<typeof loadYaml>;
}
