import type { Standing } from "../../servers/judge-server.js";
import { whyNotRunning } from "../../servers/why-not-ready.js";
import { leasedOn, type ServerRow } from "../rows/row.js";
import type { RowAction } from "./action.js";
import type { Look } from "./observation.js";
import type { PoolRules } from "./rules.js";

// Where so many servers are unwell at once it is likelier that whoever looks or reports is: with fewer nobody can tell.
const MANY = 3;
// How much longer a server has to come back, where one word is against another.
const TIMES_LONGER = 10;

interface Trouble {
  readonly because: string;
  /** Who says so: Azure, a look at its program, or that nobody says anything. */
  readonly by: "azure" | "check" | "silence";
  /** When it was last reported of, if that is the trouble. */
  readonly heardAt?: number | undefined;
}

/** What is seen of a server. */
export interface Sight {
  readonly look: Look;
  readonly standing: Standing | undefined;
}

interface Circumstances {
  readonly now: number;
  readonly isBlind: boolean;
}

// Suspects a server, gives it up, or trusts it again.
export function doubt(row: ServerRow, sight: Sight, circumstances: Circumstances, rules: PoolRules): RowAction[] {
  const { id, suspectedAt } = row;
  const trouble = troubleOf(row, sight, circumstances.now, rules);
  if (trouble === undefined) return suspectedAt !== undefined && sight.look.kind !== "unknown" ? [{ kind: "trust", id }] : [];
  if (suspectedAt === undefined) return [{ kind: "suspect", id, because: trouble.because }];
  return giveUp({ ...row, suspectedAt }, trouble, sight.look, circumstances, rules);
}

// Gives a suspected server up after a while. Where one word is against another, because many are unwell at once, or because it
// answers though nothing is reported of it, it has longer, and is kept while somebody holds a session on it.
function giveUp(row: ServerRow & { readonly suspectedAt: number }, { because, by, heardAt }: Trouble, look: Look, { now, isBlind }: Circumstances, { lostAfterInMs, hasHealthCheck }: PoolRules): RowAction[] {
  const { id, suspectedAt } = row;
  const isAnswering = by === "silence" && hasHealthCheck && look.kind === "seen";
  const isContested = isAnswering || (isBlind && by !== "azure");
  if (isContested && leasedOn(row, now) > 0) return [];
  if (now - suspectedAt < lostAfterInMs * (isContested ? TIMES_LONGER : 1)) return [];
  return [{ kind: "lose", id, because, seen: { suspectedAt, heardAt, isUnleased: isContested || by === "silence" } }];
}

// Whether so many are unwell, not by Azure's word, that it is likelier not they who are.
export function isBlind(serving: readonly (readonly [ServerRow, Sight])[], now: number, rules: PoolRules): boolean {
  const unwell = serving.filter(([row, sight]) => ["check", "silence"].includes(troubleOf(row, sight, now, rules)?.by ?? "")).length;
  return unwell >= MANY && unwell > serving.length / 2;
}

function troubleOf(row: ServerRow, { look, standing }: Sight, now: number, { reportsWithinInMs }: PoolRules): Trouble | undefined {
  if (look.kind === "absent") return { because: "its group is gone", by: "azure" };
  if (look.kind === "seen" && (standing?.kind === "starting" || standing?.kind === "failed")) return { because: whyNotRunning(look.snapshot), by: "azure" };
  if (look.kind === "seen" && !look.isHealthy) return { because: "it does not answer", by: "check" };
  return silenceOf(row, now, reportsWithinInMs);
}

// Only who has reported is expected to go on. Who renews a session tells of its server too.
function silenceOf(row: ServerRow, now: number, reportsWithinInMs: number): Trouble | undefined {
  const { heardAt = Infinity } = row.reported ?? {};
  if (now - heardAt <= reportsWithinInMs || leasedOn(row, now) > 0) return undefined;
  return { because: `nothing was reported of it for ${reportsWithinInMs} ms`, by: "silence", heardAt };
}
