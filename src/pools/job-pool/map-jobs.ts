import { link, onAbort } from "../../internal/abort.js";
import type { JobResult } from "../../job-result.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import type { MapOptions } from "./options.js";

/** Specs, at once or as they come. */
type Specs<O extends string> = Iterable<ContainerJobSpec<O>> | AsyncIterable<ContainerJobSpec<O>>;
type Source<O extends string> = Iterator<ContainerJobSpec<O>> | AsyncIterator<ContainerJobSpec<O>>;

/** What a map takes of its pool. */
export interface MapTools<O extends string> {
  /** How many may be in the pool, or done and not taken out yet. */
  readonly ahead: () => number;
  /** Whether the pool takes one more now, and whether it takes any at all. */
  readonly hasRoom: () => boolean;
  readonly isOpen: () => boolean;
  /** Calls a function whenever that may have changed, until the function that it answers is called. */
  readonly watch: (watcher: () => void) => () => void;
  /** Whether what was begun goes on when nobody takes results any more. */
  readonly isKept: boolean;
  readonly run: (spec: ContainerJobSpec<O>, index: number, abortSignal: AbortSignal) => Promise<JobResult<O>>;
}

// As much of a key as a message shows.
const LONGEST_KEY = 80;

type Settled<O extends string> = { readonly index: number; readonly result: JobResult<O> } | { readonly index: number; readonly error: unknown };

/**
 * Runs a job for each spec and yields the results. Specs are taken no faster than results are, and none any more when it is
 * aborted or the pool is closed. What rejects, rejects the whole; that, and whoever stops taking results, cancels what was begun.
 */
export async function* mapJobs<O extends string>(specs: Specs<O>, { ordered = false, abortSignal }: MapOptions, tools: MapTools<O>): AsyncGenerator<JobResult<O>, void> {
  // Before anything listens to anybody: what cannot be opened leaves nothing.
  const source = open(specs);
  const stop = new AbortController();
  const [signal, release] = link(abortSignal, stop.signal);
  const flow = new Flow(source, tools, signal);
  const filling = flow.fill();
  try {
    for (let one = await flow.take(ordered); one !== undefined; one = await flow.take(ordered)) {
      if ("error" in one) throw one.error;
      yield one.result;
    }
  } finally {
    flow.stop();
    if (!tools.isKept) stop.abort(new Error("nobody takes the results any more"));
    const settled = flow.settled().then(release);
    if (!tools.isKept) await settled;
    void filling;
  }
}

// Specs that come in and results that go out.
class Flow<O extends string> {
  readonly #source: Source<O>;
  readonly #tools: MapTools<O>;
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  readonly #done: Settled<O>[] = [];
  #begun = 0;
  #taken = 0;
  #isAtEnd = false;
  #news = newTurn();
  readonly #release: () => void;

  constructor(source: Source<O>, tools: MapTools<O>, signal: AbortSignal) {
    this.#source = source;
    this.#tools = tools;
    this.#signal = signal;
    const unwatch = tools.watch(() => (tools.isOpen() ? this.#tell() : this.stop()));
    const release = onAbort(signal, () => this.stop());
    this.#release = () => {
      unwatch();
      release();
    };
  }

  // Takes specs in as long as there is room for what comes of them.
  async fill(): Promise<void> {
    if (this.#signal.aborted || !this.#tools.isOpen()) this.stop();
    while (!this.#isAtEnd) {
      if (this.#begun - this.#taken >= this.#tools.ahead() || !this.#tools.hasRoom()) await this.#news.come;
      else await this.#takeIn();
    }
  }

  async #takeIn(): Promise<void> {
    try {
      const next: IteratorResult<ContainerJobSpec<O>, unknown> = await this.#source.next();
      if (next.done === true) this.#end();
      else if (!this.#isAtEnd) await this.#enter(next.value);
    } catch (error) {
      this.#end();
      // The source has failed, which is known at once.
      this.#done.unshift({ index: this.#taken, error });
    }
    this.#tell();
  }

  // Others may have taken the room meanwhile.
  async #enter(spec: ContainerJobSpec<O>): Promise<void> {
    while (!this.#tools.hasRoom() && !this.#isAtEnd) await this.#news.come;
    this.#begin(spec);
  }

  #begin(spec: ContainerJobSpec<O>): void {
    const index = this.#begun++;
    const settle = (settled: Settled<O>): void => {
      this.#running.delete(one);
      this.#done.push(settled);
      this.#tell();
    };
    const one: Promise<void> = this.#tools.run(spec, index, this.#signal).then((result) => settle({ index, result }), (error: unknown) => settle({ index, error }));
    this.#running.add(one);
  }

  // The next result, or nothing when there are no more.
  async take(isOrdered: boolean): Promise<Settled<O> | undefined> {
    for (;;) {
      const at = this.#done.findIndex((one) => !isOrdered || one.index === this.#taken || "error" in one);
      const [one] = at < 0 ? [] : this.#done.splice(at, 1);
      if (one !== undefined) {
        this.#taken++;
        this.#tell();
        return one;
      }
      if (this.#isAtEnd && this.#running.size === 0) return undefined;
      await this.#news.come;
    }
  }

  // Takes no more in.
  stop(): void {
    if (this.#isAtEnd) return;
    this.#end();
    void this.#leaveSource().catch(() => undefined);
    this.#tell();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #end(): void {
    this.#isAtEnd = true;
    this.#release();
  }

  async #leaveSource(): Promise<void> {
    await this.#source.return?.();
  }

  #tell(): void {
    const { tell } = this.#news;
    this.#news = newTurn();
    tell();
  }
}

function open<O extends string>(specs: Specs<O>): Source<O> {
  return (specs as Partial<AsyncIterable<ContainerJobSpec<O>>>)[Symbol.asyncIterator]?.() ?? (specs as Iterable<ContainerJobSpec<O>>)[Symbol.iterator]();
}

/** Has the error of a check say which of the specs it is about. */
export function checkSpecAt(index: number, spec: unknown, check: () => void): void {
  try {
    check();
  } catch (error) {
    const Failure = [RangeError, TypeError].find((type) => error instanceof type);
    if (Failure === undefined) throw error;
    throw new Failure(`In \`specs[${index}]\`${keyOf(spec)}: ${(error as Error).message}`, { cause: error });
  }
}

function keyOf(spec: unknown): string {
  const key = (spec as Partial<ContainerJobSpec> | undefined)?.key as unknown;
  if (typeof key !== "string") return "";
  return ` (key "${key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key}")`;
}

function newTurn(): { readonly come: Promise<void>; readonly tell: () => void } {
  let tell = (): void => undefined;
  const come = new Promise<void>((resolve) => (tell = resolve));
  return { come, tell };
}
