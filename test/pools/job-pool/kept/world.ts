import { JobPool, memoryStore, type ContainerJobSpec, type JobPoolOptions, type PoolRunOptions, type JobResult, type JobStore } from "../../../../src/index.js";
import { FakeAzure } from "../../../jobs/fake-azure.js";

export const specs = (count: number): ContainerJobSpec[] => Array.from({ length: count }, (_unused, index) => ({ key: `job-${index}`, image: "a" }));

export async function keysIn(store: JobStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list?.(prefix) ?? []) keys.push(key);
  return keys;
}

export async function collect(results: AsyncIterable<JobResult>): Promise<string[]> {
  const all: string[] = [];
  for await (const { key, outcome } of results) all.push(`${key} ${outcome}`);
  return all;
}

export interface World {
  readonly azure: FakeAzure;
  readonly store: JobStore;
  /** A pool of a process of its own, and how to have that process die: no request and no write of it comes through any more. */
  readonly start: (options?: JobPoolOptions) => { pool: JobPool; kill: () => void };
}

export function world(): World {
  const azure = new FakeAzure();
  const store = memoryStore();
  const start = ({ store: given = store, ...options }: JobPoolOptions = {}): { pool: JobPool; kill: () => void } => {
    let isDead = false;
    const dying = <T>(work: () => Promise<T>): Promise<T> => (isDead ? new Promise<T>(() => undefined) : work());
    const own: JobStore = {
      read: (key) => dying(() => given.read(key)),
      write: (key, value, version) => dying(() => given.write(key, value, version)),
      delete: (key) => dying(() => given.delete(key)),
      list: (prefix) => given.list?.(prefix) as AsyncIterable<never>,
    };
    const pool = new JobPool(azure.client({ requestBudget: "unlimited" }), { store: own, concurrency: 5, ...options });
    return { pool, kill: () => (isDead = true) };
  };
  return { azure, store, start };
}

/** A process that dies before it has begun a job, which is kept. Whoever comes now finds that nobody has it any more. */
export async function leaveBehind({ azure, start }: World, spec: ContainerJobSpec, options: PoolRunOptions = {}): Promise<void> {
  const first = start();
  first.pool.pause();
  void first.pool.run(spec, options);
  await azure.clock.advance(1000);
  first.kill();
  await azure.clock.advance(60_000);
}
