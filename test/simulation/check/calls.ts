import type { Record } from "./record.js";

const REFUSED: Readonly<{ [fault: string]: number }> = { W5: 401, W6: 401, W8: 400 };

/** I12: what is forged, stale or no call at all is kept by nobody. */
export function checkCalls(record: Record): void {
  for (const { fault = "", group, status, kept } of record.all("call")) {
    const expected = REFUSED[fault];
    if (expected !== undefined && (status !== expected || kept > 0)) record.broken("I12", `a call of ${group} with ${fault} was answered ${status}`);
    if (expected === undefined && ![204, 429].includes(status)) record.broken("I12", `a right call of ${group} was answered ${status}`);
    if (expected === undefined && status === 204 && kept === 0) record.broken("I12", `a right call of ${group} was kept by nobody`);
  }
}
