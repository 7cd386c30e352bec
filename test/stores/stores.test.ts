import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderStore, memoryStore } from "../../src/index.js";

const folder = await mkdtemp(join(tmpdir(), "store-"));
afterAll(() => rm(folder, { recursive: true }));

describe.each([
  ["memoryStore", () => memoryStore()],
  ["folderStore", () => folderStore(join(folder, "jobs"))],
])("%s", (_name, make) => {
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
  });

  it("lets one of many writers win", async () => {
    const store = make();
    const versions = await Promise.all(Array.from({ length: 20 }, (_, i) => store.write("race", i, "absent")));
    expect(versions.filter((version) => version !== undefined)).toHaveLength(1);
  });

  it("hands out copies", async () => {
    const store = make();
    const value = { list: [1] };
    await store.write("copy", value, "absent");
    value.list.push(2);
    expect((await store.read("copy"))?.value).toEqual({ list: [1] });
  });
});

describe("folderStore", () => {
  it("does not take a torn write for a value, and keeps values from other users", async () => {
    const place = join(folder, "torn");
    const store = folderStore(place);
    await store.write("k", { whole: true }, "absent");
    await writeFile(join(place, "0123456789abcdef.tmp"), '{"whole":fal');
    expect((await store.read("k"))?.value).toEqual({ whole: true });
    const [file] = (await readdir(place)).filter((name) => name.endsWith(".json"));
    expect((await stat(join(place, file ?? ""))).mode & 0o077).toBe(0);
  });

  it("falls back on the version before where a file is not whole, and writes after both", async () => {
    const place = join(folder, "broken");
    const store = folderStore(place);
    const first = await store.write("k", { n: 1 }, "absent");
    await store.write("k", { n: 2 }, first ?? "");
    const [older = "", latest = ""] = (await readdir(place)).sort();
    const text = await readFile(join(place, latest), "utf8");
    // Cut short anywhere, doubled, or with one byte changed.
    for (const broken of [...Array.from(text, (_char, end) => text.slice(0, end)), text + text, text.replace('"n":2', '"n":3')]) {
      await writeFile(join(place, latest), broken);
      expect(await store.read("k")).toEqual({ value: { n: 1 }, version: "2" });
    }
    expect(await store.write("k", { n: 3 }, "1")).toBeUndefined();
    expect(await store.write("k", { n: 3 }, "2")).toBe("3");
    expect((await store.read("k"))?.value).toEqual({ n: 3 });
    for (const name of await readdir(place)) await writeFile(join(place, name), "");
    await expect(store.read("k")).rejects.toThrow(/is whole/u);
    expect(older).not.toBe(latest);
  });
});
