import { existsSync, lstatSync, realpathSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ShareFolder } from "./share-folder.js";

const ACCOUNT = /^[a-z0-9]{3,24}$/;
// No two hyphens in a row, and no more than 63 characters in all.
const SHARE = /^(?=.{3,63}$)[a-z0-9](?:-?[a-z0-9])+$/;

/** The folder under which every emulated file share is a folder: `<root>/<account>/<share>`. */
export class ShareRoot {
  private constructor(
    readonly path: string,
    private readonly isOurs: boolean,
  ) {}

  /** Opens the folder given, or makes one that is removed at the end. */
  static async open(folder: string | undefined): Promise<ShareRoot> {
    if (folder === undefined) return new ShareRoot(realpathSync(await mkdtemp(join(tmpdir(), "aci-emulator-shares-"))), true);
    await mkdir(resolve(folder), { recursive: true });
    return new ShareRoot(realpathSync(resolve(folder)), false);
  }

  /** Makes a share, if it is not there yet. */
  async share(account: string, share: string): Promise<ShareFolder> {
    const path = this.#pathOf(account, share);
    if (path === undefined) {
      throw new RangeError(`Expected a storage account of 3 to 24 lowercase letters and numbers and a share of 3 to 63 lowercase letters, numbers and single hyphens, got \`${account}\` and \`${share}\``);
    }
    await mkdir(path, { recursive: true });
    if (!isPlainFolder(path)) throw new Error(`The share ${account}/${share} is not a folder of its own`);
    return new ShareFolder(path);
  }

  /** The folder of a share that exists. A link is none: it could lead anywhere. */
  find(account: string, share: string): string | undefined {
    const path = this.#pathOf(account, share);
    return path !== undefined && isPlainFolder(path) ? path : undefined;
  }

  async close(): Promise<void> {
    if (this.isOurs) await rm(this.path, { recursive: true, force: true });
  }

  #pathOf(account: string, share: string): string | undefined {
    return isAccountName(account) && isShareName(share) ? join(this.path, account, share) : undefined;
  }
}

/** Whether a storage account can have the name. */
export function isAccountName(name: string): boolean {
  return ACCOUNT.test(name);
}

/** Whether a share can have the name. */
export function isShareName(name: string): boolean {
  return SHARE.test(name);
}

function isPlainFolder(path: string): boolean {
  return existsSync(path) && lstatSync(path).isDirectory() && realpathSync(path) === path;
}
