import type { AciClient } from "../../client/aci-client.js";
import { findGroup } from "../../client/find-group.js";
import { partsOf, type ClientParts } from "../../client/parts.js";
import type { Snapshot } from "../../container-group.js";
import { AciError } from "../../errors.js";
import type { ServerSpec } from "../server-spec.js";
import { isLeaseDue, renewLease } from "../servers/group-lease.js";
import { answers, checkReach } from "../servers/health-check.js";
import { Hider } from "../servers/hider.js";
import { judgeServer } from "../servers/judge-server.js";
import { isReachable } from "../servers/server-group.js";
import { serverOf, type Server } from "../servers/server.js";
import { whyNotReady } from "../servers/why-not-ready.js";
import { Creator } from "./creator.js";
import { expectOurs, identify, type KeyedServer } from "./keyed-server.js";
import { resolveEnsureServerOptions, type EnsureServerOptions, type ResolvedEnsureServerOptions } from "./options.js";
import { Remover } from "./remover.js";

const FIRST_PAUSE_IN_MS = 1000;
const LONGEST_PAUSE_IN_MS = 5000;

/**
 * The one server of a key: found if it is there, started if not, and its address once it answers. Whoever asks for the same key
 * gets the same server; there are never two.
 *
 * @remarks
 * The name of the group comes from the key, and a name is unique in its resource group: that is the mutex, also between
 * processes that share nothing. A server that has died is deleted and started again under its name; with a `store` one process
 * at a time does so.
 *
 * Nobody deletes a server that is alive but {@link sweep}, once nobody has asked for it for `idleTimeoutInMs`, and you, with
 * `client.delete(server.groupName)`.
 *
 * @throws {@link AciError} `ACI_SERVER_CONFLICT` if the key's server was made by another spec, `ACI_NAME_CONFLICT` if its name is
 * somebody else's, `ACI_SERVER_NOT_READY` with what keeps it if it does not answer in time, and what Azure refuses the create with.
 * @throws TypeError or RangeError if the spec or an option cannot be right.
 *
 * @example
 * ```ts
 * const server = await ensureServer(client, { key: `sheet-${id}`, image: "sheets:2", address: {}, ports: [{ port: 8080 }] }, { isHealthy: { http: 8080 } });
 * await fetch(`http://${server.ip}:8080/messages`, { method: "POST", body });
 * ```
 * @public
 */
export async function ensureServer(client: AciClient, spec: ServerSpec & { readonly key: string }, options: EnsureServerOptions = {}): Promise<Server> {
  const parts = partsOf(client);
  const keyed = identify(parts, spec);
  const resolved = resolveEnsureServerOptions(options);
  checkReach(resolved.isHealthy, keyed.spec);
  const hider = new Hider(keyed.spec, resolved.secrets);
  const creator = new Creator(parts, keyed, hider, resolved);
  try {
    return await untilReady(parts, keyed, { hider, creator, remover: new Remover(parts, keyed, resolved) }, resolved);
  } finally {
    creator.leave();
  }
}

interface Hands {
  readonly hider: Hider;
  readonly creator: Creator;
  readonly remover: Remover;
}

async function untilReady(parts: ClientParts, keyed: KeyedServer, { hider, creator, remover }: Hands, options: ResolvedEnsureServerOptions): Promise<Server> {
  const { clock } = parts;
  const { abortSignal, startTimeoutInMs } = options;
  const deadline = clock.now() + startTimeoutInMs;
  // What a group has shown says more than that there is none by now.
  let [shown, missing] = [undefined as string | undefined, ""];
  for (let pause = FIRST_PAUSE_IN_MS; ; pause = Math.min(LONGEST_PAUSE_IN_MS, pause * 1.5)) {
    const snapshot = await findGroup(parts, keyed.groupName, abortSignal);
    if (snapshot === undefined) missing = await creator.create();
    else {
      const found = await find(parts, keyed, await hider.inSnapshot(snapshot, isReachable(keyed.spec)), options);
      if (found.server !== undefined) return found.server;
      shown = found.because;
      if (found.isOver === true) await remover.remove();
    }
    if (clock.now() >= deadline) throw notReady(keyed, shown ?? missing, startTimeoutInMs);
    await clock.sleep(Math.min(pause, deadline - clock.now()), abortSignal);
  }
}

type Found =
  | { readonly server: Server }
  | {
      readonly server?: undefined;
      readonly because: string;
      /** It will not serve, and is to be removed so that another can be made. */
      readonly isOver?: boolean;
    };

// The server in a group, or why it does not serve.
async function find(parts: ClientParts, keyed: KeyedServer, snapshot: Snapshot, options: ResolvedEnsureServerOptions): Promise<Found> {
  const { clock } = parts;
  const { abortSignal, isHealthy, idleTimeoutInMs } = options;
  expectOurs(keyed, snapshot);
  const standing = judgeServer(snapshot, isReachable(keyed.spec));
  if ("because" in standing) return { because: standing.because, isOver: true };
  if (standing.kind === "starting") return { because: whyNotReady(snapshot, false) };
  const server = serverOf(keyed.key, snapshot);
  if (!(await answers(isHealthy, server, clock, abortSignal))) return { because: whyNotReady(snapshot, true) };
  if (isLeaseDue(snapshot, parts.azureClock.now(), idleTimeoutInMs)) await renewLease(parts, snapshot, idleTimeoutInMs, abortSignal);
  return { server };
}

function notReady({ key, groupName }: KeyedServer, because: string, timeoutInMs: number): AciError {
  return new AciError(`The server of key "${key}" was not ready after ${timeoutInMs} ms in container group "${groupName}": ${because}`, { code: "ACI_SERVER_NOT_READY", isRetryable: true });
}
