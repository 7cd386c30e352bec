import { createHash } from "node:crypto";
import type { Signal } from "aci-lifecycle";
import type { TableClient } from "@azure/data-tables";
import { isAnswer } from "../storage-account.js";
import { STORE_PARTITION } from "./entity.js";
import { inTable, quoted } from "./open-table.js";

/** A signal as it lies in a table. What is not there is not known. */
interface SignalRow {
  readonly signalId: string;
  readonly kind: string;
  readonly source: string;
  readonly at: string;
  readonly jobKey?: string;
  readonly exitCode?: number;
}

const MOST_OF_A_GROUP = 100;
const PURGED_AT_ONCE = 20;

/** The signals of all groups, as rows of a table, over Microsoft's client, which retries what passes. */
export class SignalRows {
  constructor(private readonly table: TableClient) {}

  // The row of a signal is the first of its id.
  async put({ id, groupName, key, kind, source, at, exitCode }: Signal): Promise<void> {
    const row = { signalId: id, kind, source, at, ...(key !== undefined && { jobKey: key }), ...(exitCode !== undefined && { exitCode }) } satisfies SignalRow;
    const create = (): Promise<unknown> => this.table.createEntity({ partitionKey: groupName, rowKey: rowOf(id), ...row });
    try {
      await inTable(this.table, create);
    } catch (error) {
      if (!isAnswer(error, 409, "EntityAlreadyExists")) throw error;
    }
  }

  async of(groupName: string, abortSignal?: AbortSignal): Promise<readonly Signal[]> {
    const filter = `PartitionKey eq ${quoted(groupName)}`;
    const rows = await inTable(this.table, () => this.#firstPage(filter, abortSignal));
    return rows.map((row) => signalFrom(row, groupName)).sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  }

  async remove(groupName: string, ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#delete(groupName, rowOf(id))));
  }

  async purge(olderThanInMs: number): Promise<number> {
    // By the service's own time of the row. A store may be in the same table, and its rows are nobody's to purge.
    const filter = `PartitionKey ne ${quoted(STORE_PARTITION)} and Timestamp lt datetime'${new Date(Date.now() - olderThanInMs).toISOString()}'`;
    const old = this.table.listEntities<object>({ queryOptions: { filter, select: ["partitionKey", "rowKey"] } });
    let count = 0;
    const failures: unknown[] = [];
    // Settled from the beginning: the list may take longer than they do.
    const remove = (partitionKey: string, rowKey: string): Promise<unknown> => this.#delete(partitionKey, rowKey).then(() => count++, (error: unknown) => failures.push(error));
    let batch: Promise<unknown>[] = [];
    try {
      for await (const { partitionKey, rowKey } of old) {
        batch.push(remove(String(partitionKey), String(rowKey)));
        if (batch.length < PURGED_AT_ONCE) continue;
        await Promise.all(batch);
        batch = [];
        if (failures.length > 0) break;
      }
    } catch (error) {
      if (!isAnswer(error, 404)) failures.push(error);
    }
    await Promise.all(batch);
    if (failures.length > 0) throw failures[0];
    return count;
  }

  async #firstPage(filter: string, abortSignal: AbortSignal | undefined): Promise<readonly SignalRow[]> {
    const pages = this.table.listEntities<SignalRow>({ queryOptions: { filter }, ...(abortSignal && { abortSignal }) }).byPage({ maxPageSize: MOST_OF_A_GROUP });
    for await (const page of pages) return page;
    return [];
  }

  // One that is gone is fine.
  async #delete(partitionKey: string, rowKey: string): Promise<void> {
    try {
      await this.table.deleteEntity(partitionKey, rowKey);
    } catch (error) {
      if (!isAnswer(error, 404)) throw error;
    }
  }
}

// An id may have any characters and any length, the key of a row not.
function rowOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}

function signalFrom({ signalId, kind, source, at, jobKey, exitCode }: SignalRow, groupName: string): Signal {
  return { id: signalId, groupName, kind: kind as Signal["kind"], source, at, ...(jobKey !== undefined && { key: jobKey }), ...(exitCode !== undefined && { exitCode }) };
}
