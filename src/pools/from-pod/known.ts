import type { SecretValue } from "../../container-spec.js";
import { own, type Part } from "./part.js";
import type { PodSources } from "./pod-sources.js";
import type { Contents, Manifest } from "./read-manifest.js";

// A pod's own facts, as far as they are known before it runs.
interface PodFacts {
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly metadata: Part | undefined;
  readonly spec: Part;
}

type Kind = "configMap" | "secret";
const WORDS: Readonly<Record<Kind, string>> = { configMap: "config map", secret: "secret" };

// What a manifest refers to, and where it is found: in the sources, or in the manifest's own text.
export class Known {
  readonly #manifest: Manifest;

  constructor(
    readonly sources: PodSources,
    manifest: Manifest,
    readonly pod: PodFacts,
    readonly namespace: string,
  ) {
    this.#manifest = manifest;
  }

  get areSecretsByName(): boolean {
    return this.sources.secrets === "byName";
  }

  // All that a config map or a secret has.
  contents(kind: Kind, name: string): Contents | undefined {
    const { configMaps, secrets } = this.sources;
    const given = kind === "configMap" ? configMaps : secrets === "byName" ? undefined : secrets;
    const values = own(given, name);
    if (values !== undefined) return new Map(Object.entries(values));
    return (kind === "configMap" ? this.#manifest.configMaps : this.#manifest.secrets).get(name);
  }

  // All keys of one. Those of a secret that is known only by its name must be named one by one, in another field.
  keys(kind: Kind, name: string, { part, isOptional }: Where, field: string): readonly string[] {
    const contents = this.contents(kind, name);
    if (contents === undefined && !isOptional) {
      const why = kind === "secret" && this.areSecretsByName ? `is known only by its name, and so its keys must be named in \`${field}\`` : "is not given";
      part.report.wrong(part.path, `the ${WORDS[kind]} "${name}" ${why}`);
    }
    return [...(contents?.keys() ?? [])];
  }

  // One value of a config map; undefined if there is none, or after a problem was told.
  text(kind: Kind, name: string, key: string, where: Where): string | undefined {
    const contents = this.contents(kind, name);
    if (contents?.get(key) !== undefined) return contents.get(key);
    const what = `the ${WORDS[kind]} "${name}"`;
    if (contents?.has(key) === true) where.part.report.wrong(where.part.path, `"${key}" of ${what} is not text, and ACI takes text only`);
    else if (!where.isOptional) where.part.report.wrong(where.part.path, contents === undefined ? `${what} is not given` : `${what} has no "${key}"`);
    return undefined;
  }

  // One value of a secret, as the caller wants it.
  secret(name: string, key: string, where: Where): SecretValue | undefined {
    if (this.areSecretsByName) return { secret: `${this.namespace}/${name}/${key}` };
    const secureValue = this.text("secret", name, key, where);
    return secureValue === undefined ? undefined : { secureValue };
  }
}

// Who asks, and whether it may be missing.
interface Where {
  readonly part: Part;
  readonly isOptional: boolean;
}
