import { poll } from "../../completion/poll.js";
import type { CompletionStrategy } from "../../completion-strategy.js";
import type { JsonObject } from "../../json.js";

/** What a handle keeps of a strategy. */
export interface KnownStrategy {
  readonly name: string;
  readonly parameters: JsonObject;
}

/** How a job is watched of which nothing is said. It has no state, so that one serves all. */
export const DEFAULT_STRATEGY = poll();

// The strategy of a job: the one that is given, else what its handle tells of it.
export function strategyOf(known: KnownStrategy | undefined, given: CompletionStrategy | undefined): { readonly strategy: CompletionStrategy; readonly isReplaced: boolean } {
  if (given !== undefined) return { strategy: given, isReplaced: false };
  if (known === undefined) return { strategy: DEFAULT_STRATEGY, isReplaced: false };
  return known.name === "poll" ? { strategy: rebuilt(known.parameters), isReplaced: false } : { strategy: DEFAULT_STRATEGY, isReplaced: true };
}

// What a handle keeps of it.
export function known({ name, parameters = {} }: CompletionStrategy): KnownStrategy {
  return { name, parameters };
}

function rebuilt(parameters: JsonObject): CompletionStrategy {
  try {
    return poll(parameters);
  } catch {
    return DEFAULT_STRATEGY;
  }
}
