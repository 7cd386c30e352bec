import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/container-group.js";
import type { CreatedGroup } from "../../../src/gateway.js";
import { hasEnded, isKept } from "../../../src/sweep/judge/is-kept.js";
import { judge, type StoredJob, type Verdict } from "../../../src/sweep/judge/judge.js";
import { readLimits, readTime } from "../../../src/sweep/judge/read-tags.js";
import { GRACE, HOUR, LIFETIME, NAME, tagsOf } from "../left-behind.js";

const BORN = Date.UTC(2026, 0, 1);
const iso = (time: number): string => new Date(time).toISOString();
const group = (tags: Record<string, string> = {}, more: Partial<CreatedGroup> = {}): CreatedGroup => ({ id: `/groups/${NAME}`, groupName: NAME, location: "eastus", tags: tagsOf(undefined, tags), createdAt: iso(BORN), ...more });
const at = (ageInMs: number, judged = group(), stored?: StoredJob, tags = {}): Verdict => judge(judged, BORN + ageInMs, { owner: "default", graceInMs: GRACE, tags }, stored);
const without = (tag: string): CreatedGroup => ({ ...group(), tags: Object.fromEntries(Object.entries(group().tags).filter(([name]) => name !== tag)) });
const END = LIFETIME + GRACE;

describe("the judge of a job's group", () => {
  it("lets it be until all its limits and the grace are over, to the millisecond", () => {
    expect(at(END)).toMatchObject({ kind: "alive", ageInMs: END });
    expect(at(END + 1)).toMatchObject({ kind: "expired", since: BORN + END, keep: "never" });
    expect(at(-HOUR)).toMatchObject({ kind: "alive" });
  });

  it("says until when it lets it be, also in the grace", () => {
    const until = iso(BORN + END);
    expect(at(HOUR)).toMatchObject({ reason: `its time ends at ${iso(BORN + LIFETIME)}, and it is left alone until ${until}` });
    expect(at(LIFETIME + 9000)).toMatchObject({ kind: "alive", reason: `its time ended at ${iso(BORN + LIFETIME)}, and it is left alone until ${until}` });
    const lease = group({ "aci-lifecycle-lease": iso(BORN + HOUR) });
    const untilThen = iso(BORN + HOUR + GRACE);
    expect(at(HOUR - 1, lease)).toMatchObject({ kind: "alive", reason: `its lease ends at ${iso(BORN + HOUR)}, and it is left alone until ${untilThen}` });
    expect(at(HOUR + 1, lease)).toMatchObject({ kind: "alive", reason: `its lease ended at ${iso(BORN + HOUR)}, and it is left alone until ${untilThen}` });
  });

  it("takes none for younger than new, as Azure's clock tells whole seconds to us", () => {
    expect(at(-490)).toMatchObject({ kind: "alive", ageInMs: 0 });
    expect(at(-490, group({ "aci-lifecycle-lease": iso(BORN + HOUR) }))).toMatchObject({ kind: "alive", ageInMs: 0 });
  });

  it.each<[string, CreatedGroup]>([
    ["no owner", without("aci-lifecycle-owner")],
    ["another owner", group({ "aci-lifecycle-owner": "others" })],
    ["an owner in other letters", group({ "aci-lifecycle-owner": "Default" })],
    ["an owner under another name", { ...without("aci-lifecycle-owner"), tags: { ...without("aci-lifecycle-owner").tags, "Aci-Lifecycle-Owner": "default" } }],
    ["a name that is not its job's", group({}, { groupName: "web" })],
    ["the name of another attempt", group({}, { groupName: NAME.replace(/1$/u, "2") })],
    ["no job", without("aci-lifecycle-job")],
    ["no attempt", without("aci-lifecycle-attempt")],
  ])("takes a group with %s for somebody else's", (_name, judged) => {
    expect(at(99 * END, judged)).toEqual({ kind: "foreign" });
  });

  it("goes by more tags where they are asked for", () => {
    expect(at(2 * END, group({ team: "blue" }), undefined, { team: "blue" })).toMatchObject({ kind: "expired" });
    expect(at(2 * END, group({ team: "Blue" }), undefined, { team: "blue" })).toEqual({ kind: "foreign" });
  });

  it.each(["", "600000 3600000 300000", "600000 3600000 300000 never ", "600000 3600000 300000 sometimes", "600000 -1 300000 never", "600000 x 300000 never", "0 0 0 never", "600000  3600000 300000 never", "1e999 1 1 never"])("concludes nothing from the limits `%s`", (limits) => {
    expect(at(99 * END, group({ "aci-lifecycle-limits": limits }))).toMatchObject({ kind: "unreadable", reason: "its tag aci-lifecycle-limits cannot be read" });
    expect(readLimits(limits)).toBeUndefined();
  });

  it("concludes nothing where the limits are missing", () => {
    expect(at(99 * END, without("aci-lifecycle-limits"))).toMatchObject({ kind: "unreadable" });
  });

  it.each([undefined, "yesterday", "2026-01-01", "2026-13-45T00:00:00Z"])("does not know how old one is that was created at %s", (createdAt) => {
    expect(at(99 * END, group({}, { createdAt }))).toEqual({ kind: "unseen" });
    const seen = { "aci-lifecycle-seen": iso(BORN + HOUR) };
    expect(at(HOUR + END, group(seen, { createdAt }))).toMatchObject({ kind: "alive", ageInMs: END });
    expect(at(HOUR + END + 1, group(seen, { createdAt }))).toMatchObject({ kind: "expired" });
    expect(at(99 * END, group({ "aci-lifecycle-seen": "soon" }, { createdAt }))).toMatchObject({ kind: "unreadable" });
  });

  it("reads times as Azure writes them", () => {
    expect(readTime("2026-01-01T00:00:00.0000000Z")).toBe(BORN);
    expect(["2026", "1", "", "2026-01-01T00:00:00+05:00"].map(readTime)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("goes by its lease alone where it has one", () => {
    const lease = (text: string): CreatedGroup => ({ ...group({ "aci-lifecycle-lease": text }), groupName: "server-1" });
    expect(at(HOUR + GRACE, lease(iso(BORN + HOUR)))).toMatchObject({ kind: "alive" });
    expect(at(HOUR + GRACE + 1, lease(iso(BORN + HOUR)))).toMatchObject({ kind: "expired" });
    expect(at(99 * END, lease(iso(BORN + 100 * END)))).toMatchObject({ kind: "alive" });
    expect(at(99 * END, lease("for ever"))).toMatchObject({ kind: "unreadable", reason: "its tag aci-lifecycle-lease cannot be read" });
  });
});

describe("the judge of a group whose job is in a store", () => {
  const limits = { startTimeoutInMs: 600_000, runTimeoutInMs: HOUR, cleanupTimeoutInMs: 300_000, keep: "never" as const };
  const stored = (state: object, more: object = {}): StoredJob => ({ state: { groupName: NAME, phase: "running", marks: { intendedAt: BORN }, ...state }, limits: { ...limits, ...more } }) as unknown as StoredJob;
  const done = (cleanup: string, marks: object = { acceptedAt: BORN }): StoredJob => stored({ phase: "done", result: { cleanup }, marks: { intendedAt: BORN, ...marks } });

  it("lets it be as long as the limits of its driver say", () => {
    expect(at(END + 1, group(), stored({}))).toMatchObject({ kind: "expired" });
    expect(at(END + HOUR, group(), stored({}, { runTimeoutInMs: 2 * HOUR }))).toMatchObject({ kind: "alive" });
    expect(at(END + HOUR + 1, group(), stored({}, { runTimeoutInMs: 2 * HOUR }))).toMatchObject({ kind: "expired" });
    expect(at(END + HOUR, group(), stored({ marks: { intendedAt: BORN, createAt: BORN + HOUR } }))).toMatchObject({ kind: "alive" });
  });

  it("waits as much longer as a driver's clock is ahead, and no less where it is behind", () => {
    const ahead = stored({ marks: { intendedAt: BORN + 5 * HOUR } });
    expect(at(5 * HOUR, group(), ahead)).toMatchObject({ kind: "alive" });
    expect(at(5 * HOUR + END + 1, group(), ahead)).toMatchObject({ kind: "expired" });
    expect(at(END, group(), stored({ marks: { intendedAt: BORN - 5 * HOUR } }))).toMatchObject({ kind: "alive" });
  });

  it.each(["done", "pending"])("gives it the grace only if its job is over and its clean-up was %s", (cleanup) => {
    expect(at(GRACE, group(), done(cleanup))).toMatchObject({ kind: "alive" });
    expect(at(GRACE + 1, group(), done(cleanup))).toMatchObject({ kind: "expired", reason: "its job is over" });
  });

  it.each<[string, object, string]>([
    ["accepted it", { acceptedAt: BORN }, "expired"],
    ["deleted it, unseen", { createAt: BORN, deleteAt: BORN }, "expired"],
    ["was refused it", { createAt: BORN, goneAt: BORN }, "alive"],
    ["sent nothing", { goneAt: BORN }, "alive"],
  ])("takes its job for over or not where who has the result %s", (_name, marks, kind) => {
    expect(at(GRACE + 1, group(), done("done", marks))).toMatchObject({ kind });
    expect(at(END + 1, group(), done("done", marks))).toMatchObject({ kind: "expired" });
  });

  it("takes its job for over where it was seen, whoever made it", () => {
    expect(at(GRACE + 1, group(), { ...done("done", {}), state: { ...done("done", {}).state, snapshot: {} as Snapshot } })).toMatchObject({ kind: "expired" });
  });

  it("goes by the tags where its job was to keep it, or where the store tells of another attempt", () => {
    expect(at(END, group(), done("kept"))).toMatchObject({ kind: "alive" });
    expect(at(END + 1, group(), done("kept"))).toMatchObject({ kind: "expired", keep: "always" });
    const other = { ...done("done"), state: { ...done("done").state, groupName: "aci-x-2" } };
    expect(at(END, group(), other)).toMatchObject({ kind: "alive" });
  });

  it("concludes nothing from limits that are none", () => {
    expect(at(99 * END, group(), stored({}, { runTimeoutInMs: undefined }))).toMatchObject({ kind: "alive" });
  });
});

describe("what is kept", () => {
  const snapshot = (states: readonly object[], state = "Running"): Snapshot => ({ state, tags: tagsOf(), containers: states.map((currentState, i) => ({ containerName: i === 0 ? "main" : "sidecar", currentState })) }) as unknown as Snapshot;
  const ended = (exitCode: number): object => ({ state: "Terminated", exitCode });

  it.each<[string, Snapshot, boolean]>([
    ["a container runs", snapshot([{ state: "Running" }]), false],
    ["a sidecar runs on", snapshot([ended(0), { state: "Running" }]), false],
    ["all containers have ended", snapshot([ended(0), ended(137)]), true],
    ["the group is stopped", snapshot([{}], "Stopped"), true],
    ["the group has failed", snapshot([{ state: "Waiting" }], "Failed"), true],
    ["nothing is known of containers", snapshot([]), false],
  ])("has ended or not: %s", (_name, group, isOver) => {
    expect(hasEnded(group)).toBe(isOver);
    expect(isKept("always", group)).toBe(isOver);
    expect(isKept("never", group)).toBe(false);
  });

  it("is a failure, with `onFailure`", () => {
    expect([0, 1].map((exitCode) => isKept("onFailure", snapshot([ended(exitCode)])))).toEqual([false, true]);
    expect(isKept("onFailure", snapshot([{ state: "Waiting" }], "Failed"))).toBe(true);
    expect(isKept("onFailure", snapshot([ended(0), ended(1)]))).toBe(false);
    expect(isKept("onFailure", { ...snapshot([ended(0), ended(0)]), tags: tagsOf(undefined, { "aci-lifecycle-main": "gone" }) })).toBe(true);
  });

  it("is a failure by what was to end its job", () => {
    const of = (doneWhen: unknown, ...exitCodes: readonly number[]): boolean => isKept("onFailure", { ...snapshot(exitCodes.map(ended)), tags: tagsOf(undefined, { "aci-lifecycle-done": JSON.stringify(doneWhen) }) });
    expect([of("all", 0, 0), of("all", 0, 1), of("all", 1, 0)]).toEqual([false, true, true]);
    // Had the line come, the group would not be there.
    expect(of({ logLine: "ready" }, 0)).toBe(true);
  });

  it("is nothing of a canceled job", () => {
    const tags = { "aci-lifecycle-limits": "600000 3600000 300000 always" };
    expect(at(END + 1, group(tags))).toMatchObject({ keep: "always" });
    expect(at(END + 1, group({ ...tags, "aci-lifecycle-cancel": "enough" }))).toMatchObject({ keep: "never" });
  });
});
