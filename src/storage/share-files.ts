import type { FileContent, StoredFile } from "aci-lifecycle";
import type { ShareClient, ShareDirectoryClient, ShareFileClient } from "@azure/storage-file-share";

/** What stops a transfer, if anything does. */
export interface Signal {
  readonly abortSignal?: AbortSignal;
}

// The service's codes for what is not there, and for what is of the other kind or taken.
const ABSENT = ["ResourceNotFound", "ParentNotFound", "ShareNotFound"];
const OTHER = ["ResourceTypeMismatch", "ResourceAlreadyExists"];

/** The files of a share by their paths, over Microsoft's client, which retries what passes. */
export class ShareFiles {
  #made: Promise<unknown> | undefined;

  constructor(private readonly share: ShareClient) {}

  async makeFolder(path: string, signal: Signal): Promise<void> {
    await this.#make();
    const names = path.split("/").filter((name) => name !== "");
    for (const [i] of names.entries()) await this.#folder(names.slice(0, i + 1).join("/")).createIfNotExists(signal);
  }

  async write(path: string, content: FileContent, signal: Signal): Promise<void> {
    await this.makeFolder(parentOf(path), signal);
    const file = this.#file(path);
    if (typeof content === "string") await file.uploadData(Buffer.from(content), signal);
    else if (content instanceof Uint8Array) await file.uploadData(Buffer.from(content.buffer, content.byteOffset, content.byteLength), signal);
    else await file.uploadFile(content.localPath, signal);
  }

  async read(path: string, signal: Signal): Promise<Buffer> {
    return this.#file(path).downloadToBuffer(0, undefined, signal);
  }

  async download(path: string, localPath: string, signal: Signal): Promise<void> {
    await this.#file(path).downloadToFile(localPath, 0, undefined, signal);
  }

  async list(folder: string, signal: Signal): Promise<readonly StoredFile[] | undefined> {
    return unless(ABSENT, filesIn(this.#folder(folder), folder, signal));
  }

  // A path is a file's or a folder's, and the service has a verb for each.
  async rename(from: string, to: string, signal: Signal): Promise<boolean> {
    await this.makeFolder(parentOf(to), signal);
    const asFile = await unless([...ABSENT, ...OTHER], this.#file(from).rename(to, signal));
    return (asFile ?? (await unless([...ABSENT, ...OTHER], this.#folder(from).rename(to, signal)))) !== undefined;
  }

  async delete(path: string, signal: Signal): Promise<void> {
    const asFile = await unless([...ABSENT, ...OTHER], this.#file(path).delete(signal));
    if (asFile === undefined) await unless(ABSENT, deleteFolder(this.#folder(path), signal));
  }

  #file(path: string): ShareFileClient {
    return this.share.rootDirectoryClient.getFileClient(path);
  }

  #folder(path: string): ShareDirectoryClient {
    return this.share.getDirectoryClient(path);
  }

  // The share itself, once.
  #make(): Promise<unknown> {
    this.#made ??= this.share.createIfNotExists().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }
}

async function filesIn(folder: ShareDirectoryClient, path: string, signal: Signal): Promise<StoredFile[]> {
  const found: StoredFile[] = [];
  for await (const entry of folder.listFilesAndDirectories(signal)) {
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.kind === "file") found.push({ path: below, sizeInBytes: entry.properties.contentLength });
    else found.push(...(await filesIn(folder.getDirectoryClient(entry.name), below, signal)));
  }
  return found;
}

async function deleteFolder(folder: ShareDirectoryClient, signal: Signal): Promise<void> {
  for await (const entry of folder.listFilesAndDirectories(signal)) {
    if (entry.kind === "file") await folder.deleteFile(entry.name, signal);
    else await deleteFolder(folder.getDirectoryClient(entry.name), signal);
  }
  await folder.delete(signal);
}

// Answers `undefined` where the service refuses with one of the codes: it is no fault where it is expected.
async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { errorCode?: string } };
    if (codes.includes(code ?? details?.errorCode ?? "")) return undefined;
    throw error;
  }
}

function parentOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}
