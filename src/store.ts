import type { JsonValue } from "./json.js";

/**
 * What must outlive a process: intents and results of jobs now, and whatever else has to be found again later. Small
 * values by key, each with a version that changes at every write.
 *
 * @public
 */
export interface JobStore {
  /** The value under `key`, or `undefined`. */
  read(key: string): Promise<StoredValue | undefined>;
  /**
   * Writes a value that is durable once the promise resolves, and answers its version.
   *
   * @param ifVersion - Write only over this version, or only where nothing is (`"absent"`). Answers `undefined`, and
   * writes nothing, where that does not hold.
   */
  write(key: string, value: JsonValue, ifVersion: string): Promise<string | undefined>;
  /** Removes what is under `key`, if anything. */
  delete(key: string): Promise<void>;
  /**
   * All values whose keys begin with `prefix`, in no order, each as it was at some time during the call. Pools need it;
   * jobs do without.
   */
  list?(prefix: string): AsyncIterable<StoredEntry>;
}

/** A value of a {@link JobStore} and its version. @public */
export interface StoredValue {
  readonly value: JsonValue;
  readonly version: string;
}

/** A value of a {@link JobStore} with its key. @public */
export interface StoredEntry extends StoredValue {
  readonly key: string;
}
