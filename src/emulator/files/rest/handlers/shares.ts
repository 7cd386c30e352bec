import type { BigIntStats } from "node:fs";
import { hasFailedWith, HeldFolder } from "../../held-folder.js";
import { isShareName } from "../../share-root.js";
import { etag, lastModified, metadataHeaders, readMetadata, readNumber, versionHeaders } from "../entity-headers.js";
import type { FileAnswer } from "../file-answer.js";
import { refusals } from "../storage-error.js";
import { element, texts } from "../xml.js";
import { openShare, type FileCall } from "./call.js";
import { enumeration, readPage } from "./page.js";

const LARGEST_QUOTA_IN_GIB = 102_400;

/** List Shares. */
export async function listShares(call: FileCall): Promise<FileAnswer> {
  await using top = await HeldFolder.open(call.root);
  await using account = await top.descend([call.account]).catch((error: unknown) => {
    if (!hasFailedWith(error, "ENOENT")) throw error;
    return undefined;
  });
  const entries = (await account?.entries()) ?? [];
  const page = readPage(call, entries.filter((entry) => entry.isDirectory() && isShareName(entry.name)).map(({ name }) => name));
  const shares: string[] = [];
  for (const name of page.names) if (account !== undefined) shares.push(shareElement(call, name, await account.look(name)));
  return { status: 200, xml: enumeration(call, {}, page, element("Shares", shares.join(""))) };
}

function shareElement({ book, request }: FileCall, name: string, stats: BigIntStats): string {
  const kept = book.read(stats);
  const properties = { "Last-Modified": lastModified(stats), Etag: `"${etag(stats, kept.revision)}"`, Quota: kept.quota, AccessTier: "TransactionOptimized", LeaseStatus: "unlocked", LeaseState: "available" };
  const hasMetadata = (request.query.get("include") ?? "").split(",").includes("metadata");
  return element("Share", texts({ Name: name }) + element("Properties", texts(properties)) + (hasMetadata ? element("Metadata", texts(kept.metadata)) : ""));
}

/** Create Share. */
export async function createShare(call: FileCall): Promise<FileAnswer> {
  const change = { metadata: readMetadata(call.request), ...readQuota(call) };
  await using top = await HeldFolder.open(call.root);
  await using account = await top.descend([call.account], { shouldMake: true });
  await account.make(call.share).catch((error: unknown) => {
    throw hasFailedWith(error, "EEXIST") ? refusals.shareAlreadyExists() : error;
  });
  await using share = await openShare(call);
  const stats = await share.stat();
  call.book.forget(stats);
  call.book.change(stats, change);
  return { status: 201, headers: versionHeaders(stats, call.book.read(stats)) };
}

/** Get Share Properties, and Get Share Metadata. */
export async function getShare(call: FileCall): Promise<FileAnswer> {
  await using share = await openShare(call);
  const stats = await share.stat();
  const kept = call.book.read(stats);
  const headers = {
    ...versionHeaders(stats, kept),
    ...metadataHeaders(kept),
    "x-ms-share-quota": String(kept.quota),
    "x-ms-access-tier": "TransactionOptimized",
    "x-ms-enabled-protocols": "SMB",
    "x-ms-lease-status": "unlocked",
    "x-ms-lease-state": "available",
  };
  return { status: 200, headers };
}

/** Set Share Metadata. */
export async function setShareMetadata(call: FileCall): Promise<FileAnswer> {
  return changeShare(call, { metadata: readMetadata(call.request) });
}

/** Set Share Properties. */
export async function setShareProperties(call: FileCall): Promise<FileAnswer> {
  return changeShare(call, readQuota(call));
}

/** Delete Share. It is gone at once, where the service takes its time. */
export async function deleteShare(call: FileCall): Promise<FileAnswer> {
  await using share = await openShare(call);
  call.book.forget(await share.stat());
  await using top = await HeldFolder.open(call.root);
  await using account = await top.descend([call.account]);
  await account.removeTree(call.share);
  return { status: 202 };
}

async function changeShare(call: FileCall, change: Parameters<FileCall["book"]["change"]>[1]): Promise<FileAnswer> {
  await using share = await openShare(call);
  const stats = await share.stat();
  call.book.change(stats, change);
  return { status: 200, headers: versionHeaders(stats, call.book.read(stats)) };
}

function readQuota({ request }: FileCall): { readonly quota?: number } {
  if (request.header("x-ms-share-quota") === undefined) return {};
  const quota = readNumber(request, "x-ms-share-quota", LARGEST_QUOTA_IN_GIB);
  if (quota === 0) throw refusals.invalidHeader("x-ms-share-quota");
  return { quota };
}
