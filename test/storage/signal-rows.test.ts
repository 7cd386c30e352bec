import type { TableClient } from "@azure/data-tables";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SignalRows } from "../../src/storage/tables/signal-rows.js";

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
let others: NodeJS.UnhandledRejectionListener[] = [];

beforeEach(() => {
  others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
});
afterEach(() => {
  process.off("unhandledRejection", note);
  for (const other of others) process.on("unhandledRejection", other);
  unhandled.length = 0;
});

// A table of rows, the delete of some of which is refused, and whose list takes its time after the last of them, or fails there.
function tableOf(count: number, refused: readonly number[], listing?: Error): { readonly rows: SignalRows; readonly deleted: string[] } {
  const deleted: string[] = [];
  const table = {
    async *listEntities() {
      for (let i = 0; i < count; i++) yield { partitionKey: "g", rowKey: String(i) };
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (listing !== undefined) throw listing;
    },
    deleteEntity: async (_group: string, row: string) => {
      if (refused.includes(Number(row))) throw Object.assign(new Error(`no right to ${row}`), { statusCode: 403 });
      deleted.push(row);
    },
  };
  return { rows: new SignalRows(table as unknown as TableClient), deleted };
}

describe("a purge", () => {
  it.each<[string, readonly number[], Error | undefined, string]>([
    ["a delete is refused while more is listed", [1], undefined, "no right to 1"],
    ["several are", [2, 1, 0], undefined, "no right to 0"],
    ["the list breaks off", [], new Error("reset"), "reset"],
    ["both", [1], new Error("reset"), "no right to 1"],
  ])("rejects with the first failure where %s, and leaves none behind", async (_name, refused, listing, message) => {
    const { rows, deleted } = tableOf(5, refused, listing);
    await expect(rows.purge(1)).rejects.toThrow(message);
    expect(deleted).toHaveLength(5 - refused.length);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });

  it("goes on after no failure of twenty", async () => {
    const { rows, deleted } = tableOf(100, [1]);
    await expect(rows.purge(1)).rejects.toThrow("no right to 1");
    expect(deleted).toHaveLength(19);
    expect(await tableOf(41, []).rows.purge(1)).toBe(41);
  });
});
