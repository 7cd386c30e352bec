import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ShareServiceClient, StorageSharedKeyCredential } from "@azure/storage-file-share";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, ONCE, refusalOf, startAzureFiles, type AzureFiles } from "./azure-files.js";

describe("a list of files and directories", () => {
  let files: AzureFiles;
  let path: string;
  beforeAll(async () => {
    files = await startAzureFiles();
    ({ path } = await files.emulator.share(ACCOUNT, "books"));
    await mkdir(join(path, "many"));
    for (let number = 0; number < 25; number += 1) await writeFile(join(path, "many", `file-${String(number).padStart(2, "0")}`), "x".repeat(number));
    await mkdir(join(path, "many", "folder"));
  });
  afterAll(() => files[Symbol.asyncDispose]());

  it("comes in pages, without a gap and without a doubling", async () => {
    const directory = files.share.getDirectoryClient("many");
    const pages: string[][] = [];
    for await (const { segment } of directory.listFilesAndDirectories().byPage({ maxPageSize: 10 })) {
      pages.push([...segment.directoryItems, ...segment.fileItems].map(({ name }) => name));
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 6]);
    expect(new Set(pages.flat()).size).toBe(26);
    const first = directory.listFilesAndDirectories().byPage({ maxPageSize: 25 });
    const { continuationToken } = ((await first.next()) as { value: { continuationToken: string } }).value;
    const rest = [];
    for await (const page of directory.listFilesAndDirectories().byPage({ continuationToken })) rest.push(page.segment);
    expect(rest).toMatchObject([{ directoryItems: [{ name: "folder" }], fileItems: [] }]);
  });

  it("tells kinds, sizes and times, and takes a prefix", async () => {
    const found = [];
    const options = { prefix: "FILE-2", includeTimestamps: true, includeEtag: true, includeAttributes: true };
    for await (const item of files.share.getDirectoryClient("many").listFilesAndDirectories(options)) found.push(item);
    expect(found.map(({ name }) => name)).toEqual(["file-20", "file-21", "file-22", "file-23", "file-24"]);
    expect(found[4]).toMatchObject({ kind: "file", attributes: "Archive", properties: { contentLength: 24 } });
    const { etag } = await files.share.getDirectoryClient("many").getFileClient("file-24").getProperties();
    expect(found[4]?.properties).toMatchObject({ etag, lastModified: expect.any(Date) as Date, lastWriteTime: expect.any(Date) as Date });
  });

  it.skipIf(process.platform === "win32")("keeps names whole that XML or a URL would not, and leaves links out", async () => {
    const names = ["a&b<c>", "per%20cent", "two\nlines", "bell\u0007", "ünï", "quote\"'", " space "];
    await mkdir(join(path, "odd"));
    for (const name of names) await writeFile(join(path, "odd", name), "");
    await symlink("/etc/passwd", join(path, "odd", "link"));
    const found: string[] = [];
    for await (const { name } of files.share.getDirectoryClient("odd").listFilesAndDirectories()) found.push(name);
    expect(found.sort()).toEqual(names.sort());
  });

  it("lists shares in pages, and only shares", async () => {
    for (const name of ["page-a", "page-b", "page-c"]) await files.service.createShare(name);
    await writeFile(join(path, "../page-file"), "");
    await symlink(path, join(path, "../page-link"));
    await mkdir(join(path, "../Page-Capital"));
    const pages: string[][] = [];
    for await (const page of files.service.listShares({ prefix: "page-" }).byPage({ maxPageSize: 2 })) pages.push((page.shareItems ?? []).map(({ name }) => name));
    expect(pages).toEqual([["page-a", "page-b"], ["page-c"]]);
  });

  it("is empty for an account without shares, and makes nothing", async () => {
    const { url, accountName, accountKey } = await files.emulator.fileService("empty");
    const service = new ShareServiceClient(url, new StorageSharedKeyCredential(accountName, accountKey), ONCE);
    expect(await service.listShares().next()).toEqual({ done: true, value: undefined });
    expect(await readdir(join(path, "../.."))).toEqual([ACCOUNT]);
  });

  it("refuses a page size that is none", async () => {
    const pages = files.share.rootDirectoryClient.listFilesAndDirectories().byPage({ maxPageSize: 5001 });
    expect(await refusalOf(pages.next())).toEqual({ status: 400, code: "OutOfRangeQueryParameterValue" });
    expect(await refusalOf(files.share.getDirectoryClient("none").listFilesAndDirectories().next())).toEqual({ status: 404, code: "ResourceNotFound" });
  });
});
