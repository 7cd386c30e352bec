import type { JsonValue } from "../json.js";
import type { JobStore } from "../store.js";

/** A store that is gone with the process: for tests, and for jobs that need no more. @public */
export function memoryStore(): JobStore {
  const values = new Map<string, { text: string; version: number }>();
  return {
    async read(key) {
      const found = values.get(key);
      return found && { value: JSON.parse(found.text) as JsonValue, version: String(found.version) };
    },
    async write(key, value, ifVersion) {
      const found = values.get(key);
      if (ifVersion !== (found === undefined ? "absent" : String(found.version))) return undefined;
      const version = (found?.version ?? 0) + 1;
      values.set(key, { text: JSON.stringify(value), version });
      return String(version);
    },
    async delete(key) {
      values.delete(key);
    },
    async *list(prefix) {
      for (const [key, { text, version }] of [...values]) if (key.startsWith(prefix)) yield { key, value: JSON.parse(text) as JsonValue, version: String(version) };
    },
  };
}
