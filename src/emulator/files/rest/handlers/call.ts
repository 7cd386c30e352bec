import { hasFailedWith, HeldFolder } from "../../held-folder.js";
import type { Grant } from "../auth/authorize.js";
import type { FileAnswer } from "../file-answer.js";
import type { FileRequest } from "../file-request.js";
import type { PropertyBook } from "../property-book.js";
import { refusals } from "../storage-error.js";

/** One request that may be answered. */
export interface FileCall {
  readonly request: FileRequest;
  readonly grant: Grant;
  /** The folder under which the folders of all accounts are. */
  readonly root: string;
  readonly book: PropertyBook;
  readonly account: string;
  /** The account's. */
  readonly key: string;
  /** The share; empty where the request is about the account. */
  readonly share: string;
  /** The checked names below the share. */
  readonly path: readonly string[];
  /** Where the service answers, as clients write it. */
  readonly url: string;
}

/** What answers one kind of request. */
export type FileHandler = (call: FileCall) => Promise<FileAnswer>;

/** Opens the share that a request is about. */
export async function openShare({ root, account, share }: FileCall): Promise<HeldFolder> {
  await using top = await HeldFolder.open(root);
  return await descend(top, [account, share], refusals.shareNotFound);
}

/** Opens the folder in which the file or folder that a request is about is, or would be. */
export async function openParent(call: FileCall): Promise<HeldFolder> {
  await using share = await openShare(call);
  return await descend(share, call.path.slice(0, -1), refusals.parentNotFound);
}

/** The name of what a request is about in its parent. */
export function nameOf({ path }: FileCall): string {
  return path.at(-1) ?? ".";
}

async function descend(from: HeldFolder, names: readonly string[], refusal: () => Error): Promise<HeldFolder> {
  return from.descend(names).catch((error: unknown) => {
    throw hasFailedWith(error, "ENOENT", "ENOTDIR", "ELOOP") ? refusal() : error;
  });
}
