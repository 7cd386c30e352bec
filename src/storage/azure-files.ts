import type { FileCallOptions, FileStore } from "aci-lifecycle";
import { ShareFiles, type Signal } from "./share-files.js";
import { expectFields } from "./storage-account.js";

/** Where an Azure file share is, and how to reach it. @public */
export interface AzureFilesOptions {
  /** The name of the storage account. */
  readonly accountName: string;
  /** Its key. Containers mount a share by it, so nothing less will do; it is sent to Azure as a secure value and shown nowhere. */
  readonly accountKey: string;
  /** The name of the share. It is made at the first write, if it is not there. */
  readonly share: string;
  /**
   * The address of the account's file service; an emulator has one of its own.
   *
   * @defaultValue `https://<accountName>.file.core.windows.net`
   */
  readonly url?: string | undefined;
}

/**
 * An Azure file share as the place for a job's files. Needs the package `@azure/storage-file-share`, which is loaded at
 * the first call.
 *
 * @throws TypeError if a required option is missing or `url` is no URL.
 *
 * @example
 * ```ts
 * const fileStore = azureFiles({ accountName: "media", accountKey, share: "videos" });
 * ```
 * @public
 */
export function azureFiles(options: AzureFilesOptions): FileStore {
  expectFields(options, ["accountName", "accountKey", "share", "url"]);
  for (const name of ["accountName", "accountKey", "share"] as const) {
    if (typeof options[name] !== "string" || options[name] === "") throw new TypeError(`Expected \`${name}\` to be a non-empty string, got ${typeof options[name]}.`);
  }
  const { accountName, accountKey, share, url = `https://${accountName}.file.core.windows.net` } = options;
  if (!URL.canParse(url)) throw new TypeError(`Expected \`url\` to be an absolute URL, got \`${url}\` (string).`);
  let opened: Promise<ShareFiles> | undefined;
  const files = (): Promise<ShareFiles> => (opened ??= open(url, accountName, accountKey, share));
  return {
    mount: () => ({ account: accountName, share, accountKey: { secureValue: accountKey } }),
    makeFolder: async (path, call) => (await files()).makeFolder(path, signalOf(call)),
    write: async (path, content, call) => (await files()).write(path, content, signalOf(call)),
    read: async (path, call) => (await files()).read(path, signalOf(call)),
    download: async (path, localPath, call) => (await files()).download(path, localPath, signalOf(call)),
    list: async (folder, call) => (await files()).list(folder, signalOf(call)),
    rename: async (from, to, call) => (await files()).rename(from, to, signalOf(call)),
    delete: async (path, call) => (await files()).delete(path, signalOf(call)),
  };
}

async function open(url: string, accountName: string, accountKey: string, share: string): Promise<ShareFiles> {
  const { ShareServiceClient, StorageSharedKeyCredential } = await import("@azure/storage-file-share");
  return new ShareFiles(new ShareServiceClient(url, new StorageSharedKeyCredential(accountName, accountKey)).getShareClient(share));
}

function signalOf(call: FileCallOptions | undefined): Signal {
  return call?.abortSignal === undefined ? {} : { abortSignal: call.abortSignal };
}
