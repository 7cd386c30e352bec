import type { Clock } from "../../internal/clock.js";
import type { FindShare } from "../body/engine-specs.js";
import type { Engine } from "../engine.js";
import type { Identities } from "../identity/identities.js";
import type { GroupFault } from "../faults/fault-rule.js";
import type { ResolvedAssumptions } from "../options/assumptions.js";
import type { ResolvedPace } from "../options/pace.js";
import type { EventView } from "./containers/event-list.js";
import type { Keeper } from "./keeper.js";

/** What every deployment of an emulator shares. */
export interface DeploymentContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly pace: ResolvedPace;
  readonly findShare: FindShare;
  /** How long a container may take to end after TERM. */
  readonly stopGraceInMs: number;
  readonly assumptions: ResolvedAssumptions;
  readonly identities: Identities;
  readonly faults: { strikeDeployment(name: string): readonly GroupFault[] };
  /** Told of every change, where groups are to outlive the emulator. */
  readonly keeper?: Keeper | undefined;
}

/** A deployment as it is written down. */
export interface DeploymentRecord {
  /** The group's id in the engine. */
  readonly id: string;
  readonly events: readonly EventView[];
  /** When its first move was; absent while the deployment before it ends. */
  readonly beganAt?: number;
  readonly isAllocated?: true;
  /** How provisioning ended, once it has. */
  readonly end?: { readonly failure?: { readonly name: string; readonly message: string } };
  /** True once it has failed as a whole, so that no container is started any more. */
  readonly isOver?: true;
  /** True once its containers are ended for good. */
  readonly isEnded?: true;
}

/** How provisioning ended: `undefined` for success, else the words of the failure. */
export type ProvisioningEnd = { readonly failure: { readonly name: string; readonly message: string } | undefined };
