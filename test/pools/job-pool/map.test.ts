import { describe, expect, it } from "vitest";
import { JobPool, type ContainerJobSpec, type JobPoolOptions, type JobResult } from "../../../src/index.js";
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
});
