import type { Mailbox, Signal } from "aci-lifecycle";
import { longPoll, resolvePauses, type LongPollOptions } from "../long-poll.js";
import { SignalRows } from "./signal-rows.js";
import { storageAccount, type StorageAccountOptions } from "../storage-account.js";
import { expectTable, openTable } from "./open-table.js";

/** Options of {@link tableMailbox}. @public */
export interface TableMailboxOptions extends StorageAccountOptions, LongPollOptions {
  /** The table's name. It is made at the first use, if it is not there. @defaultValue `"acilifecycle"` */
  readonly table?: string | undefined;
}

/** A mailbox in a table. @public */
export interface TableMailbox extends Mailbox {
  /** Removes the signals that nobody has taken in that time, those of jobs that are gone. Answers how many. */
  purge(options: { readonly olderThanInMs: number }): Promise<number>;
}

/**
 * A mailbox in Azure Table Storage, for a receiver in another process than whoever waits: what one has put there wakes the
 * other within two seconds. Needs the package `@azure/data-tables`, which is loaded at the first call.
 *
 * @remarks
 * One row for each signal, in one partition for each container group. Of a group 100 signals are read at a time. With a
 * credential, its role is Storage Table Data Contributor.
 *
 * @throws TypeError or RangeError if an option cannot be right; never with the key in it.
 *
 * @example
 * ```ts
 * const mailbox = tableMailbox({ connectionString: process.env.AzureWebJobsStorage });
 * const completion = webhook({ url, secret, mailbox });
 * ```
 * @public
 */
export function tableMailbox(options: TableMailboxOptions): TableMailbox {
  const account = storageAccount(options, ["table", "firstPauseInMs", "longestPauseInMs"]);
  const { table = "acilifecycle" } = options;
  expectTable(table);
  const pauses = resolvePauses(options);
  let opened: Promise<SignalRows> | undefined;
  const rows = (): Promise<SignalRows> => (opened ??= openTable(account, table).then((client) => new SignalRows(client)));
  return Object.freeze({
    put: async (signal: Signal) => (await rows()).put(signal),
    receive: async (groupName: string, wait: Parameters<Mailbox["receive"]>[1]) => longPoll(async () => (await rows()).of(groupName, wait.abortSignal), wait, pauses),
    acknowledge: async (groupName: string, ids: readonly string[]) => (await rows()).remove(groupName, ids),
    async purge({ olderThanInMs }: { readonly olderThanInMs: number }) {
      if (!Number.isFinite(olderThanInMs) || olderThanInMs < 0) throw new RangeError(`Expected \`olderThanInMs\` to be a number of at least 0, got \`${String(olderThanInMs)}\`.`);
      return (await rows()).purge(olderThanInMs);
    },
  });
}
