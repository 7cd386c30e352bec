import type { EarlierRun } from "../completion-strategy.js";
import type { JsonValue } from "../json.js";

// Runs as they are kept: `[ranForInMs, hasSucceeded as 0 or 1, startedAfterInMs where it is known]`.
const LONGEST_IN_MS = 1e12;
const MOST_ROWS = 32;

// Runs as rows, for JSON.
export function rowsOf(runs: readonly EarlierRun[]): JsonValue[] {
  return runs.map(({ ranForInMs, hasSucceeded, startedAfterInMs }) => [ranForInMs, hasSucceeded ? 1 : 0, ...(startedAfterInMs === undefined ? [] : [startedAfterInMs])]);
}

// The runs of rows, whoever has written them. What cannot be one is left out.
export function fromRows(rows: unknown): EarlierRun[] {
  if (!Array.isArray(rows)) return [];
  return (rows.slice(0, MOST_ROWS) as unknown[]).flatMap((row) => {
    if (!Array.isArray(row)) return [];
    const [ranForInMs, succeeded, startedAfterInMs] = row as unknown[];
    if (!isDuration(ranForInMs)) return [];
    return [Object.freeze({ ranForInMs, hasSucceeded: succeeded === 1, ...(isDuration(startedAfterInMs) && { startedAfterInMs }) })];
  });
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= LONGEST_IN_MS;
}
