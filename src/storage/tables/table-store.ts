import { randomUUID } from "node:crypto";
import type { JobStore } from "aci-lifecycle";
import type { TableClient } from "@azure/data-tables";
import { isAnswer, storageAccount, type StorageAccountOptions } from "../storage-account.js";
import { endOf, keyOf, propertiesOf, rowKeyOf, STORE_PARTITION, valueOf } from "./entity.js";
import { expectTable, inTable, openTable, quoted } from "./open-table.js";

/** Options of {@link tableStore}. @public */
export interface TableStoreOptions extends StorageAccountOptions {
  /** The table's name. It is made at the first write, if it is not there. @defaultValue `"acilifecyclestore"` */
  readonly table?: string | undefined;
}

type Refusal = readonly [status: number, code?: string];
const ABSENT: readonly Refusal[] = [[404]];
// There is nothing to write over, something where nothing was to be, or another version.
const REFUSALS: readonly Refusal[] = [...ABSENT, [409, "EntityAlreadyExists"], [412]];

type Entity = Readonly<Record<string, unknown>>;

/**
 * A store in Azure Table Storage, for processes on any number of machines. Needs the package `@azure/data-tables`, which is
 * loaded at the first call.
 *
 * @remarks
 * One row for each key, all in one partition; the version is the row's ETag. A value takes up to 500,000 characters of JSON,
 * six for each that is not ASCII, and a key up to 512, where each but letters, digits, `.`, `_` and `-` counts five: what is longer
 * is a RangeError. With a
 * credential, its role is Storage Table Data Contributor.
 *
 * @throws TypeError if an option cannot be right; never with the key in it.
 *
 * @example
 * ```ts
 * const store = tableStore({ connectionString: process.env.AzureWebJobsStorage });
 * const pool = new ServerPool(client, { name: "games", server, scaling, store });
 * ```
 * @public
 */
export function tableStore(options: TableStoreOptions): JobStore {
  const account = storageAccount(options, ["table"]);
  const { table = "acilifecyclestore" } = options;
  expectTable(table);
  let opened: Promise<TableClient> | undefined;
  const open = (): Promise<TableClient> => (opened ??= openTable(account, table));
  return Object.freeze({
    async read(key: string) {
      const found = await find(await open(), rowKeyOf(key));
      return found && { value: valueOf(found), version: found["etag"] as string };
    },
    async write(key: string, value: Parameters<JobStore["write"]>[1], ifVersion: string) {
      return write(await open(), { partitionKey: STORE_PARTITION, rowKey: rowKeyOf(key), ...propertiesOf(key, value) }, ifVersion);
    },
    async delete(key: string) {
      const client = await open();
      await unless(ABSENT, client.deleteEntity(STORE_PARTITION, rowKeyOf(key)));
    },
    async *list(prefix: string) {
      const rowKey = rowKeyOf(prefix);
      const range = rowKey === "" ? "" : ` and RowKey ge ${quoted(rowKey)} and RowKey lt ${quoted(endOf(rowKey))}`;
      const rows = (await open()).listEntities<Entity>({ queryOptions: { filter: `PartitionKey eq ${quoted(STORE_PARTITION)}${range}` } });
      try {
        for await (const row of rows) yield { key: keyOf(row["rowKey"] as string), value: valueOf(row), version: row["etag"] };
      } catch (error) {
        if (!isAnswer(error, 404, "TableNotFound")) throw error;
      }
    },
  });
}

// Writes on a condition. The client sends a write again whose answer was lost, and is then refused by its own row: each write
// has an id, so that this is not taken for somebody else's.
async function write(client: TableClient, row: { readonly partitionKey: string; readonly rowKey: string }, ifVersion: string): Promise<string | undefined> {
  const writeId = randomUUID();
  const entity = { ...row, writeId };
  const send = async (): Promise<string | undefined> => (ifVersion === "absent" ? await client.createEntity(entity) : await client.updateEntity(entity, "Replace", { etag: ifVersion })).etag;
  const version = await unless(REFUSALS, inTable(client, send));
  if (version !== undefined) return version;
  const found = await find(client, row.rowKey);
  return found?.["writeId"] === writeId ? (found["etag"] as string) : undefined;
}

async function find(client: TableClient, rowKey: string): Promise<Entity | undefined> {
  return unless(ABSENT, client.getEntity<Entity>(STORE_PARTITION, rowKey));
}

// Takes these answers for nothing.
async function unless<T>(answers: readonly Refusal[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (answers.some(([status, code]) => isAnswer(error, status, code))) return undefined;
    throw error;
  }
}
