import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What is played: jobs, one job that several hosts drive, or a pool of servers. */
export type Kind = "jobs" | "crowd" | "fleet";

/** What came of many schedules. */
export interface Sum {
  readonly schedules: number;
  readonly jobs: number;
  /** Of pools of servers. */
  readonly groups: number;
  readonly sessions: number;
  readonly requests: number;
  readonly virtualMs: number;
  /** How often each fault of the catalogue happened. */
  readonly hits: Readonly<Record<string, number>>;
  readonly bad: readonly { readonly seed: number; readonly violations: readonly string[] }[];
  readonly hashes: readonly string[];
}

interface Order {
  readonly seeds: readonly number[];
  readonly of?: Kind;
  readonly isStopping?: boolean;
  readonly wantsHashes?: boolean;
}

const run = promisify(execFile);
// A process is quick when it has played for a while.
const CHUNK = 5000;
// Where the first violation is enough; and so few that only what goes round in circles takes two minutes, on whatever machine.
const SMALL_CHUNK = 100;
const HANGS_AFTER_IN_MS = 120_000;
const NOTHING: Sum = { schedules: 0, jobs: 0, groups: 0, sessions: 0, requests: 0, virtualMs: 0, hits: {}, bad: [], hashes: [] };

/** Plays schedules in processes of their own, two at a time, and adds up what came of them. */
export async function playMany(bundle: string, order: Order, width = 2): Promise<Sum> {
  const size = order.isStopping === true ? SMALL_CHUNK : Math.min(CHUNK, Math.ceil(order.seeds.length / width));
  const chunks = Array.from({ length: Math.ceil(order.seeds.length / size) }, (_, index) => order.seeds.slice(index * size, (index + 1) * size));
  const sums: Sum[] = [];
  const queue = chunks.entries();
  const work = async (): Promise<void> => {
    for (const [index, seeds] of queue) {
      if (order.isStopping === true && sums.some((sum) => (sum as Sum | undefined)?.bad.length)) return;
      sums[index] = await playSome(bundle, { ...order, seeds });
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return sums.filter((sum) => (sum as Sum | undefined) !== undefined).reduce(add);
}

export function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

async function playSome(bundle: string, order: Order): Promise<Sum> {
  // Most of what is made is dropped at once: with more room for the young the collector takes a fifth less of the time. Where an
  // error was thrown is told by the schedule that is played again line by line.
  const args = ["--stack-trace-limit=0", "--max-semi-space-size=64", bundle, JSON.stringify(order)];
  try {
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1e9, ...(order.isStopping === true && { timeout: HANGS_AFTER_IN_MS }) });
    return JSON.parse(stdout) as Sum;
  } catch (error) {
    if ((error as { killed?: boolean }).killed !== true) throw error;
    // It goes round without ever waiting for anything, so that no time passes in there either.
    return { ...NOTHING, bad: [{ seed: order.seeds[0] ?? 0, violations: ["L1: it goes round in circles"] }] };
  }
}

function add(one: Sum, other: Sum): Sum {
  const hits = { ...one.hits };
  for (const [id, count] of Object.entries(other.hits)) hits[id] = (hits[id] ?? 0) + count;
  return {
    schedules: one.schedules + other.schedules,
    jobs: one.jobs + other.jobs,
    groups: one.groups + other.groups,
    sessions: one.sessions + other.sessions,
    requests: one.requests + other.requests,
    virtualMs: one.virtualMs + other.virtualMs,
    hits,
    bad: [...one.bad, ...other.bad],
    hashes: [...one.hashes, ...other.hashes],
  };
}
