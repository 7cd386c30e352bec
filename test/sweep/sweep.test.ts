import { describe, expect, it } from "vitest";
import { memoryStore, runContainerJob, startContainerJob, sweep, type SweepOptions, type SweepReport } from "../../src/index.js";
import { partsOf } from "../../src/client/parts.js";
import { FakeAzure } from "../jobs/fake-azure.js";
import { GRACE, HOUR, jobOf, leave, leaveMany, LIFETIME, NAME, tagsOf } from "./left-behind.js";

const pass = (azure: FakeAzure, options: SweepOptions = {}): Promise<SweepReport> => azure.until(sweep(azure.client(), options));
const actions = (report: SweepReport): Record<string, string> => Object.fromEntries(report.groups.map(({ groupName, action }) => [groupName, action]));
const writes = (azure: FakeAzure): readonly string[] => azure.requests.filter((verb) => verb === "delete" || verb === "patchTags" || verb === "put");

describe("sweep", () => {
  it("deletes what a dead process left behind, once its time and the grace are over, and not before", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    await azure.until(startContainerJob(client, { key: "k", image: "alpine:3" }, { startTimeoutInMs: 600_000, runTimeoutInMs: HOUR, cleanupTimeoutInMs: 300_000 }));
    const [born, [name]] = [azure.clock.now(), [...azure.groups.keys()]];
    await azure.clock.advance(LIFETIME + GRACE - 60_000);
    expect(await pass(azure)).toMatchObject({ owner: "default", isDryRun: false, counts: { alive: 1, deleted: 0 }, groups: [{ groupName: name, action: "alive", reason: `its time ended at ${new Date(born + LIFETIME).toISOString()}, and it is left alone until ${new Date(born + LIFETIME + GRACE).toISOString()}` }] });
    expect(writes(azure)).toEqual(["put"]);
    await azure.clock.advance(120_000);
    expect(await pass(azure)).toMatchObject({ counts: { deleted: 1 }, groups: [{ groupName: name, resourceId: `/groups/${name ?? ""}`, action: "deleted", reason: `its time ended at ${new Date(born + LIFETIME).toISOString()}` }] });
    expect(azure.groups.size).toBe(0);
  });

  it("looks at a group before it deletes it, and sees that it is gone", async () => {
    const azure = new FakeAzure();
    leave(azure);
    await pass(azure);
    expect(azure.requests).toEqual(["listCreated", "listCreated", "get", "delete", "get"]);
  });

  it("counts a delete that was only accepted when two looks and a list miss the group, else as pending", async () => {
    const azure = new FakeAzure();
    azure.deletesInMs = 5000;
    leave(azure);
    expect(await pass(azure)).toMatchObject({ counts: { deleted: 1 } });
    expect(azure.requests.slice(-3)).toEqual(["get", "get", "list"]);
    azure.deletesInMs = 120_000;
    leave(azure);
    expect(await pass(azure)).toMatchObject({ counts: { pending: 1, failed: 0 }, groups: [{ action: "pending" }] });
    await azure.clock.advance(120_000);
    expect(azure.groups.size).toBe(0);
    expect(azure.requests.filter((verb) => verb === "delete")).toHaveLength(2);
  });

  it("goes by the clock of Azure, however wrong that of this machine is", async () => {
    for (const aheadInMs of [HOUR, -HOUR, -24 * HOUR]) {
      const azure = new FakeAzure();
      azure.aheadInMs = aheadInMs;
      leave(azure, { ageInMs: LIFETIME + GRACE + 1000 });
      leave(azure, { name: `aci-${jobOf(1)}-1`, tags: tagsOf(jobOf(1)), ageInMs: LIFETIME + GRACE - 1000 });
      expect(actions(await pass(azure))).toEqual({ [NAME]: "deleted", [`aci-${jobOf(1)}-1`]: "alive" });
    }
  });

  it("marks a group of unknown age with all its other tags, and counts from then", async () => {
    const azure = new FakeAzure();
    azure.tellsAges = false;
    leave(azure);
    const marked = { ...tagsOf(), "aci-lifecycle-seen": new Date(azure.clock.now()).toISOString() };
    expect(await pass(azure)).toMatchObject({ counts: { marked: 1 } });
    expect(azure.groups.get(NAME)?.tags).toEqual(marked);
    await azure.clock.advance(LIFETIME + GRACE);
    expect(await pass(azure)).toMatchObject({ counts: { alive: 1, marked: 0 } });
    expect(azure.groups.get(NAME)?.tags).toEqual(marked);
    await azure.clock.advance(1000);
    expect(await pass(azure)).toMatchObject({ counts: { deleted: 1 } });
  });

  it("goes by a lease, where a group has one", async () => {
    const azure = new FakeAzure();
    const lease = (inMs: number): Record<string, string> => ({ "aci-lifecycle-owner": "default", "aci-lifecycle-lease": new Date(azure.clock.now() + inMs).toISOString() });
    leave(azure, { name: "over", tags: lease(-GRACE - 1000), ageInMs: 99 * HOUR });
    leave(azure, { name: "held", tags: lease(-GRACE + 1000), ageInMs: 99 * HOUR });
    leave(azure, { name: "odd", tags: { ...lease(0), "aci-lifecycle-lease": "0" }, ageInMs: 99 * HOUR });
    expect(actions(await pass(azure))).toEqual({ over: "deleted", held: "alive", odd: "unreadable" });
  });
});

describe("sweep of a job that was to keep its group", () => {
  const kept = tagsOf(undefined, { "aci-lifecycle-limits": "600000 3600000 300000 always" });
  const onFailure = tagsOf(undefined, { "aci-lifecycle-limits": "600000 3600000 300000 onFailure" });

  it.each<[string, Record<string, string>, number, number, string]>([
    ["leaves what has ended", kept, 0, HOUR, "kept"],
    ["leaves a failure", onFailure, 1, HOUR, "kept"],
    ["deletes a success that only a failure was to keep", onFailure, 0, HOUR, "deleted"],
    ["deletes what runs on", kept, 0, 99 * HOUR, "deleted"],
  ])("%s", async (_name, tags, exitCode, runsInMs, action) => {
    const azure = new FakeAzure();
    Object.assign(azure, { exitCode, runsInMs });
    leave(azure, { tags });
    expect(actions(await pass(azure))).toEqual({ [NAME]: action });
    expect(azure.groups.size).toBe(action === "kept" ? 1 : 0);
  });
});

describe("sweep with a store", () => {
  it("deletes a group that a late create brought back after its job was over, after the grace (D5)", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    await azure.until(runContainerJob(azure.client(), { key: "k", image: "alpine:3" }, { store }));
    const [late] = azure.puts;
    await partsOf(azure.client()).gateway.put(late as NonNullable<typeof late>, {});
    await azure.clock.advance(GRACE);
    expect(await pass(azure, { store })).toMatchObject({ counts: { alive: 1 } });
    await azure.clock.advance(1000);
    expect(await pass(azure)).toMatchObject({ counts: { alive: 1 } });
    expect(await pass(azure, { store })).toMatchObject({ counts: { deleted: 1 }, groups: [{ reason: "its job is over" }] });
  });

  it("leaves the running group of a caller alone while the store has another's result, whose create was refused", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = HOUR;
    const [store, spec] = [memoryStore(), { key: "k", image: "alpine:3" }];
    let puts = 0;
    azure.before = (verb) => {
      if (verb === "put" && ++puts === 1) throw azure.fault({ statusCode: 400, serviceCode: "InvalidRequestContent" });
    };
    const [refused, running] = [runContainerJob(azure.client(), spec, { store, reject: false }), runContainerJob(azure.client(), spec, { store })];
    expect(await azure.until(refused)).toMatchObject({ outcome: "neverStarted" });
    await azure.clock.advance(GRACE + 60_000);
    expect(await azure.until(sweep(azure.client(), { store }))).toMatchObject({ counts: { alive: 1, deleted: 0 } });
    expect(await azure.until(running)).toMatchObject({ outcome: "succeeded", cleanup: "done" });
  });

  it("leaves alone what a live driver took over with longer limits (D7)", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 10 * HOUR;
    const [store, spec] = [memoryStore(), { key: "k", image: "alpine:3" }];
    await azure.until(startContainerJob(azure.client(), spec, { runTimeoutInMs: HOUR }));
    const running = runContainerJob(azure.client(), spec, { store, runTimeoutInMs: 48 * HOUR });
    await azure.clock.advance(3 * HOUR);
    expect(await sweep(azure.client(), { store })).toMatchObject({ counts: { alive: 1, deleted: 0 } });
    expect(await azure.until(running)).toMatchObject({ outcome: "succeeded", cleanup: "done" });
  });

  it("asks it nothing about groups within the grace", async () => {
    const azure = new FakeAzure();
    const asked: string[] = [];
    const store = { ...memoryStore(), read: async (key: string) => void asked.push(key) };
    leave(azure, { ageInMs: GRACE });
    leave(azure, { name: `aci-${jobOf(1)}-1`, tags: tagsOf(jobOf(1)), ageInMs: GRACE + 1000 });
    await pass(azure, { store });
    expect(asked).toEqual([`jobs/default/${jobOf(1)}`]);
  });
});

describe("sweep's brake", () => {
  it.each<[number, SweepOptions, number]>([[30, {}, 10], [100, {}, 20], [30, { maxDeletes: 3 }, 3], [12, { maxDeletes: 0 }, 0], [30, { maxDeletes: 1000 }, 30]])("lets go %i groups with %j: %i are deleted", async (count, options, deleted) => {
    const azure = new FakeAzure();
    leaveMany(azure, count);
    expect((await pass(azure, options)).counts).toMatchObject({ deleted, postponed: count - deleted });
    expect(azure.groups.size).toBe(count - deleted);
  });

  it("takes the oldest first, so that all have gone after some passes", async () => {
    const azure = new FakeAzure();
    leaveMany(azure, 15);
    leave(azure, { ageInMs: 25 * HOUR });
    expect(actions(await pass(azure, { maxDeletes: 1 }))[NAME]).toBe("deleted");
    for (const left of [5, 0]) {
      await pass(azure);
      expect(azure.groups.size).toBe(left);
    }
  });

  it("is not spent on groups that cannot be deleted or are kept", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 1000;
    leaveMany(azure, 10, 99 * HOUR);
    for (let n = 100; n < 110; n++) leave(azure, { name: `aci-${jobOf(n)}-1`, tags: tagsOf(jobOf(n), { "aci-lifecycle-limits": "1 1 1 always" }), ageInMs: 98 * HOUR });
    for (let n = 200; n < 210; n++) leave(azure, { name: `aci-${jobOf(n)}-1`, tags: tagsOf(jobOf(n)) });
    azure.before = (verb, subject) => {
      if (verb === "delete" && String(subject) < `aci-${jobOf(10)}`) throw azure.fault({ statusCode: 409, serviceCode: "ScopeLocked" });
    };
    const report = await pass(azure);
    expect(report.counts).toMatchObject({ failed: 10, kept: 10, deleted: 10, postponed: 0 });
    expect(report.groups.find(({ action }) => action === "failed")).toMatchObject({ error: { code: "ACI_REQUEST_FAILED", serviceCode: "ScopeLocked", statusCode: 409 } });
  });
});

describe("a dry run", () => {
  it("changes nothing and says what would be deleted, and what it costs while it runs", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 30 * HOUR;
    leaveMany(azure, 3);
    leave(azure, { ageInMs: 40 * HOUR });
    const report = await pass(azure, { dryRun: true });
    expect(report).toMatchObject({ isDryRun: true, counts: { wouldDelete: 4, deleted: 0 }, currency: "USD", ratesAsOf: "2026-10-09" });
    // Three of 1 vCPU and 1 GB in eastus; the fourth has ended and is not billed.
    expect(report.costPerHour).toBe(Number((3 * (0.0405 + 0.00445)).toPrecision(3)));
    azure.tellsAges = false;
    expect(await pass(azure, { dryRun: true })).toMatchObject({ counts: { alive: 4, marked: 0 } });
    expect(writes(azure)).toEqual([]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("stops at the brake too", async () => {
    const azure = new FakeAzure();
    leaveMany(azure, 12);
    expect((await pass(azure, { dryRun: true, maxDeletes: 2 })).counts).toMatchObject({ wouldDelete: 2, postponed: 10 });
  });
});
