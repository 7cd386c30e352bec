import type { Clock } from "../internal/clock.js";
import type { Engine } from "./engine.js";
import type { FaultTable } from "./faults/fault-table.js";
import type { GroupRegistry } from "./groups/group-registry.js";
import type { TerminalSessions } from "./terminals/terminal-sessions.js";
import type { RateBudget } from "./server/rate-budget.js";

/** Everything that requests are answered from. */
export interface EmulatedAzure {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly groups: GroupRegistry;
  readonly faults: FaultTable;
  readonly sessions: TerminalSessions;
  readonly rates: RateBudget;
  readonly settings: AzureSettings;
  /** Where this emulator answers, as clients write it: `http://127.0.0.1:1234`. */
  readonly endpoint: string;
}

export interface AzureSettings {
  readonly location: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly pageSize: number;
  readonly terminatedLogLimit: "4MB" | "16KB";
  readonly failedOperations: "withError" | "eventsOnly";
}
