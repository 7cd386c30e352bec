import { describe, expect, it } from "vitest";
import type { JobStore, StoredEntry } from "aci-lifecycle";

/** What a store lists under a prefix, in the order of the keys. */
export async function entriesOf(store: JobStore, prefix: string): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for await (const entry of store.list?.(prefix) ?? []) entries.push(entry);
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** What every store does. `make` answers the same store's values to each caller, as processes that share it have them. */
export function storeContract(name: string, make: () => JobStore): void {
  describe(name, () => {
    it("writes over the version that the writer has seen, and over no other", async () => {
      const store = make();
      expect(await store.read("a/b")).toBeUndefined();
      const first = await store.write("a/b", { n: 1 }, "absent");
      expect(first).toBeDefined();
      expect(await store.write("a/b", { n: 2 }, "absent")).toBeUndefined();
      const second = await store.write("a/b", { n: 2 }, first ?? "");
      expect(await store.write("a/b", { n: 3 }, first ?? "")).toBeUndefined();
      expect(await store.read("a/b")).toEqual({ value: { n: 2 }, version: second });
      const third = await store.write("a/b", { n: 3 }, second ?? "");
      expect(await store.read("a/b")).toEqual({ value: { n: 3 }, version: third });
      await store.delete("a/b");
      await store.delete("a/b");
      expect(await store.read("a/b")).toBeUndefined();
      expect(await store.write("a/b", { n: 4 }, third ?? "")).toBeUndefined();
    });

    it("has no version again after a delete, by which a late writer would win", async () => {
      const store = make();
      const seen = new Set<string | undefined>();
      for (let i = 0; i < 20; i++) {
        const first = await store.write("again", i, "absent");
        const second = await store.write("again", "more", first ?? "");
        for (const version of [...seen]) expect(await store.write("again", "late", version ?? "")).toBeUndefined();
        for (const version of [first, second]) expect(seen.size).toBeLessThan(seen.add(version).size);
        await store.delete("again");
      }
      expect(seen).not.toContain(undefined);
    });

    it("lets one of many writers win, be it where nothing is or over one version", async () => {
      const store = make();
      for (const ifVersion of ["absent", undefined]) {
        const version = ifVersion ?? (await store.read("race"))?.version ?? "";
        const versions = await Promise.all(Array.from({ length: 20 }, (_, i) => store.write("race", i, version)));
        const won = versions.flatMap((one, i) => (one === undefined ? [] : [i]));
        expect(won).toHaveLength(1);
        expect(await store.read("race")).toEqual({ value: won[0], version: versions[won[0] ?? 0] });
      }
    });

    it("hands out copies", async () => {
      const store = make();
      const value = { list: [1] };
      await store.write("copy", value, "absent");
      value.list.push(2);
      expect((await store.read("copy"))?.value).toEqual({ list: [1] });
    });

    it("lists what begins with a prefix, as it is read, and nothing else", async () => {
      const store = make();
      expect(await entriesOf(store, "list/")).toEqual([]);
      const keys = ["list/a", "list/a/b", "list/ä ü", "list/%", "list/x~0?#\\ü'\n\u{1f600}", "list", "List/a", "lis/a", "list0", "elsewhere"];
      for (const key of keys) await store.write(key, { key }, "absent");
      await store.write("list/a", { n: 2 }, (await store.read("list/a"))?.version ?? "");
      const listed = await entriesOf(store, "list/");
      expect(listed.map(({ key }) => key)).toEqual(keys.filter((key) => key.startsWith("list/")).sort());
      for (const { key, ...found } of listed) expect(await store.read(key)).toEqual(found);
      expect((await entriesOf(store, "list/a")).map(({ key }) => key)).toEqual(["list/a", "list/a/b"]);
      expect((await entriesOf(store, "")).length).toBeGreaterThanOrEqual(keys.length);
      await store.delete("list/a");
      expect((await entriesOf(store, "list/a")).map(({ key }) => key)).toEqual(["list/a/b"]);
    });

    it("lists while others write and delete, every value that stays and none that was never there", async () => {
      const store = make();
      for (let i = 0; i < 10; i++) for (const kind of ["stays", "goes"]) await store.write(`busy/${kind}/${i}`, 0, "absent");
      const deleting = Promise.all(Array.from({ length: 10 }, (_, i) => store.delete(`busy/goes/${i}`)));
      const writing = (async () => {
        for (let n = 1; n <= 5; n++) for (let i = 0; i < 10; i++) await store.write(`busy/stays/${i}`, n, (await store.read(`busy/stays/${i}`))?.version ?? "");
      })();
      for (let i = 0; i < 5; i++) {
        const listed = await entriesOf(store, "busy/");
        expect(listed.filter(({ key }) => key.startsWith("busy/stays/")).map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, n) => `busy/stays/${n}`));
        for (const { value } of listed) expect([0, 1, 2, 3, 4, 5]).toContain(value);
      }
      await Promise.all([deleting, writing]);
      expect((await entriesOf(store, "busy/")).map(({ value }) => value)).toEqual(Array.from({ length: 10 }, () => 5));
    });
  });
}
