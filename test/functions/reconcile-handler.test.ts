import { InvocationContext, type LogLevel, type Timer } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { reconcileHandler } from "aci-lifecycle/functions";
import { bySessions, memoryStore, ServerPool, type ReconcileReport, type ServerPoolOptions } from "aci-lifecycle";
import { FakeAzure } from "../jobs/fake-azure.js";

const TIMER = { isPastDue: false, schedule: { adjustForDST: true }, scheduleStatus: { last: "", lastUpdated: "", next: "" } } as Timer;

interface Host {
  readonly log: [LogLevel, string][];
  readonly context: InvocationContext;
}

// The function's log as the host has it, by Microsoft's own context.
function newHost(): Host {
  const log: Host["log"] = [];
  const context = new InvocationContext({ logHandler: (level, ...texts) => void log.push([level, texts.map(String).join(" ")]) });
  return { log, context };
}

function newPool(azure: FakeAzure, options: Partial<ServerPoolOptions> = {}): ServerPool {
  return new ServerPool(azure.client(), { name: "arena", server: { image: "arena" }, scaling: bySessions({ capacityPerServer: 2 }), store: memoryStore(), min: 2, ...options });
}

describe("a pool that a timer reconciles", () => {
  it("is reconciled once by each run, which logs what was done and hands the report on", async () => {
    const azure = new FakeAzure();
    const { log, context } = newHost();
    const reports: ReconcileReport[] = [];
    const handler = reconcileHandler(newPool(azure), { onReport: (report) => reports.push(report) });
    await azure.until(Promise.resolve(handler(TIMER, context)));
    expect([...azure.groups.keys()]).toHaveLength(2);
    expect(log).toEqual(reports[0]?.actions.map(({ serverId }) => ["information", `create ${serverId}`]));
    await azure.clock.advance(15_000);
    await azure.until(Promise.resolve(handler(TIMER, context)));
    expect(reports.map(({ servers }) => servers.creating + servers.running)).toEqual([0, 2]);
    expect(log.slice(2)).toEqual(reports[1]?.actions.map(({ serverId }) => ["information", `start ${serverId}`]));
  });

  it("says why a server is let go of, and logs leases where nobody looks", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 86_400_000;
    const { log, context } = newHost();
    const handler = reconcileHandler(newPool(azure, { min: 1, groupLeaseInMs: 600_000 }));
    const runFor = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 15_000) {
        await azure.until(Promise.resolve(handler(TIMER, context)));
        await azure.clock.advance(15_000);
      }
    };
    await runFor(330_000);
    expect(log.filter(([level]) => level === "debug").map(([, text]) => text)).toContainEqual(expect.stringMatching(/^renewLease \w+$/u));
    azure.groups.clear();
    await runFor(180_000);
    expect(log).toContainEqual(["information", expect.stringMatching(/^lose \w+: .+/u)]);
  });

  it("warns of what Azure refuses, and goes on", async () => {
    const azure = new FakeAzure();
    azure.before = (verb) => {
      if (verb === "put") throw azure.fault({ statusCode: 409, serviceCode: "ContainerGroupQuotaReached" });
    };
    const { log, context } = newHost();
    await azure.until(Promise.resolve(reconcileHandler(newPool(azure))(TIMER, context)));
    expect(log).toContainEqual(["warning", expect.stringMatching(/^create \w+ failed: .*\[ACI_QUOTA_EXCEEDED\]$/u)]);
  });

  it("warns of a run that was too slow to do all that it should", async () => {
    const azure = new FakeAzure();
    const { log, context } = newHost();
    const store = memoryStore();
    const slow = { name: "slow", measure: () => azure.clock.sleep(130_000).then(() => 0), desired: () => 0 };
    const run = Promise.resolve(reconcileHandler(newPool(azure, { store, scaling: slow }))(TIMER, context));
    await azure.clock.advance(125_000);
    await newPool(azure, { store }).reconcile();
    await azure.until(run);
    expect(log).toEqual([["warning", "2 actions are left to the next run: this one was too slow"], ["debug", "another process scales this pool"]]);
  });

  it("fails the run where nothing could be done", async () => {
    const azure = new FakeAzure();
    azure.before = () => {
      throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    const { context } = newHost();
    await expect(azure.until(Promise.resolve(reconcileHandler(newPool(azure))(TIMER, context)))).rejects.toMatchObject({ statusCode: 403 });
  });

  it("refuses a listener that is none", () => {
    const pool = { reconcile: () => Promise.reject(new Error("not asked")) } as unknown as ServerPool;
    expect(() => reconcileHandler(pool, { onReport: {} as never })).toThrow(new TypeError("Expected `onReport` to be a function, got object."));
  });
});
