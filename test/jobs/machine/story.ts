import type { ContainerSnapshot, ContainerState, Snapshot } from "../../../src/container-group.js";
import type { AciErrorCode } from "../../../src/errors.js";
import { classifyFault, type FaultFacts } from "../../../src/lifecycle/faults/classify-fault.js";
import { nextCheckOf } from "../../../src/completion/harmless.js";
import { poll } from "../../../src/completion/poll.js";
import { begin } from "../../../src/jobs/machine/begin.js";
import { advance } from "../../../src/jobs/machine/machine.js";
import type { Turn } from "../../../src/jobs/machine/moves.js";
import type { Plan } from "../../../src/jobs/machine/plan.js";
import type { MachineState, Move, Observation } from "../../../src/jobs/machine/state.js";

export const T0 = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;

export const PLAN: Plan = {
  key: "k",
  identity: { owner: "me", job: "0123456789abcdef", spec: "5pec" },
  limits: { startTimeoutInMs: 10 * MINUTE, runTimeoutInMs: 60 * MINUTE, cleanupTimeoutInMs: MINUTE, keep: "never" },
  main: "main",
  nameBase: "aci-0123456789abcdef",
  isKeyNew: false,
  isTakenUp: false,
  isStreaming: false,
  isHearing: () => false,
  nextCheck: (view) => nextCheckOf(poll(), { ...view, job: { key: "k", attempt: 1, groupName: "aci-0123456789abcdef-1", kind: "k", osType: "Linux" }, earlierRuns: [] }),
};

export const TAGS = { "aci-lifecycle-owner": "me", "aci-lifecycle-job": "0123456789abcdef", "aci-lifecycle-spec": "5pec", "aci-lifecycle-attempt": "1" };

// A job under way: told what was seen, it says what comes next. Time moves only when it is told.
export class Story {
  state: MachineState;
  now = T0;
  /** How far Azure's clock is behind. */
  behindInMs = 0;
  last: Move;
  readonly events: string[] = [];

  constructor(
    readonly plan: Plan = PLAN,
    state?: MachineState,
  ) {
    this.state = state ?? begin(plan, "westeurope", 1, T0);
    this.last = { state: this.state, next: { kind: "save" }, events: [] };
  }

  get turn(): Turn {
    const { plan, state, now, behindInMs } = this;
    return { plan, state, now, behindInMs };
  }

  see(seen: Observation): this {
    // As its driver counts them.
    const isAnswer = !["wait", "save", "finish", "refuse"].includes(this.next) && !["none", "heldBack", "cancel", "signals"].includes(seen.kind);
    const counted = { ...this.state, requests: this.state.requests + (isAnswer ? 1 : 0) };
    // Through JSON, as if every move were made by another process.
    this.last = advance({ ...this.turn, state: JSON.parse(JSON.stringify(counted)) as MachineState }, seen);
    this.state = this.last.state;
    this.events.push(...this.last.events.map(({ type }) => type));
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    return this.see({ kind: "none" });
  }

  // Waits as long as it asks to.
  wait(): this {
    if (this.last.next.kind !== "wait") throw new Error(`It does not wait: ${JSON.stringify(this.last.next)}`);
    return this.after(this.last.next.until - this.now);
  }

  fault(facts: FaultFacts, code: AciErrorCode = "ACI_REQUEST_FAILED"): this {
    return this.see({ kind: "fault", fault: classifyFault(facts), error: { code, text: facts.serviceText ?? "it failed", ...(facts.serviceCode !== undefined && { serviceCode: facts.serviceCode }) } });
  }

  get next(): string {
    return this.last.next.kind;
  }

  get waitInMs(): number {
    return this.last.next.kind === "wait" ? this.last.next.until - this.now : -1;
  }

  // To the point where the group has been accepted and is waited for.
  accepted(): this {
    return this.see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see({ kind: "absent" }).see({ kind: "created", operationUrl: "https://op" });
  }

  running(): this {
    return this.accepted().wait().see(snapshot(running()));
  }

  // From its end to the moment when the delete is asked for.
  collected(text = "done\n"): this {
    return this.see(logs(text)).see({ kind: "saved" });
  }

  get result(): NonNullable<MachineState["result"]> {
    if (this.state.result === undefined) throw new Error("There is no result yet");
    return this.state.result;
  }
}

export function at(ms: number): string {
  return new Date(T0 + ms).toISOString();
}

export function container(currentState: ContainerState | undefined, more: Partial<ContainerSnapshot> = {}): ContainerSnapshot {
  return { containerName: "main", image: "alpine", cpu: 1, memoryInGB: 1.5, restartCount: 0, events: [], ...(currentState && { currentState }), ...more };
}

export function running(more: Partial<ContainerState> = {}): ContainerSnapshot {
  return container({ state: "Running", startedAt: at(500), detail: "", ...more });
}

export function terminated(exitCode: number | undefined, detail = "Completed", more: Partial<ContainerSnapshot> = {}): ContainerSnapshot {
  return container({ state: "Terminated", startedAt: at(500), finishedAt: at(900), detail, ...(exitCode !== undefined && { exitCode }) }, more);
}

export function snapshot(main: ContainerSnapshot | undefined, more: Partial<Snapshot> = {}): Observation & { kind: "snapshot" } {
  return {
    kind: "snapshot",
    snapshot: {
      id: "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups/aci-0123456789abcdef-1",
      groupName: "aci-0123456789abcdef-1",
      location: "westeurope",
      tags: TAGS,
      provisioningState: "Succeeded",
      state: "Running",
      containers: main === undefined ? [] : [main],
      initContainers: [],
      ports: [],
      events: [],
      ...more,
    },
  };
}

export function logs(tail: string, containerName = "main"): Observation {
  return { kind: "logs", containerName, note: { tail, isTruncated: false }, isEmpty: tail === "" };
}

export const GONE: Observation = { kind: "absent" };
export const RESET: FaultFacts = { transport: "ECONNRESET" };
export const BUSY: FaultFacts = { statusCode: 503 };
