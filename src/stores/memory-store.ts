import type { JsonValue } from "../json.js";
import type { JobStore } from "../store.js";

/** A store that is gone with the process: for tests, and for jobs that need no more. @public */
export function memoryStore(): JobStore {
  const values = new Map<string, { text: string; version: number }>();
  // Of the store and not of a key, so that none has a version again that it had before it was deleted.
  let latest = 0;
  return {
    async read(key) {
      const found = values.get(key);
      return found && { value: JSON.parse(found.text) as JsonValue, version: String(found.version) };
    },
    async write(key, value, ifVersion) {
      const found = values.get(key);
      if (ifVersion !== (found === undefined ? "absent" : String(found.version))) return undefined;
      values.set(key, { text: JSON.stringify(value), version: ++latest });
      return String(latest);
    },
    async delete(key) {
      values.delete(key);
    },
    async *list(prefix) {
      for (const [key, { text, version }] of [...values]) if (key.startsWith(prefix)) yield { key, value: JSON.parse(text) as JsonValue, version: String(version) };
    },
  };
}
