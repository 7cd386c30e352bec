import { locationName } from "../../../lifecycle/identity.js";
import type { PoolJob } from "../pool-job.js";

/**
 * Jobs that wait for their turn: what was begun before, then the highest priority, and of equal ones the one that came first.
 * Those that have to run in one location stand in a line of their own, so that they can be passed where it is full.
 */
export class Waiting {
  readonly #lines = new Map<string | undefined, Line>();
  readonly #jobs = new Set<PoolJob>();

  get size(): number {
    return this.#jobs.size;
  }

  add(job: PoolJob): void {
    this.#jobs.add(job);
    const line = this.#lines.get(placeOf(job)) ?? new Line();
    this.#lines.set(placeOf(job), line);
    line.add(job);
  }

  /** True if it was there. */
  remove(job: PoolJob): boolean {
    return this.#jobs.delete(job);
  }

  /** Who is next, but for those that have to run in one of these locations. */
  peek(full: ReadonlySet<string> = new Set()): PoolJob | undefined {
    let next: PoolJob | undefined;
    for (const [place, line] of this.#lines) {
      if (place !== undefined && full.has(place)) continue;
      const first = line.peek(this.#jobs);
      if (first === undefined) this.#lines.delete(place);
      else if (next === undefined || isBefore(first, next)) next = first;
    }
    return next;
  }

  /** All of them, in no order, and none is left. */
  takeAll(): readonly PoolJob[] {
    const all = [...this.#jobs];
    this.#jobs.clear();
    this.#lines.clear();
    return all;
  }
}

/** The location in which a job has to run. */
export function placeOf({ spec: { location } }: PoolJob): string | undefined {
  return location === undefined ? undefined : locationName(location);
}

// A binary heap, the next one on top. Those that were called away stay in it until they come up.
class Line {
  readonly #heap: PoolJob[] = [];

  add(job: PoolJob): void {
    const heap = this.#heap;
    let at = heap.push(job) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(job, heap[above] as PoolJob); above = (at - 1) >> 1) {
      heap[at] = heap[above] as PoolJob;
      at = above;
    }
    heap[at] = job;
  }

  /** The first of those that are still there. */
  peek(there: ReadonlySet<PoolJob>): PoolJob | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (there.has(top)) return top;
      this.#pop();
    }
    return undefined;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const below = right < heap.length && isBefore(heap[right] as PoolJob, heap[left] as PoolJob) ? right : left;
      if (below >= heap.length || !isBefore(heap[below] as PoolJob, last)) break;
      heap[at] = heap[below] as PoolJob;
      at = below;
    }
    heap[at] = last;
  }
}

// What was begun costs money already.
function isBefore(one: PoolJob, other: PoolJob): boolean {
  if (one.isBegun !== other.isBegun) return one.isBegun;
  const [first, second] = [one.options.priority ?? 0, other.options.priority ?? 0];
  return first === second ? one.id < other.id : first > second;
}
