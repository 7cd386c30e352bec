import { isAccountName, type ShareRoot } from "../share-root.js";
import { accountKey } from "./auth/account-key.js";
import { serveFiles, type FileServer } from "./file-server.js";

/**
 * A storage account's file service in the emulator, as clients of Azure Files are told of it.
 *
 * @public
 */
export interface EmulatedFileService {
  /** Where it answers: `http://127.0.0.1:PORT/<account>`. */
  readonly url: string;
  /** The name of the storage account. */
  readonly accountName: string;
  /** Its key, to sign requests and shared access signatures with. The same for the same token and name. */
  readonly accountKey: string;
}

/** The file services of all accounts, behind one port that is opened when it is first asked for. */
export class FileServices {
  #server: Promise<FileServer> | undefined;
  #isClosed = false;

  constructor(
    private readonly shares: ShareRoot,
    private readonly token: string,
  ) {}

  /** Opens the service of an account, which is the same for everyone who asks. */
  async open(account: string): Promise<EmulatedFileService> {
    if (!isAccountName(account)) throw new RangeError(`Expected \`account\` to be 3 to 24 lowercase letters and numbers, got \`${account}\``);
    if (this.#isClosed) throw new Error("The emulator is closed");
    this.#server ??= serveFiles(this.shares.path, this.token);
    const { origin } = await this.#server;
    return { url: `${origin}/${account}`, accountName: account, accountKey: accountKey(this.token, account) };
  }

  /** Ends all that is going on, and listens no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const server = await this.#server?.catch(() => undefined);
    await server?.close();
  }
}
