import type { Row } from "./rows.js";
import { PHASES, type Phase } from "./spans.js";

const PIECES = 96;

/** A run in pieces of equal length: how many rows were in each phase on average, and what ended in it. */
export interface OverTime {
  readonly fromAt: number;
  readonly pieceInMs: number;
  readonly inPhase: Readonly<Record<Phase, readonly number[]>>;
  readonly succeeded: readonly number[];
  readonly others: readonly number[];
}

const none = (): number[] => Array.from({ length: PIECES }, () => 0);

/** Spreads rows over the time of the run. */
export function overTime(rows: readonly Row[], fromAt: number, untilAt: number): OverTime {
  const pieceInMs = Math.max(1, untilAt - fromAt) / PIECES;
  const inPhase = Object.fromEntries(PHASES.map((phase) => [phase, none()])) as Record<Phase, number[]>;
  const [succeeded, others] = [none(), none()];
  for (const { spans, state, attempt } of rows) {
    let begin = spans.fromAt;
    for (const phase of PHASES) {
      const end = begin + (spans.inMs[phase] ?? 0);
      spread(inPhase[phase], (begin - fromAt) / pieceInMs, (end - fromAt) / pieceInMs);
      begin = end;
    }
    const piece = Math.min(PIECES - 1, Math.floor((begin - fromAt) / pieceInMs));
    const ended = state === "succeeded" ? succeeded : others;
    if (spans.now === undefined && attempt !== undefined && piece >= 0) ended[piece] = (ended[piece] ?? 0) + 1;
  }
  return { fromAt, pieceInMs, inPhase, succeeded, others };
}

// Adds to each piece how much of it lies between the two.
function spread(pieces: number[], from: number, until: number): void {
  for (let piece = Math.max(0, Math.floor(from)); piece < Math.min(PIECES, until); piece++) {
    pieces[piece] = (pieces[piece] ?? 0) + Math.min(until, piece + 1) - Math.max(from, piece);
  }
}
