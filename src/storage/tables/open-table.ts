import type { TableClient } from "@azure/data-tables";
import { expectName, isAnswer, isPlainHttp, type StorageAccount } from "../storage-account.js";

// Microsoft's client of a table, which retries what passes. It is loaded at this moment.
export async function openTable(account: StorageAccount, table: string): Promise<TableClient> {
  const { TableClient } = await import("@azure/data-tables");
  if (!("connectionString" in account)) return new TableClient(account.url, table, account.credential);
  return TableClient.fromConnectionString(account.connectionString, table, { allowInsecureConnection: isPlainHttp(account.connectionString) });
}

// Does something in a table, which is made if it is not there.
export async function inTable<T>(table: TableClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAnswer(error, 404, "TableNotFound")) throw error;
    await table.createTable();
    return work();
  }
}

// Throws a TypeError where a name is none of a table.
export function expectTable(table: unknown): void {
  expectName("table", table, /^[A-Za-z][A-Za-z0-9]{2,62}$/u, "3 to 63 letters and digits, a letter first");
}

// A text in a filter.
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
