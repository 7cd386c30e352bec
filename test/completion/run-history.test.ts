import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryStore, RunHistory, type EarlierRun, type JobStore, type JsonValue } from "../../src/index.js";

const run = (ranForInMs: number, more: Partial<EarlierRun> = {}): EarlierRun => ({ ranForInMs, hasSucceeded: true, ...more });
const again = (history: RunHistory): RunHistory => RunHistory.from(JSON.parse(JSON.stringify(history)) as JsonValue);
const lengths = (history: RunHistory, kind: string): number[] => history.of(kind).map(({ ranForInMs }) => ranForInMs);

describe("a history of runs", () => {
  it.each([undefined, null, {}, "./jobs"])("is not opened in %o", async (store) => {
    await expect(RunHistory.open(store as never)).rejects.toThrow(/^Expected `store` to be a JobStore, such as `folderStore\(\)` makes, got (undefined|null|object|string)\.$/u);
  });

  it("keeps the newest 32 of a kind, newest first", async () => {
    const history = new RunHistory();
    for (let length = 1; length <= 40; length++) await history.add("a", run(length));
    expect(lengths(history, "a")).toEqual(Array.from({ length: 32 }, (_unused, index) => 40 - index));
    expect(history.of("b")).toEqual([]);
  });

  it("keeps the thousand kinds that were used last", async () => {
    const history = new RunHistory();
    for (let kind = 0; kind < 1000; kind++) await history.add(`k${kind}`, run(1));
    history.of("k0");
    await history.add("new", run(1));
    expect([history.of("k0"), history.of("k1"), history.of("new")].map(({ length }) => length)).toEqual([1, 0, 1]);
  });

  it("is the same after it was JSON, and whoever was used last is still so", async () => {
    const history = new RunHistory();
    await history.add("a", run(1, { startedAfterInMs: 7 }));
    await history.add("b", run(2, { hasSucceeded: false }));
    await history.add("a", run(3));
    const copy = again(history);
    expect(copy.of("a")).toEqual([run(3), run(1, { startedAfterInMs: 7 })]);
    expect(copy.of("b")).toEqual([run(2, { hasSucceeded: false })]);
    expect(again(history).toJSON()).toEqual(history.toJSON());
  });

  it("leaves out what cannot be a run", async () => {
    const history = new RunHistory();
    for (const nonsense of [NaN, -1, Infinity, 1e300, "1" as never]) await history.add("a", run(nonsense));
    await history.add("", run(1));
    await history.add("x".repeat(300), run(1));
    await history.add("a", run(1, { startedAfterInMs: NaN }));
    expect(history.toJSON()).toEqual({ version: 1, kinds: [["a", [[1, 1]]]] });
  });

  it("believes nothing that it is given to read, and takes no more than it would keep", () => {
    expect(RunHistory.from({ kinds: [["a", [[1, 1, 2], [-1, 1], "x", [null], { ranForInMs: 3 }, [4, 7, "y"]]], ["b", "x"], ["", [[1, 1]]], 5, [5, [[1, 1]]], null] }).toJSON()).toEqual({ version: 1, kinds: [["a", [[1, 1, 2], [4, 0]]]] });
    const many = { kinds: Array.from({ length: 1500 }, (_unused, index) => [`k${index}`, Array.from({ length: 100 }, () => [1, 1])]) };
    const { kinds } = RunHistory.from(many).toJSON() as { kinds: [string, unknown[]][] };
    expect([kinds.length, kinds[0]?.[0], kinds[0]?.[1].length]).toEqual([1000, "k500", 32]);
    fc.assert(fc.property(fc.jsonValue(), (json) => void RunHistory.from(json as JsonValue).toJSON()));
    fc.assert(fc.property(fc.jsonValue(), (kinds) => void RunHistory.from({ kinds }).toJSON()));
  });
});

describe("a history in a store", () => {
  it("is there for the next process", async () => {
    const store = memoryStore();
    await (await RunHistory.open(store)).add("a", run(1));
    expect(lengths(await RunHistory.open(store), "a")).toEqual([1]);
  });

  it("has what all processes have added, each once", async () => {
    const store = memoryStore();
    const histories = await Promise.all([RunHistory.open(store), RunHistory.open(store), RunHistory.open(store)]);
    await Promise.all(histories.flatMap((history, process) => [1, 2, 3].map((number) => history.add("a", run(10 * process + number)))));
    const kept = lengths(await RunHistory.open(store), "a");
    expect(kept.sort((a, b) => a - b)).toEqual([1, 2, 3, 11, 12, 13, 21, 22, 23]);
    // A write brings what others have written.
    const [first] = histories as [RunHistory, ...RunHistory[]];
    await first.add("a", run(99));
    expect(lengths(first, "a")[0]).toBe(99);
    expect(lengths(first, "a")).toHaveLength(10);
  });

  it("goes on without a store that fails, and makes up for it when it works again", async () => {
    const good = memoryStore();
    let isBroken = true;
    const broken = (): void => {
      if (isBroken) throw new Error("the store is broken");
    };
    const store: JobStore = { read: (key) => (broken(), good.read(key)), write: (...given) => (broken(), good.write(...given)), delete: (key) => good.delete(key) };
    const history = await RunHistory.open(store);
    await history.add("a", run(1));
    expect(lengths(history, "a")).toEqual([1]);
    isBroken = false;
    await history.add("a", run(2));
    expect(lengths(history, "a")).toEqual([2, 1]);
    expect(lengths(await RunHistory.open(good), "a")).toEqual([2, 1]);
  });

  it("gives up a write that others always forestall", async () => {
    const history = await RunHistory.open({ ...memoryStore(), write: () => Promise.resolve(undefined) });
    await history.add("a", run(1));
    expect(lengths(history, "a")).toEqual([1]);
  });

  it("writes what was added meanwhile at once, not one by one", async () => {
    const good = memoryStore();
    let writes = 0;
    const history = await RunHistory.open({ ...good, write: (...given) => (writes++, good.write(...given)) });
    await Promise.all(Array.from({ length: 20 }, (_unused, index) => history.add("a", run(index + 1))));
    expect(writes).toBeLessThanOrEqual(3);
    expect(lengths(await RunHistory.open(good), "a")).toEqual(Array.from({ length: 20 }, (_unused, index) => 20 - index));
  });

  it("begins anew where what is stored is none", async () => {
    const store = memoryStore();
    await store.write("run-history", "nonsense", "absent");
    const history = await RunHistory.open(store);
    await history.add("a", run(1));
    expect(lengths(await RunHistory.open(store), "a")).toEqual([1]);
  });
});
