import type { FleetWorld } from "../fleet-world.js";
import { checkCreates } from "./creates.js";
import { FleetRecord } from "./fleet-record.js";
import { checkPlaces } from "./places.js";
import { checkUse } from "./use.js";

/** What each call may be told, whatever happens. */
const MAY_FAIL: Readonly<{ [call: string]: readonly string[] }> = {
  renew: ["ACI_SESSION_EXPIRED", "ACI_SERVER_LOST"],
  report: ["ACI_SERVER_LOST"],
  drain: ["ACI_NOT_FOUND"],
};
/** And what while something goes wrong, or has just done so. */
const UNDER_FAULTS = ["STORE", "ACI_REQUEST_FAILED", "ACI_CREDENTIAL"];
const HEARD_WITHIN_IN_MS = 200_000;

/** Judges the whole history of a pool of servers afterwards. It shares nothing with the library. */
export function checkFleet(world: FleetWorld): readonly string[] {
  const record = new FleetRecord(world);
  checkUse(record);
  checkPlaces(record);
  checkCreates(record);
  checkEnds(record);
  return record.violations;
}

/** L3: in the end everybody has a session, there are as many servers as that takes, and nobody was told what he cannot act on. */
function checkEnds(record: FleetRecord): void {
  for (const { what } of record.all("settled")) if (what.startsWith("never")) record.broken("L3", what);
  if (record.all("settled").length < 2) record.broken("L3", "it never settled");
  for (const { by, call, code, text, at } of record.all("failed")) {
    const isFaulty = at < record.calmAt + HEARD_WITHIN_IN_MS && UNDER_FAULTS.includes(code) && !(call !== "reconcile" && call !== "sweep" && code !== "STORE");
    if (!isFaulty && MAY_FAIL[call]?.includes(code) !== true) record.broken("L3", `${by} was told ${code} of ${call}: ${text}`);
  }
}
