import { describe, expect, it } from "vitest";
import type { JobStore } from "../../../../src/index.js";
import { collect, specs, world, type World } from "./world.js";

// A store of a process that dies between taking its jobs and saying so of their handles.
function diesBeforeItBegins({ store }: World): JobStore {
  return { ...store, write: async (key, value, version) => (key.startsWith("jobs/") ? new Promise(() => undefined) : store.write(key, value, version)) };
}

// What an hour of a container of the default size costs is about 0.05 USD: one of these jobs is beyond it.
const LITTLE = 0.0002;

describe("what a pool takes for begun", () => {
  it("is not what another process had only taken: it runs where the pool runs, within quota and money", async () => {
    const here = world();
    const { azure, start } = here;
    azure.runsInMs = 60_000;
    const first = start({ store: diesBeforeItBegins(here), locations: ["northeurope"], concurrency: 20 });
    for (const spec of specs(20)) void first.pool.run(spec);
    await azure.clock.advance(1000);
    first.kill();
    await azure.clock.advance(60_000);
    expect(azure.puts).toHaveLength(0);
    azure.usages = () => [{ resource: "ContainerGroups", used: azure.groups.size, limit: 2 }];
    let most = 0;
    azure.after = () => (most = Math.max(most, azure.groups.size));
    const second = start({ locations: ["northeurope"], spendingLimit: LITTLE });
    const results = await azure.until(collect(second.pool.recover()));
    expect(most).toBe(2);
    expect(new Set(azure.puts.map(({ location }) => location))).toEqual(new Set(["northeurope"]));
    expect(results.filter((line) => line.endsWith("succeeded"))).toHaveLength(2);
    expect(results.filter((line) => line.endsWith("notRun"))).toHaveLength(18);
  });

  it("is not what was never tried, as the store says: it is begun anew like any other", async () => {
    const { azure, start } = world();
    let isAway = true;
    const secrets = async (): Promise<string> => (isAway ? Promise.reject(new Error("the vault is away")) : "hush");
    azure.before = (verb) => {
      if (verb === "get" && isAway) throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    const options = { secrets, locations: ["northeurope"] };
    const [spec] = [{ key: "a", image: "a", environment: { TOKEN: { secret: "t" } } }];
    expect(await azure.until(collect(start(options).pool.map([spec])))).toEqual(["a notRun"]);
    isAway = false;
    azure.usages = () => [{ resource: "ContainerGroups", used: azure.clock.now() < Date.UTC(2026, 0, 1, 1) ? 100 : 0, limit: 100 }];
    expect(await azure.until(collect(start(options).pool.map([spec])))).toEqual(["a succeeded"]);
    expect(azure.puts.map(({ location }) => location)).toEqual(["northeurope"]);
    expect(azure.clock.now()).toBeGreaterThan(Date.UTC(2026, 0, 1, 1));
  });

  it("is what another process has begun: its result is had though this one has no money left", async () => {
    const { azure, start } = world();
    azure.runsInMs = 60_000;
    const [first, second] = [start(), start({ spendingLimit: LITTLE })];
    const list = specs(8);
    const all = collect(first.pool.map(list));
    const others = await azure.until(collect(second.pool.map([...list].reverse())));
    expect(others.sort()).toEqual((await azure.until(all)).sort());
    expect(others.every((line) => line.endsWith("succeeded"))).toBe(true);
    expect(azure.puts).toHaveLength(8);
  });

  it("is what a process that has died had running: it is carried on though this one has no money left", async () => {
    const { azure, start } = world();
    azure.runsInMs = 300_000;
    const [first, second] = [start(), start({ spendingLimit: LITTLE })];
    const list = specs(4);
    void collect(first.pool.map(list));
    const others = collect(second.pool.map([...list].reverse()));
    await azure.clock.advance(20_000);
    first.kill();
    expect((await azure.until(others)).every((line) => line.endsWith("succeeded"))).toBe(true);
    expect(azure.groups.size).toBe(0);
    expect(azure.puts).toHaveLength(4);
  });

  it("is looked for before it is given back, also what others have begun since it came here", async () => {
    const { azure, start } = world();
    azure.runsInMs = 60_000;
    const [first, second] = [start(), start({ spendingLimit: LITTLE, concurrency: 1 })];
    const [mine, theirs, nobodys] = [{ key: "mine", image: "a" }, { key: "theirs", image: "a" }, { key: "nobodys", image: "a" }];
    const others = collect(second.pool.map([mine, theirs, nobodys]));
    await azure.clock.advance(5000);
    const one = first.pool.run(theirs);
    expect((await azure.until(others)).sort()).toEqual(["mine succeeded", "nobodys notRun", "theirs succeeded"]);
    await azure.until(one);
    expect(azure.puts).toHaveLength(2);
  });

  it("waits for no quota to have a result that another process has come to", async () => {
    const { azure, start } = world();
    azure.runsInMs = 60_000;
    const groupsIn = (location: string): number => [...azure.groups.values()].filter(({ spec }) => spec.location === location).length;
    azure.usages = (location) => (location === "westeurope" ? [{ resource: "ContainerGroups", used: groupsIn(location), limit: 1 }] : []);
    const [first, second] = [start({ locations: ["northeurope"] }), start()];
    second.pool.pause();
    const others = Promise.all(specs(2).map((spec) => second.pool.run(spec))).then(() => azure.clock.now());
    const mine = second.pool.run({ key: "mine", image: "a" }).then(() => azure.clock.now());
    for (const spec of specs(2)) void first.pool.run(spec);
    await azure.clock.advance(40_000);
    // It finds out that others have the first two. The third takes all the room there is, until long after those are done.
    second.pool.resume();
    expect((await azure.until(mine)) - (await azure.until(others))).toBeGreaterThan(20_000);
  });
});
