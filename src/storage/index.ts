export { azureFiles, type AzureFilesOptions } from "./azure-files.js";
export { storageQueue, type StorageQueueOptions } from "./storage-queue.js";
export { tableMailbox, type TableMailbox, type TableMailboxOptions } from "./tables/table-mailbox.js";
export { tableStore, type TableStoreOptions } from "./tables/table-store.js";
export type { StorageAccountOptions } from "./storage-account.js";
export type { LongPollOptions } from "./long-poll.js";
