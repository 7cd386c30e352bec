import { ensureGone } from "../../client/ensure-gone.js";
import { findGroup } from "../../client/find-group.js";
import type { ClientParts } from "../../client/parts.js";
import { randomHex } from "../../internal/random.js";
import type { JobStore } from "../../store.js";
import { judgeServer } from "../servers/judge-server.js";
import { isReachable } from "../servers/server-group.js";
import { expectOurs, type KeyedServer } from "./keyed-server.js";
import type { ResolvedEnsureServerOptions } from "./options.js";

// How long one process may take to remove a dead server before another may.
const LOCK_IN_MS = 330_000;
const GONE_WITHIN_IN_MS = 300_000;

interface Lock {
  readonly by: string;
  readonly until: number;
}

// Deletes the group of a server that has died and sees that it is gone; does nothing where another process is about it.
export async function removeDead(parts: ClientParts, keyed: KeyedServer, { store, abortSignal }: ResolvedEnsureServerOptions): Promise<void> {
  const remove = async (): Promise<void> => {
    // Another process may have put a new one in its place since.
    const snapshot = await findGroup(parts, keyed.groupName, abortSignal);
    if (snapshot === undefined) return;
    expectOurs(keyed, snapshot);
    if (judgeServer(snapshot, isReachable(keyed.spec)).kind === "dead") await ensureGone(parts, keyed.groupName, { timeoutInMs: GONE_WITHIN_IN_MS, abortSignal });
  };
  if (store === undefined) return remove();
  await alone(store, `servers/${encodeURIComponent(keyed.owner)}/keys/${keyed.hash}`, () => parts.clock.now(), remove);
}

// Does something while nobody else does, or nothing if somebody does.
async function alone(store: JobStore, key: string, now: () => number, work: () => Promise<void>): Promise<void> {
  const found = await store.read(key);
  if (found !== undefined && (found.value as unknown as Lock).until > now()) return;
  const by = randomHex(8);
  const version = await store.write(key, { by, until: now() + LOCK_IN_MS }, found?.version ?? "absent");
  if (version === undefined) return;
  try {
    await work();
  } finally {
    await store.write(key, { by, until: 0 }, version);
  }
}
