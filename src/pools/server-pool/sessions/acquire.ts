import { randomHex } from "../../../internal/random.js";
import { answers } from "../../servers/health-check.js";
import type { Server } from "../../servers/server.js";
import { groupNameOf } from "../rows/naming.js";
import { WIDTH, type Pool } from "../pool.js";
import { hasAddressOf, isHeld, sessionsOn, withoutExpired, type ServerRow } from "../rows/row.js";
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
// Who has given up is likely to ask again, and others with it: they count as one.
const ASKED = "asked";
const ASKED_COUNTS_FOR_IN_MS = 60_000;

// A place on a server, or undefined if all are full until time is up.
export async function acquire(pool: Pool, { waitInMs = 0, abortSignal }: AcquireOptions): Promise<Session | undefined> {
  const { parts, rows } = pool;
  const { clock } = parts;
  abortSignal?.throwIfAborted();
  const until = clock.now() + waitInMs;
  const waiter = randomHex(8);
  let isWaiting = false;
  try {
    for (let pause = FIRST_PAUSE_IN_MS; ; pause = Math.min(LONGEST_PAUSE_IN_MS, pause * 2)) {
      const session = await tryAcquire(pool, until, abortSignal);
      if (session !== undefined) return session;
      const left = until - clock.now();
      if (left <= 0) break;
      if (!isWaiting) {
        // Before it is written: that may fail, and the note be there.
        isWaiting = true;
        await rows.wait(waiter, until);
      }
      await clock.sleep(Math.min(pause, left), abortSignal);
    }
    await noteAsked(pool);
    return undefined;
  } catch (error) {
    await noteAsked(pool).catch(() => undefined);
    throw error;
  } finally {
    // A note that stays counts until the time in it. Whoever has asked is to have his place, or hear why he has none.
    if (isWaiting) await rows.stopWaiting(waiter).catch(() => undefined);
  }
}

async function noteAsked({ rows, parts: { clock } }: Pool): Promise<void> {
  await rows.wait(ASKED, clock.now() + ASKED_COUNTS_FOR_IN_MS);
}

// The fullest server is asked whether it is well and has a place. Where that comes to nothing, a few are asked at a time, until
// there is none with a place, or time is up.
async function tryAcquire(pool: Pool, until: number, abortSignal: AbortSignal | undefined): Promise<Session | undefined> {
  const { clock } = pool.parts;
  for (let width = 1; ; width = WIDTH) {
    const now = clock.now();
    const open = (await pool.rows.list(now)).rows.filter((row) => hasRoom(pool, row, now)).sort(byFullness(now)).slice(0, width);
    const areWell = await Promise.all(open.map((row) => isWell(pool, row, abortSignal)));
    const session = await placeOnOne(pool, open.filter((_row, at) => areWell[at]));
    if (session !== undefined || open.length === 0) return session;
    if (width > 1 && clock.now() >= until) return undefined;
  }
}

async function placeOnOne(pool: Pool, rows: readonly ServerRow[]): Promise<Session | undefined> {
  for (const row of rows) {
    const session = await place(pool, row);
    if (session !== undefined) return session;
  }
  return undefined;
}

// Notes a session in the row of a server that takes some still, where it was asked. A drain writes the same row: one of the two
// comes first, and the other sees it.
async function place(pool: Pool, asked: ServerRow): Promise<Session | undefined> {
  const { clock } = pool.parts;
  const id = `${asked.id}.${randomHex(8)}`;
  const row = await pool.rows.change(asked.id, (found) => {
    const now = clock.now();
    if (found === undefined || !hasRoom(pool, found, now) || !hasAddressOf(found, asked)) return undefined;
    const kept = withoutExpired(found, now);
    return { ...kept, sessions: { ...kept.sessions, [id]: leaseEnd(pool, now) } };
  });
  if (row === undefined) return undefined;
  const end = (): Promise<void> => release(pool, id);
  return { id, server: serverOfRow(pool, row), leaseInMs: pool.options.sessionLeaseInMs, [Symbol.asyncDispose]: end };
}

// Whether a server answers at this moment. If not, it takes nobody until a reconcile has looked at it.
async function isWell(pool: Pool, row: ServerRow, abortSignal: AbortSignal | undefined): Promise<boolean> {
  const { parts, options, rows } = pool;
  const isAnswering = await answers(options.isHealthy, serverOfRow(pool, row), parts.clock, abortSignal);
  const doubt = { kind: "suspect", id: row.id, because: "it does not answer" } as const;
  if (!isAnswering) await rows.change(row.id, (found) => apply(doubt, found, parts.clock.now(), options.heldInMs));
  return isAnswering;
}

function serverOfRow({ identity }: Pool, { id, ip, fqdn, ports }: ServerRow): Server {
  return { id, groupName: groupNameOf(identity, id), ...(ip !== undefined && { ip }), ...(fqdn !== undefined && { fqdn }), ports };
}

function hasRoom({ options }: Pool, row: ServerRow, now: number): boolean {
  const { capacityPerServer = Infinity } = options.rules.scaling;
  return row.phase === "running" && row.suspectedAt === undefined && !isHeld(row, now) && sessionsOn(row, now) < capacityPerServer;
}

// The fullest first, so that others come to be empty.
function byFullness(now: number): (a: ServerRow, b: ServerRow) => number {
  return (a, b) => sessionsOn(b, now) - sessionsOn(a, now) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
