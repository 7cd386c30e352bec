import type { ContainerJobSpec, RunContainerJobOptions } from "aci-lifecycle";
import type { FaultRule, StartEmulatorOptions } from "aci-lifecycle/emulator";
import type { Heard, Tampering } from "./adversary.js";
import type { Stage } from "./stage.js";

/** A kind of fault, and what a job meets it with. */
export interface Scenario {
  /** Its number in the catalogue. */
  readonly id: string;
  readonly what: string;
  readonly emulator?: StartEmulatorOptions;
  readonly rules?: readonly FaultRule[];
  /** What the adversary does. Made anew for each run. */
  readonly tamper?: (stage: Stage) => (heard: Heard) => Tampering;
  readonly spec?: Partial<ContainerJobSpec>;
  readonly options?: RunContainerJobOptions;
  /** What is done instead of one run of the job. Answers how each ended. */
  readonly act?: (stage: Stage) => Promise<string | readonly string[]>;
  /** How the job ends, to prove that it went the way that is meant. */
  readonly ends: string | readonly string[];
}

/** The tampering of the n-th request of a kind, from 0. */
export function nth(kind: Heard["kind"], ...steps: readonly ((heard: Heard) => Tampering)[]): (heard: Heard) => Tampering {
  return (heard) => (heard.kind === kind ? steps[heard.nth]?.(heard) : undefined);
}

/** Changes the body of each answer of a kind that is a success. */
export function changing(kind: Heard["kind"], change: (body: Body, heard: Heard) => void): (heard: Heard) => Tampering {
  return (heard) => {
    if (heard.kind !== kind) return undefined;
    return (answered) => {
      if (answered.status !== 200) return answered;
      const body = JSON.parse(answered.text) as Body;
      change(body, heard);
      return { ...answered, text: JSON.stringify(body) };
    };
  };
}

/** As much of a group as is changed here. */
export interface Body {
  content?: string;
  properties: {
    provisioningState: string;
    instanceView: { state: string; events: Told[] };
    containers: { name: string; properties: { instanceView?: View } }[];
    initContainers: { name: string; properties: { instanceView?: View } }[];
  };
}

export interface View {
  restartCount: number;
  currentState?: State;
  previousState?: State;
  events?: Told[];
}

interface State {
  state: string;
  detailStatus?: string;
  exitCode?: number | null;
  startTime?: string;
  finishTime?: string;
}

interface Told {
  name: string;
  message: string;
  type: string;
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
}

/** An event that says more than it should. */
export function told(name: string, message: string, type = "Warning", count = 1): Told {
  return { name, message, type, count, firstTimestamp: "2026-01-01T00:00:05Z", lastTimestamp: "2026-01-01T00:00:05Z" };
}

/** The main container's view, made if there is none. */
export function mainView({ properties }: Body): View {
  const main = properties.containers[0];
  if (main === undefined) throw new Error("There is no container");
  return (main.properties.instanceView ??= { restartCount: 0 });
}
