import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, refusalOf, startAzureFiles, type AzureFiles } from "./azure-files.js";
import { sendRaw, signed } from "./raw.js";

describe("the ranges of a file", () => {
  let files: AzureFiles;
  beforeAll(async () => {
    files = await startAzureFiles();
  });
  afterAll(() => files[Symbol.asyncDispose]());

  it("are written, cleared and read, one by one", async () => {
    const file = files.share.rootDirectoryClient.getFileClient("ranges");
    await file.create(10);
    const { contentMD5 } = await file.uploadRange("abcdef", 2, 6);
    expect(Buffer.from(contentMD5 ?? []).toString("hex")).toBe(createHash("md5").update("abcdef").digest("hex"));
    await file.clearRange(4, 2);
    expect((await file.downloadToBuffer()).toString("latin1")).toBe("\0\0ab\0\0ef\0\0");
    await file.clearRange(6, 4);
    expect((await file.downloadToBuffer(2, 4)).toString("latin1")).toBe("ab\0\0");
    expect((await file.getProperties()).contentLength).toBe(10);
    const part = await file.download(3, 4, { rangeGetContentMD5: true });
    expect([part._response.status, part.contentRange, part.contentLength]).toEqual([206, "bytes 3-6/10", 4]);
    expect(Buffer.from(part.contentMD5 ?? []).toString("hex")).toBe(createHash("md5").update("b\0\0\0").digest("hex"));
    expect((await file.download(8, 100)).contentRange).toBe("bytes 8-9/10");
    expect((await file.download()).acceptRanges).toBe("bytes");
  });

  it("are one over the whole file, or none", async () => {
    const file = files.share.rootDirectoryClient.getFileClient("list");
    await file.create(0);
    expect((await file.getRangeList()).rangeList).toEqual([]);
    await file.create(10);
    expect((await file.getRangeList()).rangeList).toEqual([{ start: 0, end: 9 }]);
    expect((await file.getRangeList({ range: { offset: 4, count: 3 } })).rangeList).toEqual([{ start: 4, end: 6 }]);
  });

  it("are refused where the file has none", async () => {
    const file = files.share.rootDirectoryClient.getFileClient("short");
    await file.create(4);
    expect(await refusalOf(file.uploadRange("abc", 2, 3))).toEqual({ status: 416, code: "InvalidRange" });
    expect(await refusalOf(file.clearRange(4, 1))).toEqual({ status: 416, code: "InvalidRange" });
    expect(await refusalOf(file.download(4, 1))).toEqual({ status: 416, code: "InvalidRange" });
    await file.create(0);
    expect((await file.downloadToBuffer()).length).toBe(0);
    expect((await file.download()).contentLength).toBe(0);
    expect(await refusalOf(file.uploadRange("a", 0, 1, { contentMD5: new Uint8Array(16) }))).toEqual({ status: 400, code: "Md5Mismatch" });
  });

  it("are refused in forms that are none, and above 4 MiB", async () => {
    const { accountKey, url } = await files.emulator.fileService(ACCOUNT);
    await files.share.rootDirectoryClient.getFileClient("forms").create(10);
    const put = async (headers: Record<string, string>, body?: Buffer): Promise<string> => {
      const target = `/${ACCOUNT}/books/forms?comp=range`;
      const answer = await sendRaw(url, "PUT", target, signed(ACCOUNT, accountKey, "PUT", target, { "content-length": String(body?.length ?? 0), ...headers }), body);
      return `${answer.status} ${String(answer.headers["x-ms-error-code"])}`;
    };
    for (const range of ["bytes=5-", "bytes=-5", "bytes=5-4", "bytes=0-1,3-4", "bytes=a-b", "items=0-1", "", "bytes=0-99999999999999999999"]) {
      expect(await put({ "x-ms-write": "clear", "x-ms-range": range })).toBe("400 InvalidHeaderValue");
    }
    expect(await put({ "x-ms-write": "other", "x-ms-range": "bytes=0-1" })).toBe("400 InvalidHeaderValue");
    expect(await put({ "x-ms-write": "update", "x-ms-range": "bytes=0-1" }, Buffer.from("abc"))).toBe("400 InvalidHeaderValue");
    expect(await put({ "x-ms-write": "update", "x-ms-range": `bytes=0-${4 * 1024 * 1024}` }, Buffer.alloc(4 * 1024 * 1024 + 1)).catch(() => "413 RequestBodyTooLarge")).toBe("413 RequestBodyTooLarge");
    expect(await put({ "x-ms-write": "update", "x-ms-range": "bytes=0-1", "x-ms-structured-body": "XSM/1.0; properties=crc64" }, Buffer.from("ab"))).toBe("501 NotImplemented");
  });

  it("of what was never written take no room", async () => {
    const file = files.share.rootDirectoryClient.getFileClient("sparse");
    await file.create(1024 ** 3);
    await file.uploadRange("x", 1024 ** 3 - 1, 1);
    await file.clearRange(0, 1024 ** 3);
    const { blocks, size } = await stat(join((await files.emulator.share(ACCOUNT, "books")).path, "sparse"));
    expect([size, blocks]).toEqual([1024 ** 3, 0]);
  });

  it.runIf(process.platform === "linux")("leave no file open, whoever stops reading", async () => {
    const data = randomBytes(8 * 1024 * 1024);
    const file = files.share.rootDirectoryClient.getFileClient("open");
    await file.uploadData(data);
    const { path } = await files.emulator.share(ACCOUNT, "books");
    const abort = new AbortController();
    const { readableStreamBody } = await file.download(0, undefined, { abortSignal: abort.signal });
    readableStreamBody?.on("error", () => undefined);
    abort.abort();
    await refusalOf(file.download(8 * 1024 * 1024, 1));
    // What a container cuts off while it is read is missed, and not waited for.
    const whole = await file.download(0, undefined, { maxRetryRequests: 0 });
    await truncate(join(path, "open"), 1);
    const read = async (): Promise<void> => {
      for await (const part of whole.readableStreamBody ?? []) expect(part.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow();
    await files.emulator.close();
    expect(openFiles().filter((name) => name.startsWith(path))).toEqual([]);
    files = await startAzureFiles();
  });
});

function openFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      // The folder that is read here is closed by now.
      return [];
    }
  });
}
