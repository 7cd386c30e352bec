import type { PoolJob } from "../pool-job.js";

/** Jobs that wait for their turn: what was begun before, then the highest priority, and of equal ones the one that came first. */
export class Waiting {
  // A binary heap, the next one on top. Those that were called away stay in it until they come up.
  readonly #heap: PoolJob[] = [];
  readonly #jobs = new Set<PoolJob>();

  get size(): number {
    return this.#jobs.size;
  }

  add(job: PoolJob): void {
    this.#jobs.add(job);
    const heap = this.#heap;
    let at = heap.push(job) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(job, heap[above] as PoolJob); above = (at - 1) >> 1) {
      heap[at] = heap[above] as PoolJob;
      at = above;
    }
    heap[at] = job;
  }

  /** True if it was there. */
  remove(job: PoolJob): boolean {
    return this.#jobs.delete(job);
  }

  /** Who is next. */
  peek(): PoolJob | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#jobs.has(top)) return top;
      this.#pop();
    }
    return undefined;
  }

  /** All of them, in no order, and none is left. */
  takeAll(): readonly PoolJob[] {
    const all = [...this.#jobs];
    this.#jobs.clear();
    this.#heap.length = 0;
    return all;
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
