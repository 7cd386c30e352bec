import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { JobPool, memoryStore, resumeContainerJob, type ContainerJobSpec, type JobHandle, type JobPoolOptions, type JobResult } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const spec = (index: number): ContainerJobSpec => ({ key: `job-${index}`, image: "a" });

function open(options: JobPoolOptions = {}): { azure: FakeAzure; pool: JobPool } {
  const azure = new FakeAzure();
  return { azure, pool: new JobPool(azure.client({ requestBudget: "unlimited" }), options) };
}

async function collect(results: AsyncIterable<JobResult>, into: string[] = []): Promise<string[]> {
  for await (const { key, outcome } of results) into.push(`${key} ${outcome}`);
  return into;
}

describe("mapping specs to results", () => {
  it("yields failures as values, as soon as they are there", async () => {
    const { azure, pool } = open({ concurrency: 3 });
    // The first takes longest, and the second fails.
    azure.look = (snapshot) => (snapshot.groupName === azure.puts[0]?.name && azure.clock.now() < Date.UTC(2026, 0, 1, 0, 1) ? { ...snapshot, containers: snapshot.containers.map((one) => ({ ...one, currentState: { state: "Running", startedAt: new Date(azure.clock.now() - 1000).toISOString() } })) } : snapshot);
    const yielded = await azure.until(collect(pool.map([0, 1, 2].map(spec))));
    expect(yielded.sort()).toEqual(["job-0 succeeded", "job-1 succeeded", "job-2 succeeded"]);
    azure.exitCode = 1;
    expect(await azure.until(collect(pool.map([3, 4].map(spec))))).toEqual(["job-3 failed", "job-4 failed"]);
  });

  it("yields in the order of the specs where that is wanted", async () => {
    const { azure, pool } = open({ concurrency: 2 });
    const slow = new Set(["job-0", "job-5"]);
    azure.before = (verb, subject) => {
      // Their logs come late.
      if (verb === "readLogs" && slow.size > 0 && azure.puts.findIndex(({ name }) => name === subject) % 5 === 0 && azure.clock.now() < Date.UTC(2026, 0, 1, 0, 0, 20)) throw azure.fault({ statusCode: 503 });
    };
    const specs = Array.from({ length: 12 }, (_unused, index) => spec(index));
    const yielded = await azure.until(collect(pool.map(specs, { ordered: true })));
    expect(yielded).toEqual(specs.map(({ key }) => `${String(key)} succeeded`));
  });

  it("takes no more specs than it needs to be busy, and none while nobody takes results", async () => {
    const { azure, pool } = open({ concurrency: 5 });
    let taken = 0;
    const results = pool.map((function* () {
      while (taken < 100) yield spec(taken++);
    })());
    const first = results.next();
    await azure.until(first);
    await azure.clock.advance(3_600_000);
    expect(taken).toBeLessThanOrEqual(12);
    expect(azure.groups.size).toBe(0);
    const left = await azure.until(collect(results));
    expect(left).toHaveLength(99);
  });

  it("yields what is there while the source of specs is slow", async () => {
    const { azure, pool } = open();
    const seen: string[] = [];
    const all = collect(pool.map((async function* () {
      yield spec(0);
      await azure.clock.sleep(3_600_000);
      yield spec(1);
    })()), seen);
    await azure.clock.advance(60_000);
    expect(seen).toEqual(["job-0 succeeded"]);
    await azure.until(all);
    expect(seen).toHaveLength(2);
  });

  it("cancels what it has begun when nobody takes results any more", async () => {
    const { azure, pool } = open({ concurrency: 4 });
    let isClosed = false;
    const specs = function* (): Generator<ContainerJobSpec> {
      try {
        for (let index = 0; ; index++) yield spec(index);
      } finally {
        isClosed = true;
      }
    };
    const leaving = (async () => {
      for await (const { outcome } of pool.map(specs())) return outcome;
      return "none";
    })();
    expect(await azure.until(leaving)).toBe("succeeded");
    expect([azure.groups.size, isClosed, pool.stats.running, pool.stats.queued]).toEqual([0, true, 0, 0]);
    // The pool itself goes on.
    await azure.until(pool.run({ image: "a" }));
  });

  it("throws what the source throws, and what is no spec, and leaves nothing", async () => {
    const { azure, pool } = open();
    const broken = (function* () {
      yield spec(0);
      throw new Error("the queue is gone");
    })();
    await expect(azure.until(collect(pool.map(broken)))).rejects.toThrow("the queue is gone");
    await expect(azure.until(collect(pool.map([spec(1), { image: "" }])))).rejects.toBeInstanceOf(TypeError);
    expect(azure.groups.size).toBe(0);
  });

  it.each<[string, unknown, string]>([["nothing", undefined, "undefined"], ["null", null, "null"], ["a text", "text", "string"], ["one spec", { image: "a" }, "object"], ["a promise", Promise.resolve([]), "object"], ["a number", 3, "number"]])("refuses %s in the place of specs at once", (_name, specs, type) => {
    const { pool } = open();
    expect(() => pool.map(specs as never)).toThrow(new TypeError(`Expected \`specs\` to be an array, or something else that can be iterated, got ${type}.`));
  });

  it("refuses options that cannot be right at once", () => {
    const { pool } = open();
    expect(() => pool.map([], { ordered: "yes" } as never)).toThrow(new TypeError('Expected `ordered` to be a boolean, got `"yes"` (string).'));
    expect(() => pool.map([], null as never)).toThrow(/^Expected `options` to be an object/u);
    expect(() => pool.map([], { abortSignal: new AbortController() } as never)).toThrow(/^Expected `abortSignal` to be an AbortSignal/u);
  });

  it("says which of the specs cannot be right", async () => {
    const { azure, pool } = open();
    const of = (specs: readonly unknown[]): Promise<string[]> => azure.until(collect(pool.map(specs as ContainerJobSpec[])));
    const error = await of([spec(0), { key: "nightly", image: "a", cpu: -1 }]).catch((reason: unknown) => reason as RangeError);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: 'In `specs[1]` (key "nightly"): Expected `cpu` to be a number greater than 0, got `-1` (number).', cause: expect.any(RangeError) as RangeError });
    await expect(of([{ image: "" }])).rejects.toThrow(/^In `specs\[0\]`: Expected `image`/u);
    await expect(of([spec(0), spec(1), undefined])).rejects.toThrow(/^In `specs\[2\]`: Expected `spec` to be an object, got `undefined` \(undefined\)\.$/u);
    await expect(of([{ ...spec(3), key: 5 }])).rejects.toThrow(/^In `specs\[0\]`: Expected `key`/u);
    await expect(of([{ key: "k".repeat(1000), image: "" }])).rejects.toThrow(/^In `specs\[0\]` \(key "k{80}…"\): /u);
  });

  it.each(["a store", "none"])("tells of a job that has run, and could not be tried again for want of a secret, as such, with %s", async (which) => {
    const store = which === "none" ? undefined : memoryStore();
    let asked = 0;
    const { azure, pool } = open({ retry: { exitCodes: "nonZero", maxAttempts: 3 }, secrets: () => (++asked === 1 ? "hush" : undefined), store });
    azure.exitCode = 3;
    const results: JobResult[] = [];
    await azure.until((async () => {
      for await (const result of pool.map([{ key: "k", image: "a", environment: { TOKEN: { secret: "token" } } }])) results.push(result);
    })());
    expect(results).toMatchObject([{ outcome: "neverStarted", attempt: 2, error: { code: "ACI_JOB_NEEDS_SECRETS" }, cleanup: "done", earlierAttempts: [{ attempt: 1, outcome: "failed", exitCode: 3 }] }]);
    expect(results[0]?.cost.amount).toBeGreaterThan(0);
    expect(azure.groups.size).toBe(0);
    if (store === undefined) return;
    // Whoever has the secret goes on with it.
    azure.exitCode = 0;
    const other = new JobPool(azure.client({ requestBudget: "unlimited" }), { store, secrets: () => "hush" });
    expect(await azure.until(collect(other.recover()))).toEqual(["k succeeded"]);
    expect(azure.puts).toHaveLength(2);
  });

  it("goes on with the others where a job fails with a TypeError of somebody else", async () => {
    const kept = memoryStore();
    let writes = 0;
    const write: typeof kept.write = async (key, value, version) => {
      if (version === "absent" && key.includes("/jobs/") && ++writes === 5) throw new TypeError("fetch failed");
      return kept.write(key, value, version);
    };
    const { azure, pool } = open({ store: { ...kept, write }, concurrency: 10 });
    const yielded = await azure.until(collect(pool.map(Array.from({ length: 10 }, (_unused, index) => spec(index)))));
    expect(yielded.sort()).toEqual(Array.from({ length: 10 }, (_unused, index) => `job-${index} ${index === 4 ? "notRun" : "succeeded"}`));
  });

  it("rejects when the pool is detached, which tells the handles of all jobs", async () => {
    const handles: JobHandle[] = [];
    const { azure, pool } = open({ concurrency: 3, onEvent: (event) => event.type === "poolFinished" && event.handle !== undefined && handles.push(event.handle) });
    azure.runsInMs = 600_000;
    const all = collect(pool.map([0, 1, 2, 3, 4].map(spec)));
    await azure.clock.advance(5000);
    await Promise.all([azure.until(pool.detach()), expect(all).rejects.toMatchObject({ code: "ACI_JOB_DETACHED" })]);
    expect(azure.groups.size).toBe(3);
    const client = azure.client({ requestBudget: "unlimited" });
    const results = await azure.until(Promise.all(handles.map(async (handle) => (await resumeContainerJob(client, handle)).pollUntilDone())));
    expect(results.map(({ key, outcome }) => `${key} ${outcome}`).sort()).toEqual([0, 1, 2, 3, 4].map((index) => `job-${index} succeeded`));
    expect(azure.puts).toHaveLength(5);
  });

  it("yields a job that is refused as not run", async () => {
    const { azure, pool } = open();
    const first = pool.run({ key: "same", image: "a" });
    await azure.clock.advance(5000);
    const other = azure.until(collect(pool.map([{ key: "same", image: "b" }])));
    expect(await other).toEqual(["same notRun"]);
    await azure.until(first);
  });

  it("yields nothing for no specs, and stops when it is aborted", async () => {
    const { azure, pool } = open();
    expect(await azure.until(collect(pool.map([])))).toEqual([]);
    const controller = new AbortController();
    const all = collect(pool.map([0, 1].map(spec), { abortSignal: controller.signal }));
    await azure.clock.advance(4000);
    controller.abort(new Error("enough"));
    expect(await azure.until(all)).toEqual(["job-0 canceled", "job-1 canceled"]);
    expect(() => {
      pool.map([], { order: true } as never);
    }).toThrow("order");
  });

  it("ends when it is aborted, and takes no more specs", async () => {
    const { azure, pool } = open({ concurrency: 2 });
    const abort = new AbortController();
    let taken = 0;
    const specs = (function* () {
      for (;;) yield spec(taken++);
    })();
    const all = collect(pool.map(specs, { abortSignal: abort.signal }));
    await azure.clock.advance(5000);
    abort.abort();
    await azure.clock.advance(0);
    const yielded = await azure.until(all);
    expect(new Set(yielded.map((line) => line.split(" ")[1]))).toEqual(new Set(["canceled"]));
    expect(taken).toBeLessThanOrEqual(5);
    expect(specs.next().done).toBe(true);
  });

  it("ends when the pool is closed, while the source of specs has none", async () => {
    const { azure, pool } = open({ concurrency: 2 });
    const all = collect(pool.map((async function* () {
      yield spec(0);
      await azure.clock.sleep(30 * 86_400_000);
      yield spec(1);
    })()));
    await azure.clock.advance(5000);
    const closed = pool.close();
    await azure.until(closed);
    await expect(all).resolves.toEqual(["job-0 succeeded"]);
  });

  it("waits for room where others fill the pool", async () => {
    const { azure, pool } = open({ concurrency: 1, maxQueue: 2 });
    const [one, other] = [collect(pool.map([0, 1, 2, 3, 4].map(spec))), collect(pool.map([5, 6, 7, 8, 9].map(spec)))];
    const yielded = await azure.until(Promise.all([one, other]));
    expect(yielded.flat().sort()).toEqual(Array.from({ length: 10 }, (_unused, index) => `job-${index} succeeded`));
  });

  it("takes more in when the concurrency is raised", async () => {
    const { azure, pool } = open({ concurrency: 1 });
    azure.runsInMs = 60_000;
    const all = collect(pool.map(Array.from({ length: 20 }, (_unused, index) => spec(index))));
    await azure.clock.advance(10_000);
    pool.concurrency = 20;
    await azure.clock.advance(10_000);
    expect(azure.groups.size).toBe(20);
    await azure.until(all);
  });

  it("tells its own error, and not that of a source that cannot be left", async () => {
    const { azure, pool } = open();
    const specs: Iterable<ContainerJobSpec> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: spec(0) }),
        return: () => {
          throw new Error("not now");
        },
      }),
    };
    await expect(azure.until((async () => {
      for await (const { key } of pool.map(specs)) throw new Error(`enough of ${key}`);
    })())).rejects.toThrow("enough of job-0");
  });

  it("takes a field that is undefined for none", async () => {
    const { azure, pool } = open();
    const specs = Object.assign([spec(0)], { [Symbol.asyncIterator]: undefined });
    expect(await azure.until(collect(pool.map(specs)))).toHaveLength(1);
  });

  it("leaves nothing on the signal that it was given, with a store and without", async () => {
    for (const store of [undefined, memoryStore()]) {
      const { azure, pool } = open(store && { store });
      const { signal } = new AbortController();
      await azure.until(collect(pool.map([0, 1].map(spec), { abortSignal: signal })));
      await azure.clock.advance(0);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      const unopened = { [Symbol.iterator]: () => { throw new Error("not now"); } } as Iterable<ContainerJobSpec>;
      await expect(collect(pool.map(unopened, { abortSignal: signal }))).rejects.toThrow("not now");
      expect(getEventListeners(signal, "abort")).toEqual([]);
    }
  });
});
