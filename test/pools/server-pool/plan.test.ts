import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/index.js";
import type { Action } from "../../../src/pools/server-pool/plan/action.js";
import { apply } from "../../../src/pools/server-pool/plan/apply.js";
import { backOff, type ScalerMemory } from "../../../src/pools/server-pool/plan/memory.js";
import type { Look, PoolObservation } from "../../../src/pools/server-pool/plan/observation.js";
import { plan, type Plan } from "../../../src/pools/server-pool/plan/plan.js";
import { newRow, type ServerRow } from "../../../src/pools/server-pool/rows/row.js";
import { rulesOf, snapshotOf } from "./model.js";

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HEARD = { sessions: 1, observedAt: NOW - MINUTE, heardAt: NOW - MINUTE };

const row = (phase: ServerRow["phase"], more: Partial<ServerRow> = {}): ServerRow => ({ ...newRow("a", "g-a", NOW - 5 * MINUTE), acceptedAt: NOW - 5 * MINUTE, phase, ip: "10.0.0.1", ...more });
const seen = (more: Partial<Snapshot> = {}, state?: string, isHealthy = true): Look => ({ kind: "seen", snapshot: snapshotOf("g-a", more, state), isHealthy });
const UP = seen();
const ABSENT: Look = { kind: "absent" };
const UNKNOWN: Look = { kind: "unknown" };
const NOT_READY = seen({ provisioningState: "Pending" }, "Waiting", false);

function planned(rows: readonly ServerRow[], looks: Record<string, Look>, more: Partial<PoolObservation & { target: number; memory: Partial<ScalerMemory>; rules: Parameters<typeof rulesOf>[0] }> = {}): Plan {
  const { target = rows.filter(({ phase }) => phase === "creating" || phase === "running").length, memory, rules, ...observed } = more;
  const scaling = { name: "fixed", desired: () => target };
  return plan(rulesOf({ scaling, ...rules }), { rows, memory: { target, ...memory } }, { looks: new Map(Object.entries(looks)), orphans: [], waiting: 0, measured: 0, azureNow: NOW, ...observed }, NOW);
}
const told = (actions: readonly Action[]): string[] => actions.map((action) => [action.kind, "id" in action ? action.id : "", "because" in action ? action.because : ""].join(" ").trim());

describe("plan", () => {
  it.each<[string, ServerRow, Look, string[]]>([
    ["a server that is up and answers is taken into use", row("creating"), UP, ["start a"]],
    ["one that is up but does not answer has time", row("creating"), seen({}, "Running", false), []],
    ["one that is not up has time", row("creating"), NOT_READY, []],
    ["its time is over", row("creating", { createdAt: NOW - 10 * MINUTE }), NOT_READY, ['lose a it was not ready after 600000 ms: its group is Pending, Running; container "main": it is Waiting']],
    ["its time is over, and its program does not answer", row("creating", { createdAt: NOW - 10 * MINUTE }), seen({}, "Running", false), ["lose a it was not ready after 600000 ms: it does not answer"]],
    ["its time is over, and nobody knows how it is", row("creating", { createdAt: NOW - 10 * MINUTE }), UNKNOWN, ["lose a it was not ready after 600000 ms"]],
    ["its provisioning failed, and it runs all the same", row("creating"), seen({ provisioningState: "Failed" }), ["start a"]],
    ["its provisioning failed", row("creating"), seen({ provisioningState: "Failed", events: [{ kind: "x", text: "no room", type: "Warning", count: 1, firstAt: "", lastAt: "" }] }, "Waiting"), ["lose a its provisioning failed: no room"]],
    ["a create without an answer may be on its way", row("creating", { acceptedAt: undefined, createdAt: NOW - 100_000 }), ABSENT, []],
    ["a create without an answer never came", row("creating", { acceptedAt: undefined, createdAt: NOW - 120_000 }), ABSENT, ["lose a its create was never taken"]],
    ["one that was accepted may not be seen at once", row("creating", { acceptedAt: NOW - 50_000 }), ABSENT, []],
    ["one that was accepted is gone", row("creating", { acceptedAt: NOW - 60_000 }), ABSENT, ["lose a its group is gone"]],

    ["a server runs", row("running"), UP, []],
    ["its address is another", row("running", { ip: "10.0.0.9" }), UP, ["move a"]],
    ["its address is another, and it does not answer there", row("running", { ip: "10.0.0.9" }), seen({}, "Running", false), ["move a", "suspect a it does not answer"]],
    ["it does not answer", row("running"), seen({}, "Running", false), ["suspect a it does not answer"]],
    ["it goes on not to answer", row("running", { suspectedAt: NOW - 50_000 }), seen({}, "Running", false), []],
    ["it does not answer for long", row("running", { suspectedAt: NOW - 60_000 }), seen({}, "Running", false), ["lose a it does not answer"]],
    ["it answers again", row("running", { suspectedAt: NOW - 60_000 }), UP, ["trust a"]],
    ["nobody knows whether it answers", row("running", { suspectedAt: NOW - 60_000 }), UNKNOWN, []],
    ["its container does not run", row("running"), seen({}, "Waiting", false), ['suspect a its containers do not run; container "main": it is Waiting']],
    ["its last operation failed, and it runs on", row("running"), seen({ provisioningState: "Failed" }), []],
    ["it is being repaired, and runs on", row("running"), seen({ provisioningState: "Repairing" }), []],
    ["its last operation failed, and its container is begun anew", row("running"), seen({ provisioningState: "Failed" }, "Waiting", false), ['suspect a its containers do not run; container "main": it is Waiting']],
    ["its group is gone", row("running"), ABSENT, ["suspect a its group is gone"]],
    ["its group is gone for long", row("running", { suspectedAt: NOW - 60_000 }), ABSENT, ["lose a its group is gone"]],
    ["it is stopped", row("running"), seen({ state: "Stopped" }), ["lose a it is stopped"]],
    ["its containers ended", row("running"), seen({ state: "Failed" }, "Terminated"), ["lose a its containers have ended: Failed"]],
    ["it reported in time", row("running", { reported: { ...HEARD, heardAt: NOW - 120_000 } }), UP, []],
    ["it is silent", row("running", { reported: { ...HEARD, heardAt: NOW - 120_001 } }), UP, ["suspect a nothing was reported of it for 120000 ms"]],
    ["it is silent for long, whatever Azure knows", row("running", { reported: { ...HEARD, heardAt: NOW - 180_001 }, suspectedAt: NOW - 60_000 }), UNKNOWN, ["lose a nothing was reported of it for 120000 ms"]],
    ["less than half of its lease is left", row("running"), seen({ tags: { "aci-lifecycle-lease": new Date(NOW + 29 * MINUTE).toISOString() } }), ["renewLease a"]],
    ["its lease cannot be read", row("running"), seen({ tags: { "ACI-Lifecycle-Lease": "soon" } }), ["renewLease a"]],

    ["a drained server has sessions", row("draining", { sessions: { s: NOW + 1 } }), UP, []],
    ["a drained server was reported to have some", row("draining", { reported: HEARD }), UP, []],
    ["a drained server's sessions were not renewed", row("draining", { sessions: { s: NOW } }), UP, ["remove a"]],
    ["a drained server is not known well enough", row("draining", { heldUntil: NOW + 1 }), UP, []],
    ["a drained server has sessions and dies", row("draining", { sessions: { s: NOW + 1 } }), seen({ state: "Stopped" }), ["lose a it is stopped"]],

    ["a deleted group is not to be seen", row("deleting", { deletedAt: NOW - 1 }), ABSENT, ["miss a"]],
    ["a deleted group is not to be seen again", row("deleting", { deletedAt: NOW - 1, misses: 1 }), ABSENT, ["forget a"]],
    ["a deleted group is there still", row("deleting", { deletedAt: NOW - 10_000, misses: 1 }), UP, ["deleteAgain a"]],
    ["a deleted group was just deleted", row("deleting", { deletedAt: NOW - 9000 }), UP, []],
    ["nobody knows of a deleted group", row("deleting", { deletedAt: 0, misses: 1 }), UNKNOWN, []],
  ])("where %s", (_name, server, look, expected) => {
    // What replaces it is not what this is about.
    expect(told(planned([server], { a: look }, { target: server.phase === "draining" ? 0 : 1, rules: { max: server.phase === "draining" ? 0 : 1 } }).actions).filter((text) => text !== "create")).toEqual(expected);
  });

  it("gives up no server for silence alone that has sessions, and one that answers only after long", () => {
    const silent = (more: Partial<ServerRow> = {}): ServerRow => row("running", { createdAt: 0, reported: { ...HEARD, heardAt: NOW - 30 * MINUTE }, suspectedAt: NOW - 9 * MINUTE, ...more });
    const actions = (server: ServerRow, look: Look, hasHealthCheck = false): string[] => told(planned([server], { a: look }, { rules: { hasHealthCheck, max: 1 } }).actions).filter((text) => text !== "create");
    const lost = ["lose a nothing was reported of it for 120000 ms"];
    expect(actions(silent(), UP)).toEqual(lost);
    expect(actions(silent({ sessions: { s: NOW + 1 } }), UP)).toEqual(["trust a"]);
    expect(actions(silent({ sessions: { s: NOW } }), UP)).toEqual(lost);
    expect(actions(silent(), UP, true)).toEqual([]);
    expect(actions(silent({ suspectedAt: NOW - 10 * MINUTE }), UP, true)).toEqual(lost);
    expect(actions(silent({ sessions: { s: NOW + 1 } }), ABSENT)).toEqual(["lose a its group is gone"]);
    expect(actions(silent({ sessions: { s: NOW + 1 } }), seen({}, "Running", false), true)).toEqual(["lose a it does not answer"]);
    // Somebody has come, or renewed, since the look.
    const [lose] = planned([silent()], { a: UP }).actions as [Parameters<typeof apply>[0]];
    expect(apply(lose, silent({ sessions: { s: NOW + 1 } }), NOW, 0)).toBeUndefined();
    expect(apply(lose, silent({ sessions: { s: NOW } }), NOW, 0)).toMatchObject({ phase: "deleting" });
  });

  it.each<[string, Look, number | undefined]>([["do not answer", seen({}, "Running", false), undefined], ["are silent", UP, NOW - 30 * MINUTE]])("takes it for its own blindness where more than half of the servers, and at least three, %s at once", (_name, look, heardAt) => {
    const reported = heardAt === undefined ? undefined : { ...HEARD, heardAt };
    const unwell = (count: number, suspectedAt: number, more: Partial<ServerRow> = {}): ServerRow[] => Array.from({ length: count }, (_, i) => row("running", { id: `u${i}`, createdAt: 0, suspectedAt, reported, ...more }));
    const well = (count: number): ServerRow[] => Array.from({ length: count }, (_, i) => row("running", { id: `w${i}`, createdAt: 0 }));
    const lost = (rows: readonly ServerRow[]): number => planned(rows, Object.fromEntries(rows.map(({ id }) => [id, id.startsWith("w") ? UP : look]))).actions.filter(({ kind }) => kind === "lose").length;
    const since = NOW - 9 * MINUTE;
    expect(lost(unwell(20, since))).toBe(0);
    expect(lost([...unwell(3, since), ...well(2)])).toBe(0);
    expect(lost([...unwell(3, since), ...well(3)])).toBe(3);
    expect(lost(unwell(2, since))).toBe(2);
    expect(lost(unwell(20, NOW - 10 * MINUTE))).toBe(20);
    expect(lost(unwell(20, 0, { sessions: { s: NOW + 1 } }))).toBe(0);
    // By Azure's own word they are gone.
    const gone = unwell(20, since, { sessions: { s: NOW + 1 } });
    expect(planned(gone, Object.fromEntries(gone.map(({ id }, i) => [id, i < 12 ? look : ABSENT]))).actions.filter(({ kind }) => kind === "lose")).toHaveLength(8);
  });

  it("replaces what is lost at once, whatever the cooldowns", () => {
    const rows = [row("running", { createdAt: NOW - 10 * MINUTE }), row("running", { id: "b" })];
    expect(told(planned(rows, { a: seen({ state: "Stopped" }), b: UP }, { memory: { scaledOutAt: NOW - 1, scaledInAt: NOW - 1 } }).actions)).toEqual(["lose a it is stopped", "create"]);
  });

  it("replaces what dies young after a pause, one at a time until one has lasted", () => {
    const dead = planned([row("running")], { a: seen({ state: "Stopped" }) });
    expect(told(dead.actions)).toEqual(["lose a it is stopped"]);
    const backoff = { failures: 1, until: NOW + MINUTE, isByDeath: true };
    expect(dead.memory.backoff).toEqual(backoff);
    // Which was adopted may be old.
    expect(planned([row("running", { heldUntil: NOW })], { a: seen({ state: "Stopped" }) }).memory.backoff).toBeUndefined();
    const later = (rows: readonly ServerRow[], looks: Record<string, Look>, until: number): Plan => planned(rows, looks, { target: 5, memory: { target: 5, backoff: { ...backoff, until } } });
    const up = later([row("creating", { createdAt: NOW - MINUTE })], { a: UP }, NOW - MINUTE);
    expect(told(up.actions)).toEqual(["start a"]);
    expect(told(later([row("running", { createdAt: NOW - MINUTE })], { a: UP }, NOW - MINUTE).actions)).toEqual(["create"]);
    const lasting = row("running", { createdAt: NOW - 10 * MINUTE });
    expect(later([lasting], { a: UP }, NOW - 10 * MINUTE)).toMatchObject({ actions: [1, 2, 3, 4].map(() => ({ kind: "create" })), memory: { backoff: undefined } });
    expect(later([{ ...lasting, suspectedAt: NOW }], { a: NOT_READY }, NOW - 10 * MINUTE).memory.backoff).toBeDefined();
    expect(later([lasting], { a: UP }, NOW - 9 * MINUTE).memory.backoff).toBeDefined();
    // What was created before a create met no room says nothing of that.
    const refused = backOff({ target: 5, backoff: { ...backoff, until: NOW - 10 * MINUTE } }, NOW - 1000);
    expect(planned([lasting], { a: UP }, { target: 5, memory: refused })).toMatchObject({ actions: [], memory: { backoff: refused.backoff } });
  });

  it("counts groups that are there still though they were deleted, and not those that are gone", () => {
    const rows = [row("running", { id: "a" }), row("deleting", { id: "b", deletedAt: NOW }), row("deleting", { id: "c", deletedAt: NOW }), row("deleting", { id: "d", deletedAt: NOW })];
    const created = (max: number): number => planned(rows, { a: UP, b: UP, c: UNKNOWN, d: ABSENT }, { target: 9, rules: { max } }).actions.filter(({ kind }) => kind === "create").length;
    expect([created(3), created(4), created(20)]).toEqual([0, 1, 8]);
  });

  it("drains the server that is missed least", () => {
    const used = { s: NOW + MINUTE };
    const rows = [row("running", { id: "busy", sessions: { ...used, t: NOW + MINUTE } }), row("running", { id: "used", sessions: used }), row("running", { id: "old" }), row("running", { id: "young", createdAt: NOW - MINUTE }), row("running", { id: "ill", suspectedAt: NOW - 1, sessions: used }), row("creating", { id: "new" })];
    const looks = Object.fromEntries(rows.map(({ id, phase, suspectedAt }) => [id, phase === "creating" || suspectedAt !== undefined ? NOT_READY : UP]));
    const drained = (target: number): string[] => told(planned(rows, looks, { target, memory: { target: 6 } }).actions).flatMap((text) => /^drain (\w+)/u.exec(text)?.[1] ?? []);
    expect(drained(0)).toEqual(["new", "ill", "young", "old", "used", "busy"]);
    expect(drained(5)).toEqual(["new"]);
  });

  it("keeps between min and max, those that are drained included", () => {
    const target = 9;
    const draining = [row("draining", { id: "d", isDismissed: true, sessions: { s: NOW + 1 } })];
    expect(told(planned(draining, { d: UP }, { target, rules: { max: 3 }, memory: { target: 0 } }).actions)).toEqual(["create", "create"]);
    expect(told(planned([], {}, { target: 0, rules: { min: 2 } }).actions)).toEqual(["create", "create"]);
  });

  it("takes back what it drained, and not what somebody else has drained", () => {
    const rows = [row("draining", { id: "pool" }), row("draining", { id: "user", isDismissed: true })];
    expect(told(planned(rows, { pool: UP, user: UP }, { target: 2, memory: { target: 2 } }).actions)).toEqual(["remove user", "resume pool", "create"]);
  });

  it("holds the cooldowns, and a change of direction to that of scaling in", () => {
    const rows = [row("running"), row("running", { id: "b" })];
    const looks = { a: UP, b: UP };
    const target = (wanted: number, memory: Partial<ScalerMemory>): number => planned(rows, looks, { target: wanted, memory: { target: 2, ...memory } }).memory.target;
    expect(target(5, { scaledOutAt: NOW - 59_999 })).toBe(2);
    expect(target(5, { scaledOutAt: NOW - 60_000 })).toBe(5);
    expect(target(5, { scaledInAt: NOW })).toBe(5);
    expect(target(1, { scaledOutAt: NOW - 299_999 })).toBe(2);
    expect(target(1, { scaledInAt: NOW - 299_999 })).toBe(2);
    expect(target(1, { scaledInAt: NOW - 300_000, scaledOutAt: NOW - 300_000 })).toBe(1);
  });

  it("keeps what is there for a cooldown where it remembers nothing, and adopts what has no row (S4)", () => {
    const orphans = [{ id: "b", groupName: "g-b" }, { id: "c", groupName: "g-c" }];
    const rules = rulesOf({ scaling: { name: "fixed", desired: () => 1 } });
    const { actions, memory } = plan(rules, { rows: [row("running")], memory: undefined }, { looks: new Map([["a", UP]]), orphans, waiting: 0, measured: 0, azureNow: NOW }, NOW);
    expect(told(actions)).toEqual(["adopt b", "adopt c"]);
    expect(memory.target).toBe(3);
  });

  it("tries one create at a time while they fail, at growing pauses, and all once one is up (S3)", () => {
    const memory = backOff({ target: 3 }, NOW - MINUTE);
    const creates = (more: Partial<ScalerMemory>, rows: readonly ServerRow[] = [], looks = {}): number => planned(rows, looks, { target: 3, memory: { ...memory, ...more } }).actions.filter(({ kind }) => kind === "create").length;
    expect(memory.backoff).toEqual({ failures: 1, until: NOW });
    expect(creates({})).toBe(1);
    expect(creates({ backoff: { failures: 1, until: NOW + 1 } })).toBe(0);
    expect(creates({}, [row("creating")], { a: NOT_READY })).toBe(0);
    const up = planned([row("creating", { createdAt: NOW })], { a: UP }, { target: 3, memory });
    expect(told(up.actions)).toEqual(["start a", "create", "create"]);
    expect(up.memory.backoff).toBeUndefined();
    // What another scaler created just before, by a clock that may be ahead, met another Azure.
    expect(planned([row("creating", { createdAt: NOW - 1 })], { a: UP }, { target: 3, memory }).memory.backoff).toEqual(memory.backoff);
    // One that was adopted was made at some time: it says nothing of what there is room for.
    expect(planned([row("creating", { createdAt: NOW, heldUntil: NOW + 1 })], { a: UP }, { target: 3, memory }).memory.backoff).toEqual(memory.backoff);
    const lost = planned([row("creating")], { a: seen({ provisioningState: "Failed" }, "Waiting") }, { target: 3, memory });
    expect(lost.memory.backoff).toEqual({ failures: 2, until: NOW + 2 * MINUTE });
    expect(told(lost.actions)).toEqual(["lose a its provisioning failed: Azure gives no reason"]);
    let failing = memory;
    for (let i = 0; i < 20; i++) failing = backOff(failing, NOW);
    expect(failing.backoff?.until).toBe(NOW + 15 * MINUTE);
    expect(backOff({ target: 1 }, NOW, 3_000_000).backoff?.until).toBe(NOW + 3_000_000);
    // Servers have said a thousand million seconds.
    for (const absurd of [1e12, Infinity]) expect(backOff({ target: 1 }, NOW, absurd).backoff?.until).toBe(NOW + 60 * MINUTE);
    expect(backOff({ target: 1 }, NOW, NaN).backoff?.until).toBe(NOW + MINUTE);
  });

  it("rejects a rule that answers no number, so that nothing is done", () => {
    expect(() => planned([], {}, { target: NaN })).toThrow(/"fixed"/u);
  });
});

describe("an action", () => {
  it("is done only where the row is still what it is about", () => {
    const phases = ["creating", "running", "draining", "deleting"] as const;
    const snapshot = snapshotOf("g-a");
    const done = (action: Parameters<typeof apply>[0]): string[] => phases.filter((phase) => apply(action, row(phase, { suspectedAt: phase === "draining" ? NOW : undefined }), NOW, 0) !== undefined);
    expect(done({ kind: "adopt", id: "a", groupName: "g-a" })).toEqual([]);
    expect(done({ kind: "start", id: "a", snapshot })).toEqual(["creating"]);
    expect(done({ kind: "move", id: "a", snapshot })).toEqual(["running", "draining"]);
    expect(done({ kind: "suspect", id: "a", because: "" })).toEqual(["running"]);
    expect(done({ kind: "trust", id: "a" })).toEqual(["draining"]);
    expect(done({ kind: "drain", id: "a", because: "" })).toEqual(["creating", "running"]);
    expect(done({ kind: "resume", id: "a" })).toEqual(["draining"]);
    expect(done({ kind: "remove", id: "a" })).toEqual(["draining"]);
    expect(done({ kind: "lose", id: "a", because: "", seen: {} })).toEqual(["creating", "running", "draining"]);
    for (const kind of ["deleteAgain", "miss", "forget"] as const) expect(done({ kind, id: "a" })).toEqual(["deleting"]);
    expect(done({ kind: "renewLease", id: "a", snapshot })).toEqual(["creating", "running", "draining"]);
    for (const kind of ["remove", "forget", "trust"] as const) expect(apply({ kind, id: "a" }, undefined, NOW, 0)).toBeUndefined();
  });

  it("does not delete a server that has come into use since it was planned", () => {
    expect(apply({ kind: "remove", id: "a" }, row("draining", { sessions: { s: NOW + 1 } }), NOW, 0)).toBeUndefined();
    expect(apply({ kind: "remove", id: "a" }, row("draining", { reported: HEARD }), NOW, 0)).toBeUndefined();
    expect(apply({ kind: "resume", id: "a" }, row("draining", { isDismissed: true }), NOW, 0)).toBeUndefined();
  });

  it("gives up no server that was heard of, or trusted, since it was planned", () => {
    const silent = row("running", { reported: { ...HEARD, heardAt: NOW - 180_001 }, suspectedAt: NOW - 60_000 });
    const [lost] = planned([silent], { a: UP }).actions as [Parameters<typeof apply>[0]];
    expect(told([lost])).toEqual(["lose a nothing was reported of it for 120000 ms"]);
    expect(apply(lost, silent, NOW, 0)).toMatchObject({ phase: "deleting" });
    expect(apply(lost, { ...silent, reported: HEARD }, NOW, 0)).toBeUndefined();
    expect(apply(lost, { ...silent, suspectedAt: undefined }, NOW, 0)).toBeUndefined();
    expect(apply(lost, { ...silent, suspectedAt: NOW - 1 }, NOW, 0)).toBeUndefined();

    // What is heard of a server does not matter to one that is gone.
    const gone = row("running", { reported: HEARD, suspectedAt: NOW - 60_000 });
    const [absent] = planned([gone], { a: ABSENT }).actions as [Parameters<typeof apply>[0]];
    expect(apply(absent, { ...gone, reported: { ...HEARD, heardAt: NOW } }, NOW, 0)).toMatchObject({ phase: "deleting" });

    // One that did not come up in time may have come up meanwhile.
    const late = row("creating", { createdAt: NOW - 10 * MINUTE });
    const [never] = planned([late], { a: NOT_READY }).actions as [Parameters<typeof apply>[0]];
    expect(apply(never, late, NOW, 0)).toMatchObject({ phase: "deleting" });
    expect(apply(never, { ...late, phase: "running" }, NOW, 0)).toBeUndefined();
  });

  it("drops sessions that nobody renewed, and all of a server that is lost", () => {
    expect(apply({ kind: "suspect", id: "a", because: "" }, row("running", { sessions: { over: NOW, kept: NOW + 1 } }), NOW, 0)?.sessions).toEqual({ kept: NOW + 1 });
    expect(apply({ kind: "lose", id: "a", because: "x", seen: {} }, row("running", { sessions: { kept: NOW + 1 } }), NOW, 0)).toMatchObject({ sessions: {}, isLost: true, because: "x", deletedAt: NOW });
  });
});
