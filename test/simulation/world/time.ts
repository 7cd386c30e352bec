interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => unknown;
}

/** What a happening answers of which nobody in the world hears, so that nothing can go on by it. */
export const UNHEARD = Symbol("unheard");

/** So many happenings in one world mean that something goes round in circles. */
const TOO_MANY = 60_000;

/** The time of a world. It stands still but for jumps to whatever is due next. */
export class Time {
  now = Date.UTC(2026, 0, 1);
  #order = 0;
  // A binary heap by time, and by order where times are equal.
  readonly #heap: Happening[] = [];

  at(at: number, run: () => unknown): void {
    const heap = this.#heap;
    const happening = { at: Math.max(at, this.now), order: this.#order++, run };
    let place = heap.push(happening) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(heap[parent] as Happening, happening)) break;
      heap[place] = heap[parent] as Happening;
      place = parent;
    }
    heap[place] = happening;
  }

  in(ms: number, run: () => unknown): void {
    this.at(this.now + ms, run);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.in(ms, resolve));
  }

  /** Lets time pass until `isOver`, and says why it stopped if that never came. */
  async pass(isOver: () => boolean): Promise<"over" | "deadlock" | "livelock"> {
    await settle();
    for (let count = 0; count < TOO_MANY; count++) {
      if (isOver()) return "over";
      const next = this.#pop();
      if (next === undefined) return "deadlock";
      this.now = next.at;
      if (next.run() !== UNHEARD) await settle();
    }
    return "livelock";
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Happening)) child++;
      if (isBefore(last, heap[child] as Happening)) break;
      heap[place] = heap[child] as Happening;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

// Lets every promise that can go on without time go on.
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
