import { readFile, writeFile } from "node:fs/promises";
import type { FileCallOptions, FileContent, FileStore, StoredFile } from "../../../src/index.js";

/** A file store in memory. `before` is called before each verb, and may throw or wait. */
export class MemoryFiles implements FileStore {
  readonly files = new Map<string, Buffer>();
  readonly folders = new Set<string>();
  readonly calls: string[] = [];
  before: (verb: string, options?: FileCallOptions) => void | Promise<void> = () => undefined;

  mount(): ReturnType<FileStore["mount"]> {
    return { account: "acct", share: "share", accountKey: { secureValue: "c2VjcmV0" } };
  }

  async makeFolder(path: string, options?: FileCallOptions): Promise<void> {
    await this.#begin("makeFolder", path, options);
    this.folders.add(path);
  }

  async write(path: string, content: FileContent, options?: FileCallOptions): Promise<void> {
    await this.#begin("write", path, options);
    this.files.set(path, typeof content === "string" ? Buffer.from(content) : "localPath" in content ? await readFile(content.localPath) : Buffer.from(content));
  }

  async read(path: string): Promise<Uint8Array> {
    const found = this.files.get(path);
    if (found === undefined) throw new Error("nothing is there");
    return found;
  }

  async download(path: string, localPath: string, options?: FileCallOptions): Promise<void> {
    await this.#begin("download", path, options);
    await writeFile(localPath, await this.read(path));
  }

  async list(folder: string, options?: FileCallOptions): Promise<readonly StoredFile[] | undefined> {
    await this.#begin("list", folder, options);
    const found = [...this.files].filter(([path]) => path.startsWith(`${folder}/`)).map(([path, data]) => ({ path, sizeInBytes: data.length }));
    return found.length > 0 || this.folders.has(folder) ? found : undefined;
  }

  async rename(from: string, to: string, options?: FileCallOptions): Promise<boolean> {
    await this.#begin("rename", from, options);
    const isThere = (path: string): boolean => this.folders.has(path) || [...this.files.keys()].some((file) => file === path || file.startsWith(`${path}/`));
    if (!isThere(from) || isThere(to)) return false;
    for (const [path, data] of [...this.files]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.files.delete(path);
      this.files.set(to + path.slice(from.length), data);
    }
    if (this.folders.delete(from)) this.folders.add(to);
    return true;
  }

  async delete(path: string, options?: FileCallOptions): Promise<void> {
    await this.#begin("delete", path, options);
    for (const file of [...this.files.keys()]) if (file === path || file.startsWith(`${path}/`)) this.files.delete(file);
    for (const folder of [...this.folders]) if (folder === path || folder.startsWith(`${path}/`)) this.folders.delete(folder);
  }

  async #begin(verb: string, path: string, options?: FileCallOptions): Promise<void> {
    this.calls.push(`${verb} ${path}`);
    await this.before(verb, options);
    options?.abortSignal?.throwIfAborted();
  }
}
