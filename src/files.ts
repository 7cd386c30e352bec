import type { AzureFileVolume } from "./container-spec.js";

/**
 * A place for files that containers can mount: an Azure file share. Paths are relative to it, with `/` between folders
 * and no `..`.
 *
 * `azureFiles()` of `aci-lifecycle/storage` is one. What an implementation throws is taken as it is: an error with a
 * `statusCode` or a system `code` is tried again where that may help.
 *
 * @public
 */
export interface FileStore {
  /** How a container group mounts it. Asked at each create; the account key in it is sent as a secure value. */
  mount(): AzureFileVolume["azureFile"];
  /** Makes a folder and those above it. Does nothing where it is. */
  makeFolder(path: string, options?: FileCallOptions): Promise<void>;
  /** Writes a whole file, and makes the folders above it. */
  write(path: string, content: FileContent, options?: FileCallOptions): Promise<void>;
  /** Reads a whole file into memory. Rejects if there is none. */
  read(path: string, options?: FileCallOptions): Promise<Uint8Array>;
  /** Copies a file to this machine, over what is at `localPath`. The folder of `localPath` is there. */
  download(path: string, localPath: string, options?: FileCallOptions): Promise<void>;
  /** The files in a folder and all folders below it; `undefined` where there is no such folder. Paths are those of the store. */
  list(folder: string, options?: FileCallOptions): Promise<readonly StoredFile[] | undefined>;
  /** Moves a file or a folder in one step, and makes the folders above it. Answers `false`, and moves nothing, where `to` is taken or `from` is not there. */
  rename(from: string, to: string, options?: FileCallOptions): Promise<boolean>;
  /** Removes a file, or a folder with all that is in it. Does nothing where nothing is. */
  delete(path: string, options?: FileCallOptions): Promise<void>;
}

/** Text, bytes, or a file of this machine. @public */
export type FileContent = string | Uint8Array | { readonly localPath: string };

/** What every call of a {@link FileStore} takes. @public */
export interface FileCallOptions {
  /** Stops the transfer. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** One file of a {@link FileStore}. @public */
export interface StoredFile {
  readonly path: string;
  readonly sizeInBytes: number;
}
