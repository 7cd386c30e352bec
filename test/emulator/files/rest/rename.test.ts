import { generateFileSASQueryParameters, ShareFileClient, ShareSASPermissions } from "@azure/storage-file-share";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, ONCE, refusalOf, startAzureFiles, type AzureFiles } from "./azure-files.js";

describe("a rename, as Microsoft's client asks for it", () => {
  let files: AzureFiles;
  const write = async (path: string, text = "x"): Promise<void> => (await files.emulator.share(ACCOUNT, "books")).write(path, text);
  const list = async (): Promise<string[]> => (await files.emulator.share(ACCOUNT, "books")).list();
  beforeAll(async () => {
    files = await startAzureFiles();
  });
  afterAll(() => files[Symbol.asyncDispose]());

  it("moves a file to another folder, with its metadata", async () => {
    await write("a/one & only.txt", "text");
    await write("b/other", "");
    const file = files.share.rootDirectoryClient.getFileClient("a/one & only.txt");
    await file.setMetadata({ kept: "yes" });
    const { destinationFileClient } = await file.rename("b/moved é.txt");
    expect(await list()).toEqual(["b/moved é.txt", "b/other"]);
    const moved = files.share.rootDirectoryClient.getFileClient("b/moved é.txt");
    expect((await moved.downloadToBuffer()).toString()).toBe("text");
    expect((await moved.getProperties()).metadata).toEqual({ kept: "yes" });
    expect(destinationFileClient.name).toBe("moved é.txt");
  });

  it("moves a directory with all that is in it", async () => {
    await write("from/deep/file");
    await files.share.getDirectoryClient("from").rename("to");
    expect(await list()).toContain("to/deep/file");
    expect(await files.share.getDirectoryClient("from").exists()).toBe(false);
  });

  it("replaces a file only where that is asked for, and a directory never", async () => {
    await write("new", "new");
    await write("old", "old");
    const file = files.share.rootDirectoryClient.getFileClient("new");
    expect(await refusalOf(file.rename("old"))).toEqual({ status: 409, code: "ResourceAlreadyExists" });
    await file.rename("old", { replaceIfExists: true });
    expect((await (await files.emulator.share(ACCOUNT, "books")).read("old")).toString()).toBe("new");
    await write("full/file");
    await write("also/file");
    expect(await refusalOf(files.share.getDirectoryClient("full").rename("also"))).toEqual({ status: 409, code: "ResourceAlreadyExists" });
    expect(await refusalOf(files.share.getDirectoryClient("full").rename("full/below"))).toEqual({ status: 400, code: "InvalidInput" });
  });

  it("refuses what is not there, of the other kind, or a link", async () => {
    await write("folder/file");
    const share = await files.emulator.share(ACCOUNT, "books");
    await symlink("/etc", join(share.path, "link"));
    const root = files.share.rootDirectoryClient;
    expect(await refusalOf(root.getFileClient("nothing").rename("x"))).toEqual({ status: 404, code: "ResourceNotFound" });
    expect(await refusalOf(root.getFileClient("folder").rename("x"))).toEqual({ status: 409, code: "ResourceTypeMismatch" });
    expect(await refusalOf(files.share.getDirectoryClient("folder/file").rename("x"))).toEqual({ status: 409, code: "ResourceTypeMismatch" });
    expect(await refusalOf(files.share.getDirectoryClient("link").rename("x"))).toEqual({ status: 409, code: "ResourceTypeMismatch" });
    expect(await refusalOf(root.getFileClient("folder/file").rename("link/passwd"))).toEqual({ status: 404, code: "ParentNotFound" });
    expect(await refusalOf(root.getFileClient("folder/file").rename("nowhere/file"))).toEqual({ status: 404, code: "ParentNotFound" });
  });

  it("needs a signature that is good for the source, too", async () => {
    await write("signed/file");
    const sas = (permissions: string): string =>
      generateFileSASQueryParameters({ shareName: "books", permissions: ShareSASPermissions.parse(permissions), expiresOn: new Date(Date.now() + 60_000) }, files.credential).toString();
    const client = (permissions: string): ShareFileClient => new ShareFileClient(`${files.url}/books/signed/file?${sas(permissions)}`, undefined, ONCE);
    expect(await refusalOf(client("c").rename(`signed/b?${sas("c")}`))).toEqual({ status: 403, code: "AuthorizationPermissionMismatch" });
    await client("cd").rename(`signed/b?${sas("c")}`);
    expect(await list()).toContain("signed/b");
  });
});
