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
// About as much as Azure takes in a request. What is large may be referred to many times, and a variable to the one before it, so that a
// small manifest would fill any memory.
const MOST_REFERRED_TO = 4_000_000;
export const TOO_MUCH = `all references up to here stand for more than ${MOST_REFERRED_TO} characters`;
// What a value takes in a request besides its own name and characters.
const AROUND_A_VALUE = 20;
const WORDS: Readonly<Record<Kind, string>> = { configMap: "config map", secret: "secret" };

// What a manifest refers to, and where it is found: in the sources, or in the manifest's own text.
export class Known {
  readonly #manifest: Manifest;
  readonly #given = new Map<string, Contents>();
  #referredTo = 0;
  #isTooMuch = false;

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

  // Whether references may stand for so many characters more, in all containers and volumes together.
  mayFillIn(length: number): boolean {
    const whole = this.#referredTo + length;
    if (whole > MOST_REFERRED_TO) {
      this.#isTooMuch = true;
      return false;
    }
    this.#referredTo = whole;
    return true;
  }

  // The same for a value and its name. What asks is told once it is too much, and nothing is made any more then.
  mayHave(length: number, { report, path }: Part): boolean {
    if (!this.#isTooMuch && this.mayFillIn(length + AROUND_A_VALUE)) return true;
    report.wrong(path, TOO_MUCH);
    return false;
  }

  // All that a config map or a secret has. A pod has those of its own namespace; what does not say one is where the pod is.
  contents(kind: Kind, name: string): Contents | undefined {
    const { configMaps, secrets } = this.sources;
    const given = kind === "configMap" ? configMaps : secrets === "byName" ? undefined : secrets;
    const values = own(given, name);
    if (values !== undefined) return this.#givenContents(`${kind}/${name}`, values);
    const inText = this.#inText(kind);
    return inText.get(`${this.namespace}/${name}`) ?? inText.get(`/${name}`);
  }

  // Made once, because it may be large, and be asked for by every variable.
  #givenContents(id: string, values: Readonly<Record<string, string>>): Contents {
    const made = this.#given.get(id) ?? new Map(Object.entries(values));
    this.#given.set(id, made);
    return made;
  }

  // That there is none, and why one that stands in the text is none of the pod's.
  notGiven(kind: Kind, name: string): string {
    const isElsewhere = [...this.#inText(kind).keys()].some((one) => one.endsWith(`/${name}`));
    return `the ${WORDS[kind]} "${name}" is not given${isElsewhere ? ` for the namespace "${this.namespace}"` : ""}`;
  }

  #inText(kind: Kind): ReadonlyMap<string, Contents> {
    return kind === "configMap" ? this.#manifest.configMaps : this.#manifest.secrets;
  }

  // All keys of one. Those of a secret that is known only by its name must be named one by one, in another field.
  keys(kind: Kind, name: string, { part, isOptional }: Where, field: string): readonly string[] {
    const contents = this.contents(kind, name);
    if (contents !== undefined) return this.mayHave(0, part) ? [...contents.keys()] : [];
    // Whether it is there is seen only when the group is created.
    if (kind === "secret" && this.areSecretsByName) part.report[isOptional ? "lost" : "wrong"](part.path, `the secret "${name}" is known only by its name, and so its keys must be named in \`${field}\``);
    else if (!isOptional) part.report.wrong(part.path, this.notGiven(kind, name));
    return [];
  }

  // One value of a config map; undefined if there is none, or after a problem was told.
  text(kind: Kind, name: string, key: string, where: Where): string | undefined {
    const contents = this.contents(kind, name);
    const text = contents?.get(key);
    if (text !== undefined) return this.mayHave(key.length + text.length, where.part) ? text : undefined;
    const what = `the ${WORDS[kind]} "${name}"`;
    if (contents?.has(key) === true) where.part.report.wrong(where.part.path, `"${key}" of ${what} is not text, and ACI takes text only`);
    else if (!where.isOptional) where.part.report.wrong(where.part.path, contents === undefined ? this.notGiven(kind, name) : `${what} has no "${key}"`);
    return undefined;
  }

  // One value of a secret, as the caller wants it.
  secret(name: string, key: string, where: Where): SecretValue | undefined {
    if (this.areSecretsByName) return this.mayHave(this.namespace.length + name.length + key.length, where.part) ? { secret: `${this.namespace}/${name}/${key}` } : undefined;
    const secureValue = this.text("secret", name, key, where);
    return secureValue === undefined ? undefined : { secureValue };
  }
}

// Who asks, and whether it may be missing.
interface Where {
  readonly part: Part;
  readonly isOptional: boolean;
}
