import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, refusalOf, startAzureFiles, type AzureFiles } from "./azure-files.js";

describe("Azure Files, as Microsoft's client sees it", () => {
  let files: AzureFiles;
  beforeAll(async () => {
    files = await startAzureFiles();
  });
  afterAll(() => files[Symbol.asyncDispose]());

  it("makes, finds, lists, describes and deletes shares", async () => {
    const share = files.service.getShareClient("life-cycle");
    expect(await share.exists()).toBe(false);
    expect(await refusalOf(share.getProperties())).toEqual({ status: 404, code: "ShareNotFound" });
    await share.create({ metadata: { owner: "me" }, quota: 7 });
    expect(await refusalOf(share.create())).toEqual({ status: 409, code: "ShareAlreadyExists" });
    expect((await share.createIfNotExists()).succeeded).toBe(false);
    const properties = await share.getProperties();
    expect(properties).toMatchObject({ quota: 7, metadata: { owner: "me" }, version: "2026-04-06" });
    expect(properties.etag).toMatch(/^"0x[0-9A-F]+"$/);
    expect(Math.abs(Date.now() - (properties.lastModified?.getTime() ?? 0))).toBeLessThan(60_000);
    await share.setMetadata({ owner: "you" });
    await share.setProperties({ quotaInGB: 8 });
    expect(await share.getProperties()).toMatchObject({ quota: 8, metadata: { owner: "you" } });
    const listed = [];
    for await (const one of files.service.listShares({ prefix: "life", includeMetadata: true })) listed.push(one);
    expect(listed).toMatchObject([{ name: "life-cycle", metadata: { owner: "you" }, properties: { quota: 8 } }]);
    await (await files.emulator.share(ACCOUNT, "life-cycle")).write("deep/er/file", "gone");
    await share.delete();
    expect(await share.exists()).toBe(false);
    expect((await share.deleteIfExists()).succeeded).toBe(false);
  });

  it("makes, finds, describes and deletes directories", async () => {
    const directory = files.share.getDirectoryClient("a directory & more");
    expect(await directory.exists()).toBe(false);
    await directory.create({ metadata: { kind: "test" } });
    expect(await refusalOf(directory.create())).toEqual({ status: 409, code: "ResourceAlreadyExists" });
    expect((await directory.createIfNotExists()).succeeded).toBe(false);
    expect(await directory.getProperties()).toMatchObject({ metadata: { kind: "test" }, fileAttributes: "Directory" });
    await directory.setMetadata({ kind: "other" });
    expect((await directory.getProperties()).metadata).toEqual({ kind: "other" });
    await directory.getFileClient("file").create(3);
    expect(await refusalOf(directory.delete())).toEqual({ status: 409, code: "DirectoryNotEmpty" });
    await directory.deleteFile("file");
    await directory.delete();
    expect((await directory.deleteIfExists()).succeeded).toBe(false);
    expect(await files.share.rootDirectoryClient.exists()).toBe(true);
    expect((await files.share.rootDirectoryClient.createIfNotExists()).succeeded).toBe(false);
    expect(await refusalOf(files.share.rootDirectoryClient.delete())).toEqual({ status: 409, code: "CannotDeleteFileOrDirectory" });
  });

  it("makes, changes, describes and deletes files", async () => {
    const file = files.share.rootDirectoryClient.getFileClient("ünï cödé+%41.txt");
    expect(await file.exists()).toBe(false);
    const created = await file.create(5, { fileHttpHeaders: { fileContentType: "text/plain", fileCacheControl: "no-store" }, metadata: { a_b: "1", ab: "2", a1: "3" } });
    expect(created.fileId).toMatch(/^\d+$/);
    const properties = await file.getProperties();
    expect(properties).toMatchObject({ contentLength: 5, contentType: "text/plain", cacheControl: "no-store", metadata: { a_b: "1", ab: "2", a1: "3" }, fileType: "File" });
    await file.setHttpHeaders({ fileContentType: "text/csv" });
    await file.setMetadata({});
    const changed = await file.getProperties();
    expect([changed.contentType, changed.cacheControl, changed.metadata, changed.contentLength]).toEqual(["text/csv", undefined, {}, 5]);
    expect(changed.etag).not.toBe(properties.etag);
    await file.resize(9);
    expect((await file.getProperties()).contentLength).toBe(9);
    expect((await file.deleteIfExists()).succeeded).toBe(true);
    expect((await file.deleteIfExists()).succeeded).toBe(false);
    await file.create(1);
    expect(await file.getProperties()).toMatchObject({ contentType: "application/octet-stream", metadata: {} });
  });

  it("carries 10 MB there and back, as a buffer, as a file and as a stream", async () => {
    const data = randomBytes(10 * 1024 * 1024 + 1);
    const folder = await mkdtemp(join(tmpdir(), "upload-"));
    try {
      await writeFile(join(folder, "in"), data);
      const file = files.share.rootDirectoryClient.getFileClient("big.bin");
      await file.uploadData(data);
      expect((await file.downloadToBuffer()).equals(data)).toBe(true);
      expect((await (await files.emulator.share(ACCOUNT, "books")).read("big.bin")).equals(data)).toBe(true);
      await file.uploadFile(join(folder, "in"));
      await file.downloadToFile(join(folder, "out"));
      expect((await readFile(join(folder, "out"))).equals(data)).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("says what is not there, and what is something else", async () => {
    const { service, share } = files;
    const root = share.rootDirectoryClient;
    await root.getFileClient("plain").create(0);
    await root.getDirectoryClient("folder").create();
    const nowhere = service.getShareClient("nowhere");
    const got = await Promise.all([
      refusalOf(nowhere.rootDirectoryClient.getFileClient("x").create(1)),
      refusalOf(nowhere.rootDirectoryClient.getFileClient("x").download()),
      refusalOf(root.getFileClient("none").download()),
      refusalOf(root.getFileClient("none").uploadRange("x", 0, 1)),
      refusalOf(root.getFileClient("none").setMetadata({})),
      refusalOf(root.getFileClient("none").getRangeList()),
      refusalOf(root.getFileClient("none").delete()),
      refusalOf(share.getDirectoryClient("none").getFileClient("x").create(1)),
      refusalOf(share.getDirectoryClient("none/deep").create()),
      refusalOf(share.getDirectoryClient("plain").getFileClient("x").create(1)),
      refusalOf(share.getDirectoryClient("plain").getProperties()),
      refusalOf(share.getDirectoryClient("plain").delete()),
      refusalOf(root.getFileClient("folder").create(1)),
      refusalOf(root.getFileClient("folder").download()),
      refusalOf(root.getFileClient("folder").delete()),
      refusalOf(root.getFileClient("folder").getProperties()),
    ]);
    expect(got.map(({ status, code }) => `${String(status)} ${String(code)}`)).toEqual([
      ...["404 ShareNotFound", "404 ShareNotFound"],
      ...["404 ResourceNotFound", "404 ResourceNotFound", "404 ResourceNotFound", "404 ResourceNotFound", "404 ResourceNotFound"],
      ...["404 ParentNotFound", "404 ParentNotFound", "404 ParentNotFound"],
      ...["409 ResourceTypeMismatch", "409 ResourceTypeMismatch", "409 ResourceTypeMismatch", "409 ResourceTypeMismatch", "409 ResourceTypeMismatch", "409 ResourceTypeMismatch"],
    ]);
  });

  it("shows what containers write, and shows them what is written", async () => {
    const folder = await files.emulator.share(ACCOUNT, "books");
    const directory = files.share.getDirectoryClient("in");
    await directory.create();
    await directory.getFileClient("book.txt").uploadData(Buffer.from("Call me Ishmael."));
    expect((await folder.read("in/book.txt")).toString()).toBe("Call me Ishmael.");
    await folder.write("out/words", "3");
    expect((await files.share.getDirectoryClient("out").getFileClient("words").downloadToBuffer()).toString()).toBe("3");
  });

  it("says that it has not what it has not", async () => {
    expect(await refusalOf(files.share.createSnapshot())).toEqual({ status: 501, code: "NotImplemented" });
    expect(await refusalOf(files.service.getProperties())).toEqual({ status: 501, code: "NotImplemented" });
    expect(await refusalOf(files.share.rootDirectoryClient.getFileClient("copy").startCopyFromURL("http://127.0.0.1:1/x"))).toEqual({ status: 501, code: "NotImplemented" });
  });
});
