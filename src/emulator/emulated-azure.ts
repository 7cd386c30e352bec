import type { Clock } from "../internal/clock.js";
import type { ResolvedAssumptions } from "./options/assumptions.js";
import type { RecordedRequest } from "./emulator.js";
import type { Engine } from "./engine.js";
import type { AnswerMemory } from "./faults/answer-memory.js";
import type { EventGrid } from "./events/event-grid.js";
import type { FaultTable } from "./faults/fault-table.js";
import type { GroupRegistry } from "./groups/group-registry.js";
import type { Keeper } from "./groups/keeper.js";
import type { TerminalSessions } from "./terminals/terminal-sessions.js";
import type { ResourceGroups } from "./directory/resource-groups.js";
import type { Profiles } from "./profiles/profiles.js";
import type { Identities } from "./identity/identities.js";
import type { Tokens } from "./tokens/tokens.js";
import type { RateBudget } from "./server/rate-budget.js";

/** Everything that requests are answered from. */
export interface EmulatedAzure {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly groups: GroupRegistry;
  readonly faults: FaultTable;
  readonly sessions: TerminalSessions;
  readonly rates: RateBudget;
  readonly events: EventGrid;
  readonly tokens: Tokens;
  readonly identities: Identities;
  readonly memory: AnswerMemory;
  readonly profiles: Profiles;
  readonly resourceGroups: ResourceGroups;
  readonly settings: AzureSettings;
  /** Writes down what is to outlive the emulator, if anything is. */
  readonly keeper: Keeper | undefined;
  /** The requests so far. */
  readonly requests: readonly RecordedRequest[];
  /** Where this emulator answers, as clients write it: `http://127.0.0.1:1234`. */
  readonly endpoint: string;
}

export interface AzureSettings {
  readonly location: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly pageSize: number;
  readonly assumptions: ResolvedAssumptions;
  readonly limits: "counted" | "enforced";
}
