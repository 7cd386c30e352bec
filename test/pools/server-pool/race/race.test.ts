import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { bundle, type Patch } from "../../../simulation/build.js";
import type { Outcome } from "./race.js";

const ROOT = "src/pools/server-pool";
const RACES = Number(process.env["ACI_TEST_RACES"] ?? 300);
const MOST = 1000;

async function load(name: string, patches: readonly Patch[] = []): Promise<(seed: number) => Promise<Outcome>> {
  const file = await bundle("../pools/server-pool/race/race.ts", `race-${name}.mjs`, patches);
  return ((await import(pathToFileURL(file).href)) as { race: (seed: number) => Promise<Outcome> }).race;
}

const patch = (file: string, from: string, to: string): Patch => ({ file: `${ROOT}/${file}`, from, to });

const PLANTED: Readonly<Record<string, readonly Patch[]>> = {
  "a count counts whenever it comes": [patch("sessions/report.ts", "row.reported !== undefined && observed < row.reported.observedAt", "false")],
  "rows are written whoever wrote meanwhile": [patch("rows/pool-rows.ts", 'found?.version ?? "absent")) !== undefined) return next;\n    }', '(await this.store.read(key))?.version ?? "absent")) !== undefined) return next;\n    }')],
  "two scalers act at once": [patch("rows/scaler.ts", "if (before.until > now && !this.#isStale(found?.version, now)) return undefined;", ""), patch("rows/scaler.ts", "if (version === undefined) return false;", "if (version === undefined) return true;")],
  "what is drained is deleted without another look at its use": [patch("plan/apply.ts", 'row.phase === "draining" && !isInUse(row, now)', 'row.phase === "draining"')],
  "sessions are put on servers that are drained": [patch("sessions/acquire.ts", 'row.phase === "running" && row.suspectedAt', 'row.phase !== "creating" && row.suspectedAt')],
  "a session is given up when its lease ends": [patch("sessions/keep.ts", "now + 2 * options.sessionLeaseInMs", "now + options.sessionLeaseInMs / 4")],
  "a session that was given up can be renewed": [patch("sessions/keep.ts", "return (row.sessions[id] ?? 0) > now || isHeld(row, now);", "return true;"), patch("sessions/keep.ts", 'if (row.phase === "deleting") return false;\n', "")],
  "the row is written after the create": [patch("reconcile/observe.ts", "orphans.push({ id, groupName: snapshot.groupName });", "void orphans;"), patch("reconcile/carry-out.ts", "const written = await rows.change(id, (row) => (row === undefined ? newRow(id, groupNameOf(identity, id), clock.now()) : undefined));\n  if (written === undefined) return;\n", ""), patch("reconcile/carry-out.ts", "await rows.change(id, (row) => row && { ...row, acceptedAt: clock.now() });", "await rows.change(id, () => newRow(id, groupNameOf(identity, id), clock.now()));")],
};

describe("a pool that several processes use and scale", () => {
  it(`deletes no server in use and ends as it should, in ${RACES} orders of events`, { timeout: 120_000 }, async () => {
    const race = await load("true");
    const counts: Record<string, number> = {};
    for (let seed = 0; seed < RACES; seed++) {
      const outcome = await race(seed);
      expect(outcome.violations, `seed ${seed}`).toEqual([]);
      for (const [name, count] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + count;
    }
    // What is not met is not tested.
    for (const name of ["deletes", "sessions", "refused", "reports", "deaths", "passive"]) expect(counts[name], name).toBeGreaterThan(RACES / 20);
    if (process.env["ACI_TEST_RACES"] !== undefined) console.log(counts);
  });

  it.each(Object.entries(PLANTED))("is found out when %s", { timeout: 240_000 }, async (name, patches) => {
    const race = await load(`bug-${Object.keys(PLANTED).indexOf(name)}`, patches);
    let seed = 0;
    while (seed < MOST && (await race(seed)).violations.length === 0) seed++;
    if (process.env["ACI_TEST_RACES"] !== undefined) console.log(`${name}: after ${seed + 1}`);
    expect(seed).toBeLessThan(MOST);
  });
});
