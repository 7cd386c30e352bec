import { guid } from "../guid.js";
import type { EventView } from "./containers/event-list.js";

/** What an operation has to know of its group. */
export interface OperatedGroup {
  readonly id: string;
  readonly body: { readonly location: string };
  readonly containers: readonly { readonly state: { readonly events: readonly EventView[] } }[];
}

/** An operation as it is written down. */
export interface OperationRecord {
  readonly id: string;
  readonly status: Operation["status"];
  readonly startedAt: number;
  readonly failure?: Operation["failure"];
  readonly groupId: string;
  /** What it shows of a group that does not exist any more. */
  readonly gone?: { readonly location: string; readonly events: readonly EventView[] };
}

/** One asynchronous operation on a group, as its status URL tells it. */
export class Operation {
  readonly id: string;
  status: "Pending" | "Updating" | "Succeeded" | "Failed" | "Canceled";
  /** Resolves when it has ended. */
  readonly ended: Promise<"Succeeded" | "Failed" | "Canceled">;
  #settle: (status: "Succeeded" | "Failed" | "Canceled") => void = () => undefined;
  failure: { readonly name: string; readonly message: string } | undefined;
  #group: OperatedGroup;

  constructor(
    group: OperatedGroup,
    kind: Operation["status"],
    readonly startedAt: number,
    id: string = guid(),
  ) {
    this.id = id;
    this.#group = group;
    this.status = kind;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  get group(): OperatedGroup {
    return this.#group;
  }

  /** Keeps of its group no more than it shows: the group is gone, and operations are known for long after. */
  letGo(): void {
    const { id, body, containers } = this.#group;
    this.#group = { id, body: { location: body.location }, containers: containers.map(({ state }) => ({ state: { events: [...state.events] } })) };
  }

  /** Ends it, if it has not ended yet: the first end counts. */
  end(status: "Succeeded" | "Failed" | "Canceled", failure?: Operation["failure"]): void {
    if (this.status !== "Pending" && this.status !== "Updating") return;
    this.status = status;
    this.failure = failure;
    this.#settle(status);
  }

  /** Everything of it that another process needs. @param isGone - Whether its group does not exist any more. */
  record(isGone: boolean): OperationRecord {
    const { id, status, startedAt, failure, group } = this;
    const gone = { location: group.body.location, events: group.containers.flatMap((container) => container.state.events) };
    return { id, status, startedAt, groupId: group.id, ...(failure === undefined ? {} : { failure }), ...(isGone ? { gone } : {}) };
  }

  /** One that another process began. */
  static restore({ id, status, startedAt, failure, groupId, gone }: OperationRecord, group: OperatedGroup | undefined): Operation {
    const stub = { id: groupId, body: { location: gone?.location ?? "" }, containers: [{ state: { events: gone?.events ?? [] } }] };
    const operation = new Operation(group ?? stub, status, startedAt, id);
    operation.failure = failure;
    // The containers of a deleted group are gone by now.
    if (group === undefined) operation.end("Succeeded");
    return operation;
  }

  /** The events that its body shows: those of the containers, or of the failure. */
  get events(): readonly EventView[] {
    if (this.failure === undefined) return this.group.containers.flatMap((container) => container.state.events);
    const time = `${new Date(this.startedAt).toISOString().slice(0, 19)}Z`;
    return [{ count: 1, firstTimestamp: time, lastTimestamp: time, ...this.failure, type: "Warning" }];
  }
}
