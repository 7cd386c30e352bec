import { afterEach, describe, expect, it, vi } from "vitest";
import { memoryStore, sweep, type JobStore, type SweepOptions, type SweepReport } from "../../src/index.js";
import { FakeAzure } from "../jobs/fake-azure.js";
import { HOUR, JOB, leave, leaveMany, NAME, tagsOf } from "./left-behind.js";

const pass = (azure: FakeAzure, options: SweepOptions = {}): Promise<SweepReport> => azure.until(sweep(azure.client(), options));
const deletes = (azure: FakeAzure): number => azure.requests.filter((verb) => verb === "delete").length;
const refused = (azure: FakeAzure): Error => azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });

describe("sweep deletes nothing (D6)", () => {
  it.each([1, 2, 15])("when page %i of the list fails", async (bad) => {
    const azure = new FakeAzure();
    leaveMany(azure, 15);
    let pages = 0;
    azure.before = (verb) => {
      if (verb === "listCreated" && ++pages === bad) throw refused(azure);
    };
    await expect(pass(azure)).rejects.toMatchObject({ name: "AciError", serviceCode: "AuthorizationFailed" });
    expect(azure.groups.size).toBe(15);
    expect(new Set(azure.requests)).toEqual(new Set(["listCreated"]));
  });

  it("when the store fails, be it at the last group", async () => {
    const azure = new FakeAzure();
    leaveMany(azure, 5);
    let reads = 0;
    const store: JobStore = { ...memoryStore(), read: async () => (++reads === 5 ? Promise.reject(new Error("the store is down")) : undefined) };
    await expect(pass(azure, { store })).rejects.toThrow("the store is down");
    expect(azure.groups.size).toBe(5);
    expect(deletes(azure)).toBe(0);
  });

  it.each<[string, unknown]>([
    ["no handle", { some: "thing" }],
    ["of a later version", { kind: "aci-lifecycle/job", version: 99 }],
    ["broken", { kind: "aci-lifecycle/job", version: 1, state: null }],
    ["without its marks", { kind: "aci-lifecycle/job", version: 1, limits: {}, state: { groupName: NAME, phase: "running" } }],
  ])("of a group whose job in the store is %s", async (_name, value) => {
    const azure = new FakeAzure();
    leave(azure);
    const store = memoryStore();
    await store.write(`jobs/default/${JOB}`, value as never, "absent");
    expect(await pass(azure, { store })).toMatchObject({ counts: { unreadable: 1 } });
    expect(deletes(azure)).toBe(0);
  });

  it.each<[string, (tags: Record<string, string>) => Record<string, string>]>([
    ["loses its owner", (tags) => Object.fromEntries(Object.entries(tags).filter(([name]) => name !== "aci-lifecycle-owner"))],
    ["gets another owner", (tags) => ({ ...tags, "aci-lifecycle-owner": "others" })],
    ["has its owner tag in other letters", ({ "aci-lifecycle-owner": owner = "", ...tags }) => ({ ...tags, "ACI-lifecycle-owner": owner })],
    ["gets longer limits", (tags) => ({ ...tags, "aci-lifecycle-limits": "600000 999999999 300000 never" })],
    ["gets a tag more", (tags) => ({ ...tags, note: "mine" })],
  ])("of a group that %s between the list and the look", async (_name, change) => {
    for (const moment of ["listCreated", "get"]) {
      const azure = new FakeAzure();
      leave(azure);
      let lists = 0;
      azure.before = (verb) => {
        const group = azure.groups.get(NAME);
        if (verb === "listCreated") lists++;
        if (group !== undefined && verb === moment && lists === 2) group.tags = change(tagsOf());
      };
      expect(await pass(azure)).toMatchObject({ counts: { alive: 1, deleted: 0 }, groups: [{ reason: "it was changed while the sweep looked at it" }] });
      expect(deletes(azure)).toBe(0);
    }
  });

  it("of a group that was made anew under its name and with its tags", async () => {
    const azure = new FakeAzure();
    leave(azure);
    let lists = 0;
    azure.before = (verb) => {
      if (verb === "listCreated" && ++lists === 2) leave(azure, { ageInMs: 23 * HOUR });
    };
    expect(await pass(azure)).toMatchObject({ counts: { alive: 1 } });
    expect(deletes(azure)).toBe(0);
  });

  it("of a group of the same name in another resource group", async () => {
    const azure = new FakeAzure();
    leave(azure);
    azure.before = (verb) => {
      if (verb === "get") azure.idPrefix = "/elsewhere/";
    };
    expect(await pass(azure)).toMatchObject({ counts: { alive: 1 } });
    expect(deletes(azure)).toBe(0);
  });

  it("of a group that a live driver took over in the store meanwhile", async () => {
    const azure = new FakeAzure();
    leave(azure);
    const store = memoryStore();
    let lists = 0;
    azure.before = (verb) => {
      if (verb !== "listCreated" || ++lists !== 2) return;
      const value = { kind: "aci-lifecycle/job", version: 1, limits: { startTimeoutInMs: 1, runTimeoutInMs: 99 * HOUR, cleanupTimeoutInMs: 1 }, state: { groupName: NAME, phase: "running", marks: { intendedAt: 0 } } };
      void store.write(`jobs/default/${JOB}`, value, "absent");
    };
    expect(await pass(azure, { store })).toMatchObject({ counts: { alive: 1 } });
    expect(deletes(azure)).toBe(0);
  });
});

describe("sweep", () => {
  it("goes on to the other groups when one cannot be looked at, deleted or marked", async () => {
    for (const bad of ["get", "delete", "patchTags"]) {
      const azure = new FakeAzure();
      leaveMany(azure, 3);
      azure.tellsAges = bad !== "patchTags";
      azure.before = (verb, subject) => {
        if (verb === bad && String(subject).endsWith("1-1")) throw refused(azure);
      };
      expect(await pass(azure)).toMatchObject({ counts: { failed: 1, [bad === "patchTags" ? "marked" : "deleted"]: 2 } });
    }
  });

  it("counts a group as deleted that somebody else has just deleted, at whatever moment", async () => {
    for (const moment of ["get", "delete", "patchTags"]) {
      const azure = new FakeAzure();
      leave(azure);
      azure.tellsAges = moment !== "patchTags";
      azure.before = (verb) => {
        if (verb !== moment) return;
        azure.groups.clear();
        if (verb !== "get") throw azure.fault({ statusCode: 404, serviceCode: "ResourceNotFound" });
      };
      expect(await pass(azure)).toMatchObject({ counts: { deleted: 1, failed: 0 } });
    }
  });

  it("does no harm twice at once, with not more than twice the requests (D8)", async () => {
    const alone = new FakeAzure();
    leaveMany(alone, 8);
    await pass(alone);
    for (const deletesInMs of [undefined, 4000]) {
      const azure = new FakeAzure();
      azure.deletesInMs = deletesInMs;
      leaveMany(azure, 8);
      leave(azure, { name: "web", tags: { app: "web" } });
      const reports = await azure.until(Promise.all([sweep(azure.client()), sweep(azure.client())]));
      expect(reports.map(({ counts }) => [counts.deleted, counts.failed])).toEqual([[8, 0], [8, 0]]);
      expect([...azure.groups.keys()]).toEqual(["web"]);
      if (deletesInMs === undefined) expect(azure.requests.length).toBeLessThanOrEqual(2 * (alone.requests.length + 1));
    }
  });

  // The pauses between the tries of a request are the one thing here that goes by the timers of the machine.
  describe("tries again", () => {
    afterEach(() => vi.useRealTimers());
    const passOf = async (azure: FakeAzure): Promise<SweepReport> => {
      vi.useFakeTimers({ toFake: ["setTimeout"] });
      const swept = sweep(azure.client());
      await vi.advanceTimersByTimeAsync(60_000);
      return azure.until(swept);
    };

    it("what fails in passing", async () => {
      const azure = new FakeAzure();
      leave(azure);
      const failed = new Set<string>();
      azure.before = (verb) => {
        if (failed.has(verb)) return;
        failed.add(verb);
        throw azure.fault({ statusCode: 503 });
      };
      expect((await passOf(azure)).counts).toMatchObject({ deleted: 1, failed: 0 });
      expect([...failed].sort()).toEqual(["delete", "get", "listCreated"]);
    });

    it("a delete that another is in the way of, and then looks what has become of the group", async () => {
      for (const isGone of [true, false]) {
        const azure = new FakeAzure();
        leave(azure);
        let tries = 0;
        azure.before = (verb) => {
          if (verb !== "delete") return;
          if (++tries === 4 && isGone) azure.groups.clear();
          throw azure.fault({ statusCode: 409, serviceCode: "ContainerGroupTransitioning" });
        };
        expect((await passOf(azure)).counts).toMatchObject(isGone ? { deleted: 1 } : { pending: 1, failed: 0 });
        expect(tries).toBe(4);
        vi.useRealTimers();
      }
    });
  });

  it("marks a group once where two do at once, and loses no tag", async () => {
    const azure = new FakeAzure();
    azure.tellsAges = false;
    leave(azure);
    await azure.until(Promise.all([sweep(azure.client()), sweep(azure.client())]));
    expect(azure.groups.get(NAME)?.tags).toEqual({ ...tagsOf(), "aci-lifecycle-seen": new Date(azure.clock.now()).toISOString() });
  });

  it("marks no group that is somebody else's by now", async () => {
    const azure = new FakeAzure();
    azure.tellsAges = false;
    leave(azure);
    azure.before = (verb) => {
      const group = azure.groups.get(NAME);
      if (verb === "get" && group !== undefined) group.tags = tagsOf(undefined, { "aci-lifecycle-owner": "others" });
    };
    expect(await pass(azure)).toMatchObject({ counts: { alive: 1 } });
    expect(azure.requests).not.toContain("patchTags");
  });

  it("rejects with the caller's reason, and deletes no more", async () => {
    const azure = new FakeAzure();
    leaveMany(azure, 30);
    const controller = new AbortController();
    azure.before = (verb) => {
      if (verb === "delete") controller.abort(new Error("enough"));
    };
    await expect(pass(azure, { abortSignal: controller.signal, maxDeletes: 30 })).rejects.toThrow("enough");
    const sent = deletes(azure);
    await azure.clock.advance(HOUR);
    expect(deletes(azure)).toBe(sent);
    expect(azure.groups.size).toBeGreaterThanOrEqual(22);
  });
});

describe("sweep refuses", () => {
  it.each<[object, string]>([
    [{ grace: 1 }, "`grace`"],
    [{ graceInMs: -1 }, "`graceInMs`"],
    [{ graceInMs: "1" }, "`graceInMs`"],
    [{ tags: { team: 1 } }, "`tags`"],
    [{ tags: ["team"] }, "`tags`"],
    [{ dryRun: "yes" }, "`dryRun`"],
    [{ maxDeletes: -1 }, "`maxDeletes`"],
    [{ maxDeletes: 1.5 }, "`maxDeletes`"],
    [{ store: {} }, "`store`"],
  ])("%j", async (options, named) => {
    const azure = new FakeAzure();
    await expect(sweep(azure.client(), options)).rejects.toThrow(named);
    await expect(sweep(azure.client(), options)).rejects.toSatisfy((error) => error instanceof TypeError || error instanceof RangeError);
    expect(azure.requests).toEqual([]);
  });

  it("what is no client", async () => {
    await expect(sweep({} as never)).rejects.toThrow("`client`");
  });
});
