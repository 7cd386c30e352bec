import { isAciError, type AciErrorCode } from "../../../src/index.js";
import type { Process } from "../world/process.js";
import type { FleetWorld } from "./fleet-world.js";

/** What a call of a pool has failed with. */
export type Failure = AciErrorCode | "STORE" | "UNEXPECTED";

/** Makes one call of a pool, and notes what it fails with. */
export async function attempt<T>({ history }: FleetWorld, process: Process, call: string, act: () => Promise<T>): Promise<{ readonly value: T } | { readonly failure: Failure }> {
  try {
    return { value: await act() };
  } catch (error) {
    const code = isAciError(error) ? error.code : error instanceof Error && error.message.startsWith("ENOSPC") ? "STORE" : "UNEXPECTED";
    history.add({ kind: "failed", by: process.name, call, code, text: error instanceof Error ? (code === "UNEXPECTED" ? String(error.stack) : error.message) : String(error) });
    return { failure: code };
  }
}
