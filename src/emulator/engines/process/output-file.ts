import { closeSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { OutputPiece, OutputSink } from "../output-log.js";

/** The run that a file is about. */
export interface RunHead {
  readonly id: string;
  readonly startedAt: number;
}

/** The output of one run in a file, so that it can be read by another process: a line that says which run, then one for each piece. */
export class OutputFile implements OutputSink {
  // Undefined once nothing more can be written.
  #descriptor: number | undefined;

  constructor(
    private readonly path: string,
    private readonly head: RunHead,
  ) {
    this.#descriptor = this.#begin(path);
  }

  /** A piece is in the file when this returns, so that a kill loses none. */
  append(piece: OutputPiece): void {
    this.#ifPossible((descriptor) => void writeSync(descriptor, lineOf(piece)));
  }

  replace(pieces: readonly OutputPiece[]): void {
    this.#ifPossible((descriptor) => {
      const next = this.#begin(`${this.path}.next`);
      try {
        for (const piece of pieces) writeSync(next, lineOf(piece));
        renameSync(`${this.path}.next`, this.path);
        this.#descriptor = next;
      } finally {
        closeSync(this.#descriptor === next ? descriptor : next);
      }
    });
  }

  end(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  // On a disk that is full or fails lines are lost, as in a container engine; the run goes on.
  #ifPossible(write: (descriptor: number) => void): void {
    if (this.#descriptor === undefined) return;
    try {
      write(this.#descriptor);
    } catch (error) {
      // Whatever the system has against it.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  #begin(path: string): number {
    const descriptor = openSync(path, "w", 0o600);
    try {
      writeSync(descriptor, `${JSON.stringify(this.head)}\n`);
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }
}

/** The name of the file for a run. */
export function outputName(container: string, run: number): string {
  return `${container}.${run}`;
}

/** The last run of each container that has a file in a folder. */
export function lastRuns(folder: string): { readonly container: string; readonly number: number; readonly path: string }[] {
  const found = new Map<string, { readonly container: string; readonly number: number; readonly path: string }>();
  for (const name of readdirSync(folder)) {
    const [, container = "", digits = ""] = /^([^.]+)\.(\d+)$/.exec(name) ?? [];
    const number = Number(digits);
    if (container !== "" && number >= (found.get(container)?.number ?? 0)) found.set(container, { container, number, path: join(folder, name) });
  }
  return [...found.values()];
}

/** Reads a file; undefined if the process was killed before it was begun. Lines that are not whole are left out. */
export function readOutput(path: string): { readonly head: RunHead; readonly pieces: readonly OutputPiece[] } | undefined {
  const [first = "", ...rest] = readFileSync(path, "utf8").split("\n");
  const [head] = parsed(first) as RunHead[];
  if (head === undefined) return undefined;
  const pieces = rest.flatMap(parsed) as { at: number; text: string }[];
  return { head, pieces: pieces.map(({ at, text }) => ({ at, data: Buffer.from(text, "base64") })) };
}

// On a full disk, and by a loss of power, a line may be cut off in the middle of a file, too.
function parsed(line: string): unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

function lineOf({ at, data }: OutputPiece): string {
  return `${JSON.stringify({ at, text: data.toString("base64") })}\n`;
}
