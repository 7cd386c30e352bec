import { randomBytes } from "node:crypto";
import {
  AccountSASPermissions,
  AnonymousCredential,
  FileSASPermissions,
  generateAccountSASQueryParameters,
  generateFileSASQueryParameters,
  SASProtocol,
  ShareClient,
  ShareFileClient,
  ShareSASPermissions,
  ShareServiceClient,
  StorageSharedKeyCredential,
  type AccountSASSignatureValues,
  type FileSASSignatureValues,
} from "@azure/storage-file-share";
import { startEmulator, scripted } from "aci-lifecycle/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, ONCE, refusalOf, startAzureFiles, type AzureFiles } from "./azure-files.js";
import { sendRaw, signed } from "./raw.js";

const FORBIDDEN = { status: 403, code: "AuthenticationFailed" };
const NOT_PERMITTED = { status: 403, code: "AuthorizationPermissionMismatch" };
const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

describe("who may use the file service", () => {
  let files: AzureFiles;
  beforeAll(async () => {
    files = await startAzureFiles();
    await files.share.createDirectory("dir");
    await files.share.getDirectoryClient("dir").getFileClient("file").uploadData(Buffer.from("text"));
  });
  afterAll(() => files[Symbol.asyncDispose]());

  const overShare = (values: Partial<FileSASSignatureValues>): ShareClient => {
    const sas = generateFileSASQueryParameters({ shareName: "books", expiresOn: inMinutes(5), permissions: ShareSASPermissions.parse("rcwdl"), ...values }, files.credential);
    return new ShareClient(`${files.url}/books?${sas.toString()}`, new AnonymousCredential(), ONCE);
  };
  const overFile = (values: Partial<FileSASSignatureValues>, path = "dir/file"): ShareFileClient => {
    const sas = generateFileSASQueryParameters({ shareName: "books", filePath: "dir/file", expiresOn: inMinutes(5), permissions: FileSASPermissions.parse("rcwd"), ...values }, files.credential);
    return new ShareFileClient(`${files.url}/books/${path}?${sas.toString()}`, new AnonymousCredential(), ONCE);
  };
  const overAccount = (values: Partial<AccountSASSignatureValues>): ShareServiceClient => {
    const sas = generateAccountSASQueryParameters({ expiresOn: inMinutes(5), permissions: AccountSASPermissions.parse("rwdlc"), services: "f", resourceTypes: "sco", ...values }, files.credential);
    return new ShareServiceClient(`${files.url}?${sas.toString()}`, new AnonymousCredential(), ONCE);
  };
  const read = async (share: ShareClient): Promise<string> => (await share.getDirectoryClient("dir").getFileClient("file").downloadToBuffer()).toString();

  it("has a key for each account, the same for the same token", async () => {
    const { emulator } = files;
    const [one, again, other] = [await emulator.fileService(ACCOUNT), await emulator.fileService(ACCOUNT), await emulator.fileService("other")];
    expect(again).toEqual(one);
    expect(other.accountKey).not.toBe(one.accountKey);
    expect(Buffer.from(one.accountKey, "base64")).toHaveLength(64);
    await using second = await startEmulator({ engine: scripted({}), token: "0123456789abcdef" });
    expect((await second.fileService(ACCOUNT)).accountKey).toBe(one.accountKey);
    await using third = await startEmulator({ engine: scripted({}) });
    expect((await third.fileService(ACCOUNT)).accountKey).not.toBe(one.accountKey);
    await expect(emulator.fileService("No Account")).rejects.toThrow(RangeError);
    await third.close();
    await expect(third.fileService(ACCOUNT)).rejects.toThrow("closed");
  });

  it("refuses a wrong key, the key of another account, and no key", async () => {
    const other = await files.emulator.fileService("other");
    for (const credential of [new StorageSharedKeyCredential(ACCOUNT, "d3Jvbmc="), new StorageSharedKeyCredential(ACCOUNT, other.accountKey), new StorageSharedKeyCredential("other", other.accountKey), new AnonymousCredential()]) {
      const share = new ShareClient(`${files.url}/books`, credential, ONCE);
      expect(await refusalOf(share.getProperties())).toEqual(FORBIDDEN);
      expect(await refusalOf(share.getDirectoryClient("dir").getFileClient("file").uploadRange("evil", 0, 4))).toEqual(FORBIDDEN);
      expect(await refusalOf(share.delete())).toEqual(FORBIDDEN);
    }
    expect(await read(files.share)).toBe("text");
  });

  it("refuses what was signed too long ago, or was changed since", async () => {
    const { url, accountKey } = await files.emulator.fileService(ACCOUNT);
    const target = `/${ACCOUNT}/books?restype=share`;
    const ask = async (headers: Record<string, string>, method = "GET"): Promise<number> => (await sendRaw(url, method, target, headers)).status;
    expect(await ask(signed(ACCOUNT, accountKey, "GET", target))).toBe(200);
    expect(await ask(signed(ACCOUNT, accountKey, "GET", target, { "x-ms-date": inMinutes(-16).toUTCString() }))).toBe(403);
    expect(await ask(signed(ACCOUNT, accountKey, "GET", target, { "x-ms-date": inMinutes(16).toUTCString() }))).toBe(403);
    expect(await ask(signed(ACCOUNT, accountKey, "GET", target, { "x-ms-date": "yesterday" }))).toBe(403);
    expect(await ask(signed(ACCOUNT, accountKey, "GET", target), "DELETE")).toBe(403);
    expect(await ask({ ...signed(ACCOUNT, accountKey, "GET", target), "x-ms-meta-more": "x" })).toBe(403);
    expect(await ask({ ...signed(ACCOUNT, accountKey, "GET", target), authorization: `SharedKey ${ACCOUNT}:` })).toBe(403);
    expect(await ask({ ...signed(ACCOUNT, accountKey, "GET", target), authorization: "Bearer 0123456789abcdef" })).toBe(403);
  });

  it("takes a signature for a share, for what is in it", async () => {
    const share = overShare({ startsOn: inMinutes(-5), ipRange: { start: "127.0.0.0", end: "127.0.0.9" }, protocol: SASProtocol.HttpsAndHttp });
    expect(await read(share)).toBe("text");
    await share.createDirectory("by-signature");
    const data = randomBytes(10 * 1024 * 1024);
    await share.getDirectoryClient("by-signature").getFileClient("new").uploadData(data);
    expect((await share.getDirectoryClient("by-signature").getFileClient("new").downloadToBuffer()).equals(data)).toBe(true);
    const found = [];
    for await (const { name } of share.getDirectoryClient("by-signature").listFilesAndDirectories()) found.push(name);
    expect(found).toEqual(["new"]);
    await share.getDirectoryClient("by-signature").deleteFile("new");
    await share.deleteDirectory("by-signature");
    expect(await refusalOf(share.getProperties())).toEqual({ status: 403, code: "AuthorizationFailure" });
    expect(await refusalOf(share.delete())).toEqual({ status: 403, code: "AuthorizationFailure" });
  });

  it("takes a signature for a file, for that file only", async () => {
    const file = overFile({ contentType: "text/x", contentDisposition: "attachment" });
    expect((await file.downloadToBuffer()).toString()).toBe("text");
    expect(await file.download()).toMatchObject({ contentType: "text/x", contentDisposition: "attachment" });
    for (const other of ["dir/other", "dir/file2", "dir", "dir/file/x"]) expect(await refusalOf(overFile({}, other).download())).toEqual(FORBIDDEN);
  });

  it("takes a signature for the account", async () => {
    const service = overAccount({});
    const shares = [];
    for await (const { name } of service.listShares()) shares.push(name);
    expect(shares).toEqual(["books"]);
    await service.createShare("more");
    await service.deleteShare("more");
    expect(await read(service.getShareClient("books"))).toBe("text");
    expect(await read(overAccount({ version: "2019-12-12" }).getShareClient("books"))).toBe("text");
  });

  it("refuses a signature that is not of now, from here, or for this", async () => {
    expect(await refusalOf(read(overShare({ expiresOn: inMinutes(-1) })))).toEqual(FORBIDDEN);
    expect(await refusalOf(read(overShare({ startsOn: inMinutes(1) })))).toEqual(FORBIDDEN);
    expect(await refusalOf(read(overShare({ identifier: "policy" })))).toEqual(FORBIDDEN);
    expect(await refusalOf(overFile({ expiresOn: inMinutes(-1) }).download())).toEqual(FORBIDDEN);
    expect(await refusalOf(overAccount({ expiresOn: inMinutes(-1) }).createShare("x"))).toEqual(FORBIDDEN);
    expect(await refusalOf(overFile({ protocol: SASProtocol.Https }).download())).toEqual({ status: 403, code: "AuthorizationProtocolMismatch" });
    expect(await refusalOf(overFile({ ipRange: { start: "10.0.0.1" } }).download())).toEqual({ status: 403, code: "AuthorizationSourceIPMismatch" });
    expect(await refusalOf(overAccount({ services: "bq" }).createShare("x"))).toEqual({ status: 403, code: "AuthorizationServiceMismatch" });
    expect(await refusalOf(overAccount({ resourceTypes: "so" }).createShare("x"))).toEqual({ status: 403, code: "AuthorizationResourceTypeMismatch" });
  });

  it("refuses what a signature does not permit", async () => {
    const permitting = (letters: string): ShareClient => overShare({ permissions: ShareSASPermissions.parse(letters) });
    const fileOf = (share: ShareClient): ShareFileClient => share.getDirectoryClient("dir").getFileClient("file");
    expect(await refusalOf(fileOf(permitting("wcdl")).download())).toEqual(NOT_PERMITTED);
    expect(await refusalOf(fileOf(permitting("rcdl")).uploadRange("evil", 0, 4))).toEqual(NOT_PERMITTED);
    expect(await refusalOf(fileOf(permitting("rcwl")).delete())).toEqual(NOT_PERMITTED);
    expect(await refusalOf(permitting("rcwd").getDirectoryClient("dir").listFilesAndDirectories().next())).toEqual(NOT_PERMITTED);
    expect(await refusalOf(permitting("rdl").createDirectory("x"))).toEqual(NOT_PERMITTED);
    expect(await refusalOf(overAccount({ permissions: AccountSASPermissions.parse("rwdc") }).listShares().next())).toEqual(NOT_PERMITTED);
    // To create is not to replace.
    expect(await refusalOf(fileOf(permitting("c")).create(1))).toEqual(NOT_PERMITTED);
    await permitting("c").getDirectoryClient("dir").getFileClient("created").create(1);
    expect(await read(files.share)).toBe("text");
  });

  it("refuses a signature with anything in it changed", async () => {
    const sas = generateFileSASQueryParameters({ shareName: "books", expiresOn: inMinutes(5), startsOn: inMinutes(-5), permissions: ShareSASPermissions.parse("r") }, files.credential).toString();
    const changes = [["sp=r", "sp=rw"], ["sr=s", "sr=f"], [/se=\d{4}/, "se=9999"], [/st=\d{4}/, "st=1999"], [/sv=[\d-]+/, "sv=2020-12-06"], [/sv=[\d-]+/, "sv=x%0d%0ax:y"], [/sig=.../, "sig=AAA"], [/sig=[^&]+/, "sig="], ["sp=r", "sp=r&sip=127.0.0.1"], ["sp=r", "sp=r&spr=http"], ["sp=r", "sp=r&ss=f&srt=sco"], ["sp=r", "sp=r&rsct=text/html"]] as const;
    const ask = async (query: string): Promise<number> => (await sendRaw(files.url, "GET", `/${ACCOUNT}/books/dir/file?${query}`, {})).status;
    expect(await ask(sas)).toBe(200);
    for (const [from, to] of changes) expect([to, await ask(sas.replace(from, to))]).toEqual([to, 403]);
    expect(await ask(`${sas}&sp=w`)).toBe(400);
    expect(await ask(`${sas}&SP=w`)).toBe(400);
  });

  it("puts no header on an answer that HTTP cannot have", async () => {
    expect(await refusalOf(overFile({ contentDisposition: "a\r\nx-evil: 1" }).getProperties())).toEqual({ status: 400, code: "InvalidQueryParameterValue" });
    expect((await overFile({}).downloadToBuffer()).toString()).toBe("text");
  });
});
