import type { CompletionStrategy } from "../completion-strategy.js";
import { expectFunction, expectPositive, expectText, failUnseen } from "../lifecycle/expect.js";

const PARTS = ["check", "prepare", "nextCheck", "receive", "acknowledge", "send", "learn"] as const;

// Throws a TypeError for what is no strategy.
export function checkStrategy(field: string, strategy: CompletionStrategy): void {
  const given: unknown = strategy;
  if (typeof given !== "object" || given === null || Array.isArray(given)) failUnseen(field, "a strategy, such as `poll()` makes", given);
  expectText(`${field}.name`, strategy.name);
  expectPositive(`${field}.longestPauseInMs`, strategy.longestPauseInMs);
  const parts = strategy as { readonly [part in (typeof PARTS)[number]]?: unknown };
  for (const part of PARTS) expectFunction(`${field}.${part}`, parts[part]);
}
