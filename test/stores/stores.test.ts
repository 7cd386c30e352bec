import { createHash } from "node:crypto";
import fs, { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderStore, memoryStore, type JobStore, type JsonValue } from "../../src/index.js";
import { entriesOf, storeContract } from "./contract.js";

const folder = await mkdtemp(join(tmpdir(), "store-"));
afterAll(() => rm(folder, { recursive: true }));

const memory = memoryStore();
storeContract("memoryStore", () => memory);
storeContract("folderStore", () => folderStore(join(folder, "jobs")));

// Puts something in the place of what Node does.
function replaceInFs(name: "readdir" | "link" | "rename" | "rm", by: unknown): void {
  Object.assign(fs, { [name]: by });
  syncBuiltinESMExports();
}

// Does something before, or after, what is written next has its name, as if its process were slow.
async function whileHeld<T>(when: "before" | "after", write: () => Promise<T>, work: () => Promise<unknown>): Promise<T> {
  const { link } = fs;
  replaceInFs("link", async (from: string, to: string) => {
    replaceInFs("link", link);
    if (when === "before") await work();
    await link(from, to);
    if (when === "after") await work();
  });
  try {
    return await write();
  } finally {
    replaceInFs("link", link);
  }
}

// Writes values one over the other, and answers the versions.
async function writeAll(store: JobStore, key: string, values: readonly JsonValue[], over = "absent"): Promise<string[]> {
  const versions: string[] = [];
  for (const value of values) versions.push((await store.write(key, value, versions.at(-1) ?? over)) ?? "refused");
  return versions;
}

// The folder of a key.
function placeOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

function next(version: string): string {
  return String(Number(version) + 1);
}

async function filesIn(place: string): Promise<string[]> {
  return (await readdir(place, { recursive: true })).filter((name) => name.endsWith(".json")).sort();
}

describe("folderStore", () => {
  it.each([undefined, "", 5, { folder: "jobs" }])("is refused at once for %o", (place) => {
    expect(() => folderStore(place as string)).toThrow(/^Expected `folder` to be a non-empty string, got /u);
    expect(() => folderStore(place as string)).toThrow(TypeError);
  });

  it("does as much for a key however many others there are", async () => {
    const place = join(folder, "many");
    const store = folderStore(place);
    for (let i = 0; i < 30; i++) await store.write(`other ${i}`, i, "absent");
    const { readdir: list } = fs;
    let listed = 0;
    const counting = async (path: string): Promise<string[]> => {
      const names = await list(path);
      listed += names.length;
      return names;
    };
    replaceInFs("readdir", counting);
    try {
      await writeAll(store, "k", [1, 2]);
      expect((await store.read("k"))?.value).toBe(2);
      await store.delete("k");
    } finally {
      replaceInFs("readdir", list);
    }
    expect(listed).toBeGreaterThan(0);
    expect(listed).toBeLessThan(10);
  });

  it("clears away what writes that died have left, and not what is being written", async () => {
    const place = join(folder, "left");
    const first = (await folderStore(place).write("k", 1, "absent")) ?? "";
    const [dead, alive] = [join(place, "aside", "dead"), join(place, "aside", "alive")];
    for (const path of [dead, alive]) await writeFile(path, "half");
    const created = join(place, "aside", "created");
    await mkdir(created);
    await writeFile(join(created, "000000000001.json"), "half");
    for (const path of [dead, created]) await utimes(path, new Date(0), new Date(0));
    expect(await folderStore(place).write("k", 2, first)).toBe(next(first));
    expect(await readdir(join(place, "aside"))).toEqual(["alive"]);
  });

  it("leaves nothing of a key that is deleted, and writes on while others delete", async () => {
    const place = join(folder, "deleted");
    const store = folderStore(place);
    await store.write("k", 1, "absent");
    await store.delete("k");
    expect(await readdir(place)).toEqual(["aside"]);
    const deleting = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) await store.delete("k");
    };
    const writing = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) await store.write("k", i, (await store.read("k"))?.version ?? "absent");
    };
    await Promise.all([deleting(), writing(), writing()]);
    const last = (await store.read("k"))?.version ?? "absent";
    const version = await store.write("k", "last", last);
    expect(await store.read("k")).toEqual({ value: "last", version });
  });

  it.each([2, 3, 5])("refuses a write that is slower than %i others, and shows it to nobody", async (others) => {
    const place = join(folder, `slow-${others}`);
    const [slow, fast] = [folderStore(place), folderStore(place)];
    const [, , third = ""] = await writeAll(slow, "k", [1, 2, 3]);
    const faster = Array.from({ length: others }, (_, i) => `fast ${i}`);
    let versions: string[] = [];
    expect(await whileHeld("before", () => slow.write("k", "late", third), async () => (versions = await writeAll(fast, "k", faster, third)))).toBeUndefined();
    expect(await fast.read("k")).toEqual({ value: faster.at(-1), version: versions.at(-1) });
    for (const name of await filesIn(place)) expect(await readFile(join(place, name), "utf8")).not.toContain("late");
  });

  it.each([1, 2, 3])("answers a write as done that %i others have written over meanwhile", async (others) => {
    const place = join(folder, `seen-${others}`);
    const [slow, fast] = [folderStore(place), folderStore(place)];
    const [first = ""] = await writeAll(slow, "k", [1]);
    const work = async (): Promise<void> => {
      expect((await fast.read("k"))?.value).toBe("mine");
      expect(await writeAll(fast, "k", Array.from({ length: others }, (_, i) => i), next(first))).not.toContain("refused");
    };
    expect(await whileHeld("after", () => slow.write("k", "mine", first), work)).toBe(next(first));
  });

  it.each(["before", "after"] as const)("brings nothing back of a key that is deleted %s a slow write has its name", async (when) => {
    const place = join(folder, `back-${when}`);
    const [slow, fast] = [folderStore(place), folderStore(place)];
    const [first = ""] = await writeAll(slow, "k", [1]);
    await whileHeld(when, () => slow.write("k", "late", first), () => fast.delete("k"));
    expect(await fast.read("k")).toBeUndefined();
    const [again = ""] = await writeAll(fast, "k", ["new"]);
    expect(await whileHeld(when, () => slow.write("k", "late", again), async () => {
      await fast.delete("k");
      await writeAll(fast, "k", ["newest"]);
    })).toBeUndefined();
    expect((await fast.read("k"))?.value).toBe("newest");
  });

  it("counts right, however many write", async () => {
    const place = join(folder, "counts");
    await folderStore(place).write("k", 0, "absent");
    const counting = async (): Promise<void> => {
      const store = folderStore(place);
      for (let won = 0; won < 10; ) {
        const { value, version } = (await store.read("k")) ?? { value: 0, version: "" };
        if ((await store.write("k", (value as number) + 1, version)) !== undefined) won++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, counting));
    expect((await folderStore(place).read("k"))?.value).toBe(80);
  });

  it.each(["EPERM", undefined])("shows no earlier value while the latest is deleted, also where a folder cannot be moved: %s", async (code) => {
    const place = join(folder, `goes-${code}`);
    const [store, other] = [folderStore(place), folderStore(place)];
    await writeAll(store, "k", ["old", "new"]);
    const { rm: removeFile, rename } = fs;
    const seen: unknown[] = [];
    replaceInFs("rename", async (from: string, to: string) => (code === undefined ? rename(from, to) : Promise.reject(Object.assign(new Error("in use"), { code }))));
    replaceInFs("rm", async (...args: Parameters<typeof removeFile>) => {
      await removeFile(...args);
      seen.push((await other.read("k"))?.value);
    });
    try {
      await store.delete("k");
    } finally {
      replaceInFs("rm", removeFile);
      replaceInFs("rename", rename);
    }
    expect(seen.at(-1)).toBeUndefined();
    expect(seen).not.toContain("old");
    expect(await readdir(place)).toEqual(["aside"]);
  });

  it("begins a key again where a folder of it was left empty", async () => {
    const place = join(folder, "empty");
    await mkdir(join(place, placeOf("k")), { recursive: true });
    expect(await folderStore(place).write("k", 1, "absent")).toBeDefined();
    expect((await folderStore(place).read("k"))?.value).toBe(1);
  });

  it("reads while others write", async () => {
    const place = join(folder, "busy");
    const store = folderStore(place);
    let version = (await store.write("k", 0, "absent")) ?? "";
    let isOver = false;
    const reading = async (): Promise<number[]> => {
      const seen: number[] = [];
      while (!isOver) seen.push((await store.read("k"))?.value as number);
      return seen;
    };
    const readers = [reading(), reading(), reading()];
    for (let i = 1; i <= 50; i++) version = (await store.write("k", i, version)) ?? "";
    isOver = true;
    for (const seen of await Promise.all(readers)) expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it("does not take a torn write for a value, and keeps values from other users", async () => {
    const place = join(folder, "torn");
    const store = folderStore(place);
    await store.write("k", { whole: true }, "absent");
    await writeFile(join(place, "aside", "0123456789abcdef"), '{"whole":fal');
    expect((await store.read("k"))?.value).toEqual({ whole: true });
    for (const name of ["", ...(await readdir(place, { recursive: true }))]) if (!name.endsWith("0123456789abcdef")) expect((await stat(join(place, name))).mode & 0o077).toBe(0);
  });

  it("falls back on the version before where a file is not whole, and writes after both", async () => {
    const place = join(folder, "broken");
    const store = folderStore(place);
    const [first = "", second = ""] = await writeAll(store, "k", [{ n: 1 }, { n: 2 }]);
    const [older = "", latest = ""] = await filesIn(place);
    const text = await readFile(join(place, latest), "utf8");
    // Cut short anywhere, doubled, or with one byte changed.
    for (const broken of [...Array.from(text, (_char, end) => text.slice(0, end)), text + text, text.replace('"n":2', '"n":3')]) {
      await writeFile(join(place, latest), broken);
      expect(await store.read("k")).toEqual({ value: { n: 1 }, version: second });
    }
    expect(await store.write("k", { n: 3 }, first)).toBeUndefined();
    expect(await store.write("k", { n: 3 }, second)).toBe(next(second));
    expect((await store.read("k"))?.value).toEqual({ n: 3 });
    for (const name of await filesIn(place)) await writeFile(join(place, name), "");
    await expect(store.read("k")).rejects.toThrow(/is whole/u);
    expect(older).not.toBe(latest);
  });

  it("lists the version before where a file is not whole, and does not pass over what it cannot read", async () => {
    const place = join(folder, "torn-list");
    const store = folderStore(place);
    const [, a] = await writeAll(store, "servers/a", [{ n: 1 }, { n: 2 }]);
    const [b] = await writeAll(store, "servers/b", [{ n: 1 }]);
    const [, latest = ""] = (await filesIn(place)).filter((name) => name.startsWith(placeOf("servers/a")));
    await writeFile(join(place, latest), "torn");
    expect(await entriesOf(store, "servers/")).toEqual([{ key: "servers/a", value: { n: 1 }, version: a }, { key: "servers/b", value: { n: 1 }, version: b }]);
    for (const name of await filesIn(place)) await writeFile(join(place, name), "torn");
    await expect(entriesOf(store, "servers/")).rejects.toThrow(/is whole/u);
  });

  it("reads files of the form without a key, and lists them once they are written again", async () => {
    const place = join(folder, "earlier");
    const [text, at] = [JSON.stringify({ n: 1 }), join(place, placeOf("servers/a"))];
    await mkdir(at, { recursive: true });
    await writeFile(join(at, "000000000007.json"), `${createHash("sha256").update(text).digest("hex")}\n${text}`);
    const store = folderStore(place);
    expect(await store.read("servers/a")).toEqual({ value: { n: 1 }, version: "7" });
    expect(await entriesOf(store, "")).toEqual([]);
    expect(await store.write("servers/a", { n: 2 }, "7")).toBe("8");
    expect(await entriesOf(store, "")).toEqual([{ key: "servers/a", value: { n: 2 }, version: "8" }]);
  });

  it("reads what other prefixes have once, and not at every list", async () => {
    const place = join(folder, "prefixes");
    const store = folderStore(place);
    for (let i = 0; i < 20; i++) await store.write(`jobs/${i}`, i, "absent");
    await store.write("servers/a", 1, "absent");
    await entriesOf(store, "servers/");
    for (const name of await filesIn(place)) if (!name.startsWith(placeOf("servers/a"))) await writeFile(join(place, name), "not read");
    expect(await entriesOf(store, "servers/")).toHaveLength(1);
  });
});
