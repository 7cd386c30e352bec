import type { ContainerEvent, ContainerSnapshot, ContainerState, Snapshot } from "../../container-group.js";
import type { Observation } from "../machine/state.js";

type Hide = (text: string) => string;

// What was seen, with the secrets taken out of what the service says in its own words: the service, or what is behind it,
// may repeat what it was told. Names, states and codes are left as they are, because decisions rest on them.
export function hideSecrets(seen: Observation, hide: Hide): Observation {
  switch (seen.kind) {
    case "snapshot":
      return { ...seen, snapshot: inSnapshot(seen.snapshot, hide) };
    case "created":
      return seen.snapshot === undefined ? seen : { ...seen, snapshot: inSnapshot(seen.snapshot, hide) };
    case "operation":
      return { ...seen, body: { ...seen.body, events: inEvents(seen.body.events, hide), ...inField("errorText", seen.body.errorText, hide) } };
    case "fault":
      return { ...seen, error: { ...seen.error, text: hide(seen.error.text), ...inField("serviceCode", seen.error.serviceCode, hide), ...inField("requestId", seen.error.requestId, hide) } };
    default:
      return seen;
  }
}

function inSnapshot(snapshot: Snapshot, hide: Hide): Snapshot {
  const inAll = (containers: readonly ContainerSnapshot[]): readonly ContainerSnapshot[] => containers.map((container) => inContainer(container, hide));
  return { ...snapshot, containers: inAll(snapshot.containers), initContainers: inAll(snapshot.initContainers), events: inEvents(snapshot.events, hide) };
}

function inContainer(container: ContainerSnapshot, hide: Hide): ContainerSnapshot {
  const { currentState, previousState, events } = container;
  const states = { ...(currentState && { currentState: inState(currentState, hide) }), ...(previousState && { previousState: inState(previousState, hide) }) };
  return { ...container, ...states, events: inEvents(events, hide) };
}

function inState(state: ContainerState, hide: Hide): ContainerState {
  return { ...state, ...inField("detail", state.detail, hide) };
}

function inEvents(events: readonly ContainerEvent[], hide: Hide): readonly ContainerEvent[] {
  return events.map((event) => ({ ...event, text: hide(event.text) }));
}

// A field that may not be there, and then stays away.
function inField<K extends string>(name: K, text: string | undefined, hide: Hide): Partial<Record<K, string>> {
  return text === undefined ? {} : ({ [name]: hide(text) } as Record<K, string>);
}
