import type { ContainerEvent, ContainerSnapshot, ContainerState, Snapshot } from "../../container-group.js";

// Why a server is not ready, as far as a look at its group tells: `isUp` if all of its containers run. Of one that is, whose words
// are not looked through for secrets, only numbers are told.
export function whyNotReady(snapshot: Snapshot, isUp: boolean): string {
  const { provisioningState, state, containers } = snapshot;
  if (isUp) return together("it does not answer", first(containers, (container) => (container.restartCount > 0 ? endOf(container) : undefined)));
  return together(`its group is ${provisioningState}, ${state ?? "without a state"}`, troubleIn(snapshot));
}

// Why a server that was ready is none any more.
export function whyNotRunning(snapshot: Snapshot): string {
  return together("its containers do not run", troubleIn(snapshot));
}

// What keeps the containers of a group from running: the last that went wrong with one, and how it ended, or else its state.
function troubleIn({ events, initContainers, containers }: Snapshot): string | undefined {
  const waiting = [...initContainers.filter(({ currentState }) => currentState?.exitCode !== 0), ...containers].filter(({ currentState }) => currentState?.state !== "Running");
  return first(waiting, troubleOf) ?? events.findLast(isTrouble)?.text ?? first(waiting, ({ currentState }) => currentState && stateOf(currentState));
}

// Whether an event tells of something that went wrong.
export function isTrouble({ kind, type }: ContainerEvent): boolean {
  return type === "Warning" || /fail|back-?off|insufficient/iu.test(kind);
}

function troubleOf(container: ContainerSnapshot): string | undefined {
  const { currentState } = container;
  const [event, end] = [eventOf(container)?.text, endOf(container)];
  if (event === undefined && end === undefined) return undefined;
  return [event, end, currentState?.state === "Waiting" && end !== undefined ? stateOf(currentState) : undefined].filter((text) => text !== undefined).join("; ");
}

// The last that went wrong. A pull that has failed says why, and the pause after it does not.
function eventOf({ events }: ContainerSnapshot): ContainerEvent | undefined {
  const troubles = events.filter((event) => isTrouble(event) && !isPast(event, events));
  return troubles.findLast(({ kind }) => /fail/iu.test(kind)) ?? troubles.at(-1);
}

// Events stay: what could not be pulled at first may have been since.
function isPast({ text, lastAt }: ContainerEvent, events: readonly ContainerEvent[]): boolean {
  return /pull/iu.test(text) && events.some((event) => event.kind === "Pulled" && Date.parse(event.lastAt) >= Date.parse(lastAt));
}

function endOf({ currentState, previousState, restartCount }: ContainerSnapshot): string | undefined {
  const exitCode = currentState?.exitCode ?? previousState?.exitCode;
  const again = restartCount > 0 ? `it was started again ${restartCount} ${restartCount === 1 ? "time" : "times"}` : undefined;
  if (exitCode === undefined) return again;
  return `it ended with exit code ${exitCode}${again === undefined ? "" : `, and ${again}`}`;
}

function stateOf({ state, detail }: ContainerState): string {
  return `it is ${state}${detail === undefined || detail === "" ? "" : ` (${detail})`}`;
}

function first(containers: readonly ContainerSnapshot[], tell: (container: ContainerSnapshot) => string | undefined): string | undefined {
  for (const container of containers) {
    const told = tell(container);
    if (told !== undefined) return `container "${container.containerName}": ${told}`;
  }
  return undefined;
}

function together(what: string, more: string | undefined): string {
  return more === undefined ? what : `${what}; ${more}`;
}
