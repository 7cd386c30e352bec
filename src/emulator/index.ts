export { startEmulator } from "./start-emulator.js";
export type {
  ContainerView,
  Emulator,
  EmulatorClientOptions,
  GroupView,
  RecordedRequest,
  StartEmulatorOptions,
} from "./emulator.js";
export type { GroupState } from "./groups/group-state.js";
export type { EmulatedFileService } from "./files/rest/file-service.js";
export { ShareFolder } from "./files/share-folder.js";
export type { Pace, PaceInMs } from "./options/pace.js";
export type { EventSubscription } from "./events/event-subscription.js";
export type { Assumptions } from "./options/assumptions.js";
export type { FaultAnswer, FaultConditions, FaultResponse, FaultRule, GroupFault, Refusal, RequestFault, RequestKind } from "./faults/fault-rule.js";

// For tests whose containers are functions.
export { scripted, type ScriptedOptions } from "./engines/scripted/scripted.js";
export type { ScriptedContainer, ScriptedProbe } from "./engines/scripted/scripted-container.js";
export { VirtualClock, type Clock } from "../internal/clock.js";

// For engines of your own.
export { ImageError, MountError } from "./engine.js";
export type {
  CheckAnswer,
  Engine,
  EngineCheck,
  EngineContainerSpec,
  EngineGroup,
  EngineGroupSpec,
  EngineRun,
  EngineSession,
  EngineState,
  EngineTerminal,
  EngineVolume,
  MetadataAnswer,
  MetadataRequest,
  FoundGroup,
  FoundRun,
  RegistryLogin,
  RunEnd,
} from "./engine.js";
