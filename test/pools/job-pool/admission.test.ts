import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JobPool, memoryStore, RequestBudget, type ContainerJobSpec, type JobPoolOptions } from "../../../src/index.js";
import { partsOf } from "../../../src/client/parts.js";
import { VirtualClock } from "../../../src/internal/clock.js";
import { Places } from "../../../src/pools/job-pool/admission/places.js";
import { Waiting } from "../../../src/pools/job-pool/admission/waiting.js";
import type { PoolJob } from "../../../src/pools/job-pool/pool-job.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const specs = (count: number, more: Partial<ContainerJobSpec> = {}): ContainerJobSpec[] => Array.from({ length: count }, (_unused, index) => ({ key: `job-${index}`, image: "a", ...more }));

function open(options: JobPoolOptions = {}, azure = new FakeAzure(), requestBudget: RequestBudget | "unlimited" = "unlimited"): { azure: FakeAzure; pool: JobPool; most: () => number } {
  let most = 0;
  const { after } = azure;
  azure.after = (verb) => {
    most = Math.max(most, azure.groups.size);
    after(verb);
  };
  return { azure, pool: new JobPool(azure.client({ requestBudget }), { concurrency: 1000, ...options }), most: () => most };
}
const inMost = (times: readonly number[], lengthInMs: number): number => Math.max(...times.map((time) => times.filter((other) => other > time - lengthInMs && other <= time).length));

describe("what waits", () => {
  it("comes out by priority, and in its order among equals", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ priority: fc.integer({ min: 0, max: 3 }), isGone: fc.boolean() })), (all) => {
        const waiting = new Waiting();
        const jobs = all.map(({ priority }, id) => ({ id, options: { priority }, spec: { image: "a" } }) as PoolJob);
        jobs.forEach((job) => waiting.add(job));
        all.forEach(({ isGone }, index) => isGone && waiting.remove(jobs[index] as PoolJob));
        const out: PoolJob[] = [];
        for (let next = waiting.peek(); next !== undefined; next = waiting.peek()) {
          out.push(next);
          waiting.remove(next);
        }
        const left = jobs.filter((_job, index) => all[index]?.isGone === false);
        expect(out).toEqual(left.sort((one, other) => (other.options.priority ?? 0) - (one.options.priority ?? 0) || one.id - other.id));
      }),
    );
  });
});

describe("the quota", () => {
  it("of groups is kept to, what others use of it included", async () => {
    const azure = new FakeAzure();
    azure.usages = () => [{ resource: "ContainerGroups", used: 3 + azure.groups.size, limit: 10 }];
    const { pool, most } = open({}, azure);
    await azure.until(Promise.all(specs(40).map((spec) => pool.run(spec))));
    expect(most()).toBe(7);
  });

  it("of cores is kept to", async () => {
    const azure = new FakeAzure();
    azure.usages = () => [{ resource: "StandardCores", used: 0, limit: 10 }];
    const { pool, most } = open({}, azure);
    await azure.until(Promise.all(specs(12, { cpu: 2, sidecars: [{ name: "side", image: "b", cpu: 1 }] }).map((spec) => pool.run(spec))));
    expect(most()).toBe(3);
  });

  it("is read again when it is used up by others, until there is room", async () => {
    const azure = new FakeAzure();
    azure.usages = () => [{ resource: "ContainerGroups", used: azure.clock.now() < Date.UTC(2026, 0, 1, 0, 10) ? 100 : 0, limit: 100 }];
    const { pool } = open({}, azure);
    const job = pool.run({ image: "a" });
    await azure.clock.advance(599_000);
    expect(azure.requests).not.toContain("put");
    expect(azure.requests.length).toBeLessThanOrEqual(21);
    await azure.until(job);
  });

  it("is read again where what is left of it is too little for a job", async () => {
    const azure = new FakeAzure();
    azure.usages = () => [{ resource: "StandardCores", used: azure.clock.now() < Date.UTC(2026, 0, 1, 0, 10) ? 9.5 : 0, limit: 10 }];
    const { pool } = open({}, azure);
    const job = pool.run({ image: "a" });
    await azure.clock.advance(660_000);
    expect(azure.requests).toContain("put");
    await azure.until(job);
  });

  it("is left to Azure for a job that is too large for it, or where it cannot be read", async () => {
    const azure = new FakeAzure();
    azure.usages = () => [{ resource: "StandardCores", used: 0, limit: 4 }];
    const { pool } = open({}, azure);
    await azure.until(pool.run({ image: "a", cpu: 8 }));
    azure.usages = () => {
      throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    await azure.until(new JobPool(azure.client()).run({ image: "a" }));
    expect(azure.puts).toHaveLength(2);
  });
});

describe("a quota that is not told", () => {
  it.each([["destroyed", true], ["detached", true], ["closed once its jobs are canceled", false]])("keeps no pool that is %s", async (how, isTold) => {
    const azure = new FakeAzure();
    const signals: (AbortSignal | undefined)[] = [];
    azure.usages = (_location, { abortSignal }) => {
      signals.push(abortSignal);
      return new Promise(() => undefined) as never;
    };
    const { pool } = open({}, azure);
    const abort = new AbortController();
    const all = Promise.allSettled(specs(3).map((spec) => pool.run(spec, { abortSignal: abort.signal })));
    await azure.clock.advance(1000);
    if (how.startsWith("closed")) abort.abort();
    await azure.until(how === "destroyed" ? pool.destroy() : how === "detached" ? pool.detach() : pool.close());
    await azure.until(pool.onIdle());
    expect((await all).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(signals.map((signal) => signal?.aborted)).toEqual([isTold]);
  });
});

describe("how many may wait", () => {
  it.each([["while no quota was read yet", undefined, false], ["once it is known", undefined, true], ["that are written to a store first", memoryStore(), true]])("does not count those that have a place, %s", async (_when, store, isKnown) => {
    const { azure, pool } = open({ concurrency: 20, maxQueue: 10, ...(store && { store }) });
    if (isKnown) await azure.until(pool.run({ key: "first", image: "a" }));
    const all = await azure.until(Promise.allSettled(specs(40).map((spec) => pool.run(spec))));
    const refused = all.filter((one) => one.status === "rejected");
    expect(refused.map((one) => (one.reason as { code?: string }).code)).toEqual(Array.from({ length: 10 }, () => "ACI_POOL_FULL"));
  });

  it("counts those that the quota has no room for, and all while the pool is paused", async () => {
    const azure = new FakeAzure();
    azure.usages = () => [{ resource: "ContainerGroups", used: 95, limit: 100 }];
    const { pool } = open({ maxQueue: 10 }, azure);
    await azure.until(pool.run({ image: "a" }));
    const took = async (count: number): Promise<number> => (await azure.until(Promise.allSettled(specs(count).map((spec) => pool.run(spec))))).filter(({ status }) => status === "fulfilled").length;
    expect(await took(40)).toBe(15);
    pool.pause();
    const paused = took(40);
    await azure.clock.advance(1000);
    pool.resume();
    expect(await paused).toBe(10);
  });
});

describe("locations", () => {
  it("have jobs in proportion to their weights, as long as they have room", async () => {
    const azure = new FakeAzure();
    azure.usages = (location) => [{ resource: "ContainerGroups", used: 0, limit: location === "c" ? 2 : 100 }];
    const { pool } = open({ locations: [{ location: "a", weight: 3 }, "b", { location: "c", weight: 2 }] }, azure);
    const all = Promise.all(specs(26).map((spec) => pool.run(spec)));
    await azure.clock.advance(5000);
    const count = (place: string): number => azure.puts.filter(({ location }) => location === place).length;
    expect([count("a"), count("b"), count("c")]).toEqual([18, 6, 2]);
    await azure.until(all);
  });

  it("without room are left out for a while, and jobs go on elsewhere", async () => {
    const azure = new FakeAzure();
    azure.before = (verb, subject) => {
      if (verb === "put" && (subject as { location?: string }).location === "a") throw azure.fault({ statusCode: 409, serviceCode: "ServiceUnavailable", serviceText: "The requested resource is not available in the location 'a' at this moment." });
    };
    const { pool } = open({ locations: ["a", "b"], concurrency: 2 }, azure);
    const results = await azure.until(Promise.all(specs(8).map((spec) => pool.run(spec))));
    expect(results.map(({ location }) => location)).toEqual(Array.from({ length: 8 }, () => "b"));
    expect(results.filter(({ earlierAttempts }) => earlierAttempts.length > 0).length).toBeLessThanOrEqual(2);
  });

  it.each([["says so when it is read again", true], ["cannot be read", false]])("whose quota others have used up are tried last, where Azure %s", async (_how, isRead) => {
    const azure = new FakeAzure();
    azure.runsInMs = 60_000;
    let refusals = 0;
    azure.usages = (location) => (isRead ? [{ resource: "ContainerGroups", used: location === "a" && refusals > 0 ? 100 : 0, limit: 100 }] : []);
    azure.before = (verb, subject) => {
      if (verb !== "put" || (subject as { location?: string }).location !== "a") return;
      refusals++;
      throw azure.fault({ statusCode: 400, serviceCode: "ContainerGroupQuotaReached", serviceText: "container group quota 'ContainerGroups' exceeded in region 'a'. Limit: '100', Usage: '100' Requested: '1'." });
    };
    const { pool } = open({ locations: ["a", "b"], concurrency: 20 }, azure);
    const results = await azure.until(Promise.all(specs(80).map((spec) => pool.run(spec))));
    expect(new Set(results.map(({ location }) => location))).toEqual(new Set(["b"]));
    // Those that were begun before the first was refused.
    expect(refusals).toBe(10);
    expect(azure.clock.now()).toBeLessThan(Date.UTC(2026, 0, 1, 0, 5));
  });

  it("whose quota Azure says is used up leave the next group to the job that was refused", () => {
    const places = new Places([{ location: "a", weight: 1 }], partsOf(new FakeAzure().client()).gateway, new VirtualClock(), { onRead: () => undefined, stopSignal: new AbortController().signal });
    const jobs = Array.from({ length: 5 }, (_unused, id) => ({ id, options: {}, spec: { image: "a" }, cores: 1, location: "a" }) as unknown as PoolJob);
    const [one, other, , refused, next] = jobs as [PoolJob, PoolJob, PoolJob, PoolJob, PoolJob];
    jobs.slice(0, 4).forEach((job) => places.take(job));
    places.refuse(refused, "quota");
    const ended = (job: PoolJob): readonly string[] => {
      places.giveBack(job);
      return places.choose(next, new Set());
    };
    expect([ended(one), ended(other)]).toEqual([[], ["a"]]);
  });

  it("that are full hold up those only that must run there", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    azure.usages = (location) => [{ resource: "ContainerGroups", used: 0, limit: location === "a" ? 1 : 100 }];
    const { pool } = open({ locations: ["a", "b"] }, azure);
    const bound = specs(3, { location: "A" }).map((spec) => pool.run({ ...spec, key: `bound-${String(spec.key)}` }, { priority: 1 }));
    const free = specs(5).map((spec) => pool.run(spec));
    await azure.clock.advance(60_000);
    expect(azure.puts.map(({ location }) => location).sort()).toEqual(["A", "b", "b", "b", "b", "b"]);
    await azure.until(Promise.all([...bound, ...free]));
  });

  it("are not taken by others from a job that waits for room there", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 600_000;
    azure.usages = () => [{ resource: "StandardCores", used: 0, limit: 4 }];
    const { pool } = open({ locations: ["a"] }, azure);
    const small = specs(2).map((spec) => pool.run(spec));
    const large = pool.run({ key: "large", image: "a", cpu: 4, location: "a" }, { priority: 1 });
    const more = specs(10).map((spec) => pool.run({ ...spec, key: `more-${String(spec.key)}` }));
    await azure.until(Promise.all([...small, large, ...more]));
    expect(azure.puts.findIndex(({ containers }) => (containers[0]?.cpu ?? 1) === 4)).toBeLessThanOrEqual(2);
  });

  it("that were full are gone to, too, where Azure has no room in those that were not", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 60_000;
    azure.usages = (location) => [{ resource: "ContainerGroups", used: 0, limit: location === "a" ? 1 : 100 }];
    azure.before = (verb, subject) => {
      if (verb === "put" && (subject as { location?: string }).location === "b") throw azure.fault({ statusCode: 409, serviceCode: "ServiceUnavailable", serviceText: "The requested resource is not available in the location 'b' at this moment." });
    };
    const { pool } = open({ locations: ["a", "b"] }, azure);
    const results = await azure.until(Promise.all(specs(2).map((spec) => pool.run(spec))));
    expect(results.map(({ location }) => location)).toEqual(["a", "a"]);
  });

  it("of a spec are where it stays", async () => {
    const { azure, pool } = open({ locations: ["a", "b"] });
    const results = await azure.until(Promise.all(specs(4, { location: "d" }).map((spec) => pool.run(spec))));
    expect(new Set(results.map(({ location }) => location))).toEqual(new Set(["d"]));
  });
});

describe("the request budget of a pool", () => {
  it("is not held by jobs that rest before they are tried again", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 75;
    const { pool } = open({ retry: { exitCodes: [75], maxAttempts: 2, firstDelayInMs: 250_000 } }, azure, new RequestBudget({ createsPerFiveMinutes: 4 }));
    const resting = specs(2).map((spec) => pool.run(spec).catch(() => undefined));
    await azure.clock.advance(60_000);
    expect(azure.puts).toHaveLength(2);
    const others = specs(2).map((spec) => pool.run({ ...spec, key: `other-${String(spec.key)}` }).catch(() => undefined));
    await azure.clock.advance(30_000);
    expect(azure.puts).toHaveLength(4);
    await azure.until(Promise.all([...resting, ...others]));
  });

  it("has no more groups created than ACI takes, in any five minutes and any hour", async () => {
    const azure = new FakeAzure();
    const creates: number[] = [];
    azure.before = (verb) => {
      if (verb === "put") creates.push(azure.clock.now());
    };
    const { pool } = open({}, azure, new RequestBudget({ createsPerFiveMinutes: 20, createsPerHour: 50 }));
    const results = await azure.until(Promise.all(specs(120).map((spec) => pool.run(spec))));
    expect(results).toHaveLength(120);
    expect(inMost(creates, 300_000)).toBe(20);
    expect(inMost(creates, 3_600_000)).toBe(50);
    // They wait in the pool, not half begun.
    expect(results.every(({ requests }) => requests <= 14)).toBe(true);
    expect(creates.at(-1)).toBeLessThan((creates[0] ?? 0) + 2 * 3_600_000 + 60_000);
  });
});
