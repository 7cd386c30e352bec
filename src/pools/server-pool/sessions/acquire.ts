import { randomHex } from "../../../internal/random.js";
import { answers } from "../../servers/health-check.js";
import { groupNameOf } from "../rows/naming.js";
import type { Pool } from "../pool.js";
import { sessionsOn, withoutExpired, type ServerRow } from "../rows/row.js";
import { apply } from "../plan/apply.js";
import { leaseEnd, release } from "./keep.js";
import type { Session } from "./session.js";

/** Options of {@link ServerPool.acquire}. @public */
export interface AcquireOptions {
  /** How long to wait while all servers are full. @defaultValue `0` */
  readonly waitInMs?: number | undefined;
  /** Stops the waiting. */
  readonly abortSignal?: AbortSignal | undefined;
}

const FIRST_PAUSE_IN_MS = 250;
const LONGEST_PAUSE_IN_MS = 2000;
// Who does not wait is likely to ask again, and others with it: they count as one.
const ASKED = "asked";
const ASKED_COUNTS_FOR_IN_MS = 60_000;

// A place on a server, or undefined if all are full until time is up.
export async function acquire(pool: Pool, { waitInMs = 0, abortSignal }: AcquireOptions): Promise<Session | undefined> {
  const { clock } = pool.parts;
  const until = clock.now() + waitInMs;
  const waiter = randomHex(8);
  let isWaiting = false;
  try {
    for (let pause = FIRST_PAUSE_IN_MS; ; pause = Math.min(LONGEST_PAUSE_IN_MS, pause * 2)) {
      abortSignal?.throwIfAborted();
      const session = await tryAcquire(pool, abortSignal);
      const left = until - clock.now();
      if (session !== undefined) return session;
      if (left <= 0) {
        if (waitInMs === 0) await pool.rows.wait(ASKED, clock.now() + ASKED_COUNTS_FOR_IN_MS);
        return undefined;
      }
      if (!isWaiting) await pool.rows.wait(waiter, until);
      isWaiting = true;
      await clock.sleep(Math.min(pause, left), abortSignal);
    }
  } finally {
    if (isWaiting) await pool.rows.stopWaiting(waiter);
  }
}

// One server after another is asked for a place, until there is none with one.
async function tryAcquire(pool: Pool, abortSignal: AbortSignal | undefined): Promise<Session | undefined> {
  for (;;) {
    const now = pool.parts.clock.now();
    const best = (await pool.rows.list(now)).rows.filter((row) => hasRoom(pool, row, now)).sort(byFullness(now))[0];
    if (best === undefined) return undefined;
    const session = await place(pool, best.id, abortSignal);
    if (session !== undefined) return session;
  }
}

// Notes a session in the row of a server that takes some still. A drain writes the same row: one of the two comes first, and the
// other sees it.
async function place(pool: Pool, serverId: string, abortSignal: AbortSignal | undefined): Promise<Session | undefined> {
  const { clock } = pool.parts;
  const id = `${serverId}.${randomHex(8)}`;
  const row = await pool.rows.change(serverId, (found) => {
    const now = clock.now();
    if (found === undefined || !hasRoom(pool, found, now)) return undefined;
    const kept = withoutExpired(found, now);
    return { ...kept, sessions: { ...kept.sessions, [id]: leaseEnd(pool, now) } };
  });
  if (row === undefined) return undefined;
  const { ip, fqdn, ports } = row;
  const server = { id: serverId, groupName: groupNameOf(pool.identity, serverId), ...(ip !== undefined && { ip }), ...(fqdn !== undefined && { fqdn }), ports };
  if (!(await isWell(pool, server, id, abortSignal))) return undefined;
  const end = (): Promise<void> => release(pool, id);
  return { id, server, leaseInMs: pool.options.sessionLeaseInMs, [Symbol.asyncDispose]: end };
}

// Whether the server answers at this moment. If not, it takes nobody until a reconcile has looked at it.
async function isWell(pool: Pool, server: Session["server"], id: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
  const { parts, options, rows } = pool;
  let isAnswering = false;
  try {
    isAnswering = await answers(options.isHealthy, server, parts.clock, abortSignal);
  } finally {
    if (!isAnswering) await release(pool, id);
  }
  const doubt = { kind: "suspect", id: server.id, because: "it does not answer" } as const;
  if (!isAnswering) await rows.change(server.id, (row) => apply(doubt, row, parts.clock.now(), options.rules.reportsWithinInMs));
  return isAnswering;
}

function hasRoom({ options }: Pool, row: ServerRow, now: number): boolean {
  const { capacityPerServer = Infinity } = options.rules.scaling;
  return row.phase === "running" && row.suspectedAt === undefined && sessionsOn(row, now) < capacityPerServer;
}

// The fullest first, so that others come to be empty.
function byFullness(now: number): (a: ServerRow, b: ServerRow) => number {
  return (a, b) => sessionsOn(b, now) - sessionsOn(a, now) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
