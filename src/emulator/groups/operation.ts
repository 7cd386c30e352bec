import { guid } from "../guid.js";
import type { Container } from "./containers/container.js";
import type { EventView } from "./containers/event-list.js";

/** One asynchronous operation on a group, as its status URL tells it. */
export class Operation {
  readonly id = guid();
  status: "Pending" | "Updating" | "Succeeded" | "Failed" | "Canceled";
  /** Resolves when it has ended. */
  readonly ended: Promise<"Succeeded" | "Failed" | "Canceled">;
  #settle: (status: "Succeeded" | "Failed" | "Canceled") => void = () => undefined;
  failure: { readonly name: string; readonly message: string } | undefined;

  constructor(
    readonly group: { readonly id: string; readonly body: { readonly location: string }; readonly containers: readonly Container[] },
    kind: "Pending" | "Updating",
    readonly startedAt: number,
  ) {
    this.status = kind;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  /** Ends it, if it has not ended yet: the first end counts. */
  end(status: "Succeeded" | "Failed" | "Canceled", failure?: Operation["failure"]): void {
    if (this.status !== "Pending" && this.status !== "Updating") return;
    this.status = status;
    this.failure = failure;
    this.#settle(status);
  }

  /** The events that its body shows: those of the containers, or of the failure. */
  get events(): readonly EventView[] {
    if (this.failure === undefined) return this.group.containers.flatMap((container) => container.state.events);
    const time = `${new Date(this.startedAt).toISOString().slice(0, 19)}Z`;
    return [{ count: 1, firstTimestamp: time, lastTimestamp: time, ...this.failure, type: "Warning" }];
  }
}
