import { constants } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldFolder } from "../../../src/emulator/files/held-folder.js";

// Systems without open folders in their file system get the second way.
const ways = process.platform === "linux" ? [true, false] : [false];

describe.each(ways)("a held folder (held open: %j)", (canHold) => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "held-")));
    await mkdir(join(root, "share/a/b"), { recursive: true });
    await mkdir(join(root, "outside"));
    await writeFile(join(root, "outside/secret"), "private");
    await writeFile(join(root, "share/a/b/file"), "text");
    await symlink(join(root, "outside"), join(root, "share/link"));
    await symlink(join(root, "outside/secret"), join(root, "share/a/secret"));
  });
  afterEach(() => rm(root, { recursive: true }));

  const open = (): Promise<HeldFolder> => HeldFolder.open(join(root, "share"), canHold);

  it("goes down, and makes the folders that are not there", async () => {
    await using share = await open();
    await using folder = await share.descend(["a", "b"]);
    await using file = await folder.openFile("file", constants.O_RDONLY);
    expect((await file.readFile()).toString()).toBe("text");
    await using made = await share.descend(["a", "c", "d"], { shouldMake: true });
    expect((await made.stat()).isDirectory()).toBe(true);
    expect(await readdir(join(root, "share/a/c"))).toEqual(["d"]);
  });

  it("follows no link, wherever it stands on the way", async () => {
    await using share = await open();
    await expect(share.descend(["link"])).rejects.toMatchObject({ code: "ENOTDIR" });
    await expect(share.descend(["link", "deep"], { shouldMake: true })).rejects.toMatchObject({ code: "ENOTDIR" });
    await using folder = await share.descend(["a"]);
    await expect(folder.openFile("secret", constants.O_RDWR)).rejects.toMatchObject({ code: "ELOOP" });
    await expect(folder.openFile("b", constants.O_RDONLY)).rejects.toMatchObject({ code: "EISDIR" });
    expect((await folder.look("secret")).isSymbolicLink()).toBe(true);
  });

  it("removes a tree with the links in it, and nothing behind them", async () => {
    await using top = await HeldFolder.open(root, canHold);
    await top.removeTree("share");
    expect(await readdir(root)).toEqual(["outside"]);
    expect(await readFile(join(root, "outside/secret"), "utf8")).toBe("private");
  });
});
