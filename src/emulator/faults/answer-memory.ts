import type { Answer } from "../server/answer.js";
import type { Call } from "../server/call.js";

// More than a test looks at; the oldest are forgotten.
const KEPT = 1_000;

/** What reads were answered last, for faults that answer them out of date. */
export class AnswerMemory {
  readonly #answers = new Map<string, Answer>();

  remember(call: Call, answer: Answer): void {
    const key = keyOf(call);
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > KEPT && oldest !== undefined) this.#answers.delete(oldest);
  }

  recall(call: Call): Answer | undefined {
    return this.#answers.get(keyOf(call));
  }
}

function keyOf({ path, query }: Call): string {
  return `${path.toLowerCase()}?${query.toString()}`;
}
