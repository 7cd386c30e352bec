import type { Server } from "../../servers/server.js";

/**
 * A place on a server, for as long as its lease is renewed. Disposing of it, with `await using`, releases it.
 *
 * @public
 */
export interface Session extends AsyncDisposable {
  /** What {@link ServerPool.renew} and {@link ServerPool.release} take, in any process of the pool. */
  readonly id: string;
  readonly server: Server;
  /** How soon it is to be renewed. */
  readonly leaseInMs: number;
}

const ID = /^([0-9a-f]{8})\.[0-9a-f]{16}$/u;

// The server that a session is on, by the session's id.
export function serverOfSession(id: string): string {
  const server = ID.exec(id)?.[1];
  if (server === undefined) throw new TypeError(`Expected \`id\` to be the id of a session, got ${typeof id === "string" ? `"${id.slice(0, 80)}"` : typeof id}.`);
  return server;
}
