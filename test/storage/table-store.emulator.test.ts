import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { tableMailbox, tableStore, type TableStoreOptions } from "aci-lifecycle/storage";
import type { JobStore } from "aci-lifecycle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entriesOf, storeContract } from "../stores/contract.js";
import { KEY, startAzurite, type Azurite } from "./azurite.js";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => azurite.stop());

// Each has a client of its own, as in a process of its own.
const store = (more: Partial<TableStoreOptions> = {}): JobStore => tableStore({ connectionString: azurite.connectionString, ...more });

storeContract("tableStore", () => store({ table: "contract" }));

describe("tableStore", () => {
  it("keeps values that are longer than a property, whole, and the shorter one that follows", async () => {
    const [one, other] = [store(), store()];
    for (const value of ["x".repeat(490_000), `x${"\u{1f600}".repeat(40_000)}`, { lone: "\ud800".repeat(40_000), text: "\"\\\n ä".repeat(5000) }, "short", null]) {
      const version = (await one.read("long"))?.version ?? "absent";
      expect(await one.write("long", value, version)).toBeDefined();
      // Not toEqual, which would print all of it.
      expect(JSON.stringify((await other.read("long"))?.value) === JSON.stringify(value)).toBe(true);
    }
    expect(await entriesOf(other, "long")).toEqual([{ key: "long", ...(await one.read("long")) }]);
  });

  it("says at once what is too long, and writes nothing", async () => {
    await expect(store().write("big", "x".repeat(500_000), "absent")).rejects.toThrow(/"big".*500000 characters.*got 500002/u);
    await expect(store().write("k".repeat(513), 1, "absent")).rejects.toThrow(RangeError);
    await expect(store().write("/".repeat(103), 1, "absent")).rejects.toThrow(/515: "\/\/\//u);
    await expect(store().read("k".repeat(513))).rejects.toThrow(RangeError);
    expect(await store().read("big")).toBeUndefined();
    const longest = `${"/".repeat(102)}kk`;
    expect(await store().write(longest, 1, "absent")).toBeDefined();
    expect((await entriesOf(store(), "/".repeat(102))).map(({ key }) => key)).toEqual([longest]);
  });

  it("tells who wrote, where the answer to a write was lost and the client sent it again", async () => {
    const proxy = await losingProxy();
    const mine = store({ table: "lost", connectionString: proxy.connectionString });
    try {
      const first = (await mine.write("k", { n: 0 }, "absent")) ?? "";
      proxy.lose();
      const second = await mine.write("k", { n: 1 }, first);
      expect(await mine.read("k")).toEqual({ value: { n: 1 }, version: second });
      proxy.lose();
      expect(await mine.write("new", { n: 1 }, "absent")).toBe((await mine.read("new"))?.version);
      expect(await mine.write("new", { n: 1 }, "absent")).toBeUndefined();
    } finally {
      proxy.close();
    }
  });

  it("has its rows in a mailbox's table without harm", async () => {
    const mine = store({ table: "shared" });
    await mine.write("k", 1, "absent");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await tableMailbox({ connectionString: azurite.connectionString, table: "shared" }).purge({ olderThanInMs: 500 })).toBe(0);
    expect((await mine.read("k"))?.value).toBe(1);
  });

  it("lists a thousand and more", async () => {
    const mine = store({ table: "many" });
    await mine.write("n/first", 0, "absent");
    for (let from = 0; from < 1100; from += 100) await Promise.all(Array.from({ length: 100 }, (_, i) => mine.write(`n/${from + i}`, from + i, "absent")));
    expect(await entriesOf(mine, "n/")).toHaveLength(1101);
  });

  it("shows its key in no failure, and does not take one for an absent value", async () => {
    const wrong = `${"A".repeat(86)}==`;
    const mine = store({ connectionString: azurite.connectionString.replace(KEY, wrong) });
    for (const failing of [mine.read("k"), mine.write("k", 1, "absent"), mine.delete("k"), entriesOf(mine, "")]) {
      const failure: unknown = await failing.catch((error: unknown) => error);
      expect(failure).toMatchObject({ statusCode: 403 });
      expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain(wrong);
    }
  });
});

// Something on the way to the service, which from `lose()` on throws the answer to the next write away and says 500.
async function losingProxy(): Promise<{ connectionString: string; lose: () => void; close: () => void }> {
  const [, address = ""] = /TableEndpoint=http:\/\/([^/;]+)/u.exec(azurite.connectionString) ?? [];
  let isLosing = false;
  const server = createServer((incoming, outgoing) => {
    const [hostname, port] = address.split(":");
    const sent = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      const isLost = isLosing && incoming.method !== "GET";
      if (isLost) isLosing = false;
      outgoing.writeHead(isLost ? 500 : (answer.statusCode ?? 500), answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(sent);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const own = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { connectionString: azurite.connectionString.replace(`TableEndpoint=http://${address}`, `TableEndpoint=http://${own}`), lose: () => void (isLosing = true), close: () => void server.close() };
}
