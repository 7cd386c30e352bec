// What a window of a log adds to what was seen of it before.
export interface Merged {
  /** Lines that are new, in order. */
  readonly fresh: readonly string[];
  /** True if lines between what was seen and this window are gone. */
  readonly isGap: boolean;
  /** True if the window began inside a line, which is left out. */
  readonly isCut: boolean;
}

interface Joined {
  readonly fresh: readonly string[];
  readonly isGap: boolean;
  /** They go on from what was seen, so that the first of them is whole. */
  readonly goesOn: boolean;
}

/**
 * Joins the windows that the service gives of one growing log. A window is the whole log so far, or its last few
 * megabytes. Lines are compared in runs, not one by one, so that equal stamps and repeated lines are neither dropped nor
 * doubled; the longest overlap wins.
 */
export class LogMerger {
  // Lines seen, the unfinished last one left out. No more than the longest window so far, because only that can overlap.
  #seen: string[] = [];
  #longestWindow = 0;
  #isAnew = false;

  // Takes the next window. The last line counts only once it has ended, unless the container has.
  add(window: string, isFinal: boolean): Merged {
    const lines = window.split("\n");
    const last = lines.pop() ?? "";
    if (isFinal && last !== "") lines.push(last);
    const { fresh, isGap, goesOn } = this.#join(lines, window);
    this.#longestWindow = Math.max(this.#longestWindow, lines.length);
    this.#seen = this.#seen.concat(fresh).slice(-Math.max(1, this.#longestWindow));
    const isCut = !goesOn && beginsInsideLine(fresh);
    return { fresh: isCut ? fresh.slice(1) : fresh, isGap, isCut };
  }

  // The container was started anew: its log begins again. Its first lines may have been read before that was known.
  reset(): void {
    this.#isAnew = true;
  }

  #join(lines: string[], window: string): Joined {
    if (lines.length === 0) return { fresh: [], isGap: false, goesOn: true };
    let joined = this.#overlap(lines);
    // Lines without stamps may be equal in two runs. Of a long one only the end is there.
    if (this.#isAnew && (joined.isGap || !isStamped(lines))) {
      joined = { fresh: lines, isGap: this.#seen.length > 0 && truncationOf(window) !== false, goesOn: false };
      this.#seen = [];
    }
    this.#isAnew = false;
    return joined;
  }

  #overlap(lines: string[]): Joined {
    if (this.#seen.length === 0) return { fresh: lines, isGap: false, goesOn: false };
    const overlap = overlapOf(this.#seen, lines);
    if (overlap > 0) return { fresh: lines.slice(overlap), isGap: false, goesOn: true };
    // The window may begin in the middle of a line. The end of one line alone proves nothing.
    const cut = overlapOf(this.#seen, lines.slice(1));
    const before = this.#seen[this.#seen.length - 1 - cut];
    if (cut > 0 && (before === undefined || before.endsWith(lines[0] ?? ""))) return { fresh: lines.slice(1 + cut), isGap: false, goesOn: true };
    return { fresh: lines, isGap: true, goesOn: false };
  }
}

// The length of the longest end of `seen` that is a beginning of `window` (Knuth, Morris and Pratt's prefix function).
function overlapOf(seen: readonly string[], window: readonly string[]): number {
  const table: number[] = [0];
  // How much of `window` matches up to a line, from how much did before it.
  const extend = (length: number, line: string | undefined): number => {
    let matched = length;
    while (matched > 0 && (matched === window.length || line !== window[matched])) matched = table[matched - 1] ?? 0;
    return line === window[matched] ? matched + 1 : matched;
  };
  for (let i = 1; i < window.length; i++) table.push(extend(table[i - 1] ?? 0, window[i]));
  return window.length === 0 ? 0 : seen.slice(-window.length).reduce(extend, 0);
}

// A window that is only the end of a log may begin inside a line, even inside its stamp.
function beginsInsideLine([first, second]: readonly string[]): boolean {
  return first !== undefined && second !== undefined && partStamp(first).at === undefined && partStamp(second).at !== undefined;
}

// Whether a window has stamps. The first of its lines may be cut.
function isStamped(lines: readonly string[]): boolean {
  return lines.slice(0, 2).some((line) => partStamp(line).at !== undefined);
}

// Parts a stamped line. A line without a stamp is all text.
export function partStamp(line: string): { readonly text: string; readonly at?: string } {
  const match = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /u.exec(line);
  return match?.[1] === undefined ? { text: line } : { text: line.slice(match[0].length), at: match[1] };
}

// What the service keeps of the output of a running container, and of a stopped one, at the most.
const RUNNING_LIMIT_IN_BYTES = 4 * 1024 * 1024;
const STOPPED_LIMIT_IN_BYTES = 16 * 1024;
const STOPPED_LIMIT_IN_LINES = 1000;

// Whether a log read in one piece after the end lacks its beginning. At the stopped limit nobody can tell.
export function truncationOf(text: string): boolean | "unknown" {
  const bytes = Buffer.byteLength(text);
  if (bytes >= RUNNING_LIMIT_IN_BYTES - 1024) return true;
  const nearStoppedLimit = bytes > STOPPED_LIMIT_IN_BYTES - 512 && bytes <= STOPPED_LIMIT_IN_BYTES + 512;
  return nearStoppedLimit || text.split("\n").length - 1 === STOPPED_LIMIT_IN_LINES ? "unknown" : false;
}
