import { redactor, secretsIn } from "../../internal/redact.js";

/** Takes secrets out of what the service says in its own words: it may repeat what it was told. */
export class Hider {
  readonly #secrets: Set<string>;
  #hide: (text: string) => string;

  constructor(spec: object) {
    this.#secrets = new Set(secretsIn(spec));
    this.#hide = redactor([...this.#secrets]);
  }

  // Knows the secrets of a group, once they are resolved, from now on.
  learn(group: object): void {
    const fresh = secretsIn(group).filter((secret) => !this.#secrets.has(secret));
    if (fresh.length === 0) return;
    for (const secret of fresh) this.#secrets.add(secret);
    this.#hide = redactor([...this.#secrets]);
  }

  hide(text: string): string {
    return this.#hide(text);
  }
}
