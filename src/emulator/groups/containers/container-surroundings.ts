import type { Clock } from "../../../internal/clock.js";
import type { GroupBody } from "../../body/group-body.js";
import type { EngineGroup } from "../../engine.js";
import type { ResolvedAssumptions } from "../../options/assumptions.js";
import type { ResolvedPace } from "../../options/pace.js";

/** What a container needs from the deployment that runs it. */
export interface ContainerSurroundings {
  readonly clock: Clock;
  readonly pace: ResolvedPace;
  readonly body: GroupBody;
  readonly engineGroup: EngineGroup;
  readonly abortSignal: AbortSignal;
  readonly assumptions: ResolvedAssumptions;
  /** False where a fault keeps the image from being pulled. */
  readonly canPull: boolean;
  /** How long a container that its liveness probe has given up may take to end. */
  readonly stopGraceInMs: number;
  /** What each container finds in its environment besides its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called before a run is removed, as only the engine may know so far how it ended. */
  readonly beforeRemoval: (() => Promise<void>) | undefined;
}
