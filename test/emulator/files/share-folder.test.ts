import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync, readdirSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

describe("a file share", () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ engine: scripted({}) });
  });
  afterEach(() => emulator.close());

  it("is a folder that is written, read and listed, and that is gone at the end", async () => {
    const share = await emulator.share("account", "data");
    await share.write("in/book.txt", "one\n");
    await share.write("out.bin", new Uint8Array([1, 2]));
    expect((await share.read("in/book.txt")).toString()).toBe("one\n");
    expect(await share.list()).toEqual(["in/book.txt", "out.bin"]);
    expect((await emulator.share("account", "data")).path).toBe(share.path);
    await emulator.close();
    expect(existsSync(share.path)).toBe(false);
  });

  it("stays where the folder is the user's", async () => {
    const folder = await mkdtemp(join(tmpdir(), "shares-"));
    try {
      const other = await startEmulator({ engine: scripted({}), sharesFolder: folder });
      await (await other.share("account", "data")).write("a", "b");
      await other.close();
      expect(existsSync(join(folder, "account", "data", "a"))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    ["..", "data"],
    ["account", ".."],
    ["account", "../other"],
    ["Account", "data"],
    ["account", "da--ta"],
    ["account", "-data"],
    ["account", "da"],
    ["account", "d".repeat(64)],
    ["account", "a/b"],
    ["account", "a\\b"],
    ["", "data"],
    ["account", ""],
    ["account", "data\0"],
    ["/etc", "data"],
  ])("refuses the names %j and %j", async (account, share) => {
    await expect(emulator.share(account, share)).rejects.toThrow(RangeError);
  });

  it.each(["", ".", "..", "../x", "a/../../x", "/etc/passwd", "a/../..", "C:\\x", "a\\..\\x", "\\\\server\\x", "x\0", "c:/x"])("refuses the path %j", async (path) => {
    const share = await emulator.share("account", "data");
    await expect(share.read(path)).rejects.toThrow(RangeError);
    await expect(share.write(path, "")).rejects.toThrow(RangeError);
  });

  it("follows no link out of itself", async () => {
    const share = await emulator.share("account", "data");
    const outside = join(dirname(dirname(share.path)), "outside");
    await writeFile(outside, "private");
    await symlink(outside, join(share.path, "file"));
    await symlink(dirname(outside), join(share.path, "folder"));
    await expect(share.read("file")).rejects.toThrow();
    await expect(share.write("file", "")).rejects.toThrow();
    await expect(share.read("folder/outside")).rejects.toThrow(RangeError);
    await expect(share.write("folder/new", "")).rejects.toThrow(RangeError);
    await expect(share.write("folder/deep/er", "")).rejects.toThrow(RangeError);
    expect(existsSync(join(dirname(outside), "deep"))).toBe(false);
  });

  it("is not left though a folder is swapped for a link all the time", async () => {
    const outside = await mkdtemp(join(tmpdir(), "outside-"));
    const share = await emulator.share("account", "data");
    await share.write("folder/a", "");
    const swapper = new Worker(SWAPPER, { eval: true, workerData: { folder: join(share.path, "folder"), outside } });
    await new Promise((resolve) => swapper.once("message", resolve));
    let refused = 0;
    for (let writes = 0; writes < 3_000; writes++) await share.write(`folder/f${writes % 7}`, "x").catch(() => refused++);
    const swaps = await swapped(swapper);
    await swapper.terminate();
    expect(readdirSync(outside)).toEqual([]);
    // Both happened: writes while it was a folder, and refusals while it was a link.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(3_000);
    expect(swaps).toBeGreaterThan(100);
    await rm(outside, { recursive: true });
  });
});

// Each step may fail, because the writer makes the folder that it misses; the next round begins with what is there.
const SWAPPER = `
  const { renameSync, rmSync, symlinkSync } = require("node:fs");
  const { parentPort, workerData: { folder, outside } } = require("node:worker_threads");
  const attempt = (step) => { try { step(); return 1; } catch { return 0; } };
  let swaps = 0, rounds = 0;
  parentPort.on("message", () => parentPort.postMessage(swaps));
  function swap() {
    for (let i = 0; i < 50; i++) {
      const away = folder + rounds++;
      attempt(() => renameSync(folder, away));
      swaps += attempt(() => symlinkSync(outside, folder));
      attempt(() => renameSync(folder, folder + ".old"));
      attempt(() => rmSync(folder + ".old", { recursive: true, force: true }));
      attempt(() => renameSync(away, folder));
      attempt(() => rmSync(away, { recursive: true, force: true }));
    }
    setImmediate(swap);
  }
  parentPort.postMessage("ready");
  swap();
`;

function swapped(worker: Worker): Promise<number> {
  return new Promise((resolve) => {
    worker.once("message", resolve);
    worker.postMessage("count");
  });
}
