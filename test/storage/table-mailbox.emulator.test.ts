import { inspect } from "node:util";
import type { Signal } from "aci-lifecycle";
import { tableMailbox, type TableMailbox, type TableMailboxOptions } from "aci-lifecycle/storage";
import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KEY, startAzurite, type Azurite } from "./azurite.js";

let azurite: Azurite;
let table: string;
let tables = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => azurite.stop());
beforeEach(() => {
  table = `mailbox${++tables}`;
});

const signal = (id: string, groupName = "aci-g-1", more: Partial<Signal> = {}): Signal => ({ id, groupName, kind: "ended", source: "s", at: "2026-01-01T00:00:00.000Z", ...more });
// Each has a client of its own, as in a process of its own.
const mailbox = (more: Partial<TableMailboxOptions> = {}): TableMailbox => tableMailbox({ connectionString: azurite.connectionString, table, ...more });
const now = (box: TableMailbox, groupName = "aci-g-1"): Promise<readonly Signal[]> => box.receive(groupName, { waitInMs: 0 });

async function rowsIn(): Promise<object[]> {
  const rows: object[] = [];
  for await (const row of TableClient.fromConnectionString(azurite.connectionString, table, { allowInsecureConnection: true }).listEntities()) rows.push(row);
  return rows;
}

describe("a mailbox in a table", () => {
  it("keeps the signals of each group, whole, for every process, until they are acknowledged", async () => {
    const [one, other] = [mailbox(), mailbox()];
    const whole = signal("it's/a #?\\ \u{1f600}", "aci-g-1", { key: "k/1 ä", exitCode: 3, at: "2026-01-02T00:00:00.000Z" });
    await one.put(whole);
    await one.put(signal("early"));
    await other.put(signal("x".repeat(5000), "aci-it's-2"));
    for (const box of [one, other, mailbox()]) expect(await now(box)).toEqual([signal("early"), whole]);
    expect(await now(one, "aci-it's-2")).toHaveLength(1);
    await other.acknowledge("aci-g-1", [whole.id, "unknown"]);
    await one.acknowledge("aci-g-1", [whole.id]);
    expect(await now(one)).toEqual([signal("early")]);
  });

  it("keeps the first of an id that is put twice, or a hundred times at once", async () => {
    const box = mailbox();
    await box.put(signal("1", "aci-g-1", { exitCode: 1 }));
    await box.put(signal("1", "aci-g-1", { exitCode: 2 }));
    await Promise.all(Array.from({ length: 100 }, () => mailbox().put(signal("2"))));
    expect(await now(box)).toHaveLength(2);
    expect(await now(box)).toContainEqual(signal("1", "aci-g-1", { exitCode: 1 }));
  });

  it("has nothing, and nothing to remove, before anything was put", async () => {
    expect(await mailbox().purge({ olderThanInMs: 0 })).toBe(0);
    await mailbox().acknowledge("aci-g-1", ["1"]);
    expect(await now(mailbox())).toEqual([]);
  });

  it("wakes who waits in another process", async () => {
    const waiting = mailbox().receive("aci-g-1", { waitInMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const putAt = performance.now();
    await mailbox().put(signal("1"));
    expect(await waiting).toEqual([signal("1")]);
    expect(performance.now() - putAt).toBeLessThan(30_000);
  });

  it("gives up when time is over", async () => {
    const since = performance.now();
    expect(await mailbox({ firstPauseInMs: 60_000, longestPauseInMs: 60_000 }).receive("aci-g-1", { waitInMs: 700 })).toEqual([]);
    expect(performance.now() - since).toBeGreaterThanOrEqual(690);
    expect(performance.now() - since).toBeLessThan(30_000);
  });

  it("lets go at once with the reason of an abort, in a request or in a pause", async () => {
    const reason = new Error("enough");
    for (const afterInMs of [0, 3, 400]) {
      const controller = new AbortController();
      const waiting = mailbox({ firstPauseInMs: 60_000, longestPauseInMs: 60_000 }).receive("aci-g-1", { waitInMs: 60_000, abortSignal: controller.signal });
      const failed = expect(waiting).rejects.toBe(reason);
      await new Promise((resolve) => setTimeout(resolve, afterInMs));
      const abortedAt = performance.now();
      controller.abort(reason);
      await failed;
      expect(performance.now() - abortedAt).toBeLessThan(30_000);
    }
  });

  it("reads a hundred signals of a group at a time, and the others after them", async () => {
    const box = mailbox();
    await Promise.all(Array.from({ length: 130 }, (_, n) => box.put(signal(String(n)))));
    const first = await now(box);
    expect(first).toHaveLength(100);
    await box.acknowledge("aci-g-1", first.map(({ id }) => id));
    expect(await now(box)).toHaveLength(30);
  });

  it("purges what is old, of all groups, and nothing else", async () => {
    const box = mailbox();
    await Promise.all(Array.from({ length: 50 }, (_, n) => box.put(signal(String(n), `aci-g-${n}`))));
    expect(await box.purge({ olderThanInMs: 60_000 })).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await box.put(signal("new", "aci-new-1"));
    expect(await box.purge({ olderThanInMs: 1000 })).toBe(50);
    expect(await rowsIn()).toHaveLength(1);
  });

  it("shows its key in no failure", async () => {
    const wrong = `${"A".repeat(86)}==`;
    const failure: unknown = await now(mailbox({ connectionString: azurite.connectionString.replace(KEY, wrong) })).catch((error: unknown) => error);
    const box = mailbox();
    expect(failure).toMatchObject({ statusCode: 403 });
    for (const shown of [inspect(failure, { depth: 20, showHidden: true }), JSON.stringify(failure), inspect(box, { depth: 20, showHidden: true })]) {
      expect(shown).not.toContain(wrong);
      expect(shown).not.toContain(KEY);
    }
  });
});
