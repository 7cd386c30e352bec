import type { ResourceGroup } from "../directory/resource-groups.js";
import type { EventSubscription } from "../events/event-subscription.js";
import type { RegistryRecords } from "../groups/group-registry.js";
import type { Profile } from "../profiles/profiles.js";

/** The version of the form below; a file of another one is refused. */
export const STATE_VERSION = 1;

/** Everything of an emulator that outlives it, as it is in its state file. */
export interface SavedState extends RegistryRecords {
  readonly version: typeof STATE_VERSION;
  /** The name of the engine that the groups run on. */
  readonly engine: string;
  readonly session: string;
  readonly token: string;
  /** When it was written, on the emulator's clock. */
  readonly savedAt: number;
  /** The resource group that the emulator had from its start. */
  readonly home: string;
  readonly resourceGroups: readonly ResourceGroup[];
  /** The revisions of each profile. */
  readonly profiles: readonly (readonly Profile[])[];
  readonly subscriptions: readonly Required<EventSubscription>[];
}

const LISTS = ["groups", "operations", "resourceGroups", "profiles", "subscriptions"];

/** Reads the text of a state file; throws an Error that says what is wrong with it. */
export function parseState(text: string): SavedState {
  const fields = Object(parseJson(text)) as Readonly<Record<string, unknown>>;
  const { version } = fields;
  if (version === undefined) throw new Error("it has no version");
  if (version !== STATE_VERSION) throw new Error(`it has version ${JSON.stringify(version)}, and this emulator reads version ${STATE_VERSION}`);
  const wrong = LISTS.find((name) => !Array.isArray(fields[name])) ?? ["engine", "session", "token", "home"].find((name) => typeof fields[name] !== "string");
  if (wrong !== undefined) throw new Error(`its \`${wrong}\` is missing`);
  return fields as unknown as SavedState;
}

// The words of the parser are left out, as they repeat a part of the text, which may be a secret.
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("it is not JSON, or not all of it");
  }
}
