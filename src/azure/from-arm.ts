import type { ContainerEvent, ContainerSnapshot, ContainerState, Snapshot } from "../container-group.js";
import type { OperationBody } from "../gateway.js";
import type { WireContainer, WireEvent, WireGroup, WireOperation, WireState } from "./wire.js";

// A group of the service in our own types. Words are passed on as they come, times as they are written.
// eslint-disable-next-line complexity -- a flat list of fields, each with its default
export function fromArm(group: WireGroup): Snapshot {
  const { properties = {} } = group;
  const { ipAddress, instanceView } = properties;
  return defined({
    id: group.id ?? "",
    groupName: group.name ?? "",
    location: group.location ?? "",
    tags: group.tags ?? {},
    provisioningState: properties.provisioningState ?? "",
    state: instanceView?.state,
    containers: (properties.containers ?? []).map(containerFrom),
    initContainers: (properties.initContainers ?? []).map(containerFrom),
    ip: ipAddress?.ip,
    fqdn: ipAddress?.fqdn,
    ports: (ipAddress?.ports ?? []).map(({ port, protocol = "TCP" }) => ({ port, protocol })),
    events: eventsFrom(instanceView?.events),
    restartPolicy: properties.restartPolicy,
    osType: properties.osType,
  });
}

// The state of an operation. A failed one often says why in its events only.
export function operationFrom({ status, properties, error }: WireOperation): OperationBody {
  return defined({ status: status ?? "", events: eventsFrom(properties?.events), errorCode: error?.code, errorText: error?.message });
}

// eslint-disable-next-line complexity -- a flat list of fields, each with its default
function containerFrom({ name, properties = {} }: WireContainer): ContainerSnapshot {
  const { instanceView: view, resources } = properties;
  return defined({
    containerName: name ?? "",
    image: properties.image ?? "",
    cpu: resources?.requests?.cpu,
    memoryInGB: resources?.requests?.memoryInGB,
    restartCount: view?.restartCount ?? 0,
    currentState: stateFrom(view?.currentState),
    previousState: stateFrom(view?.previousState),
    events: eventsFrom(view?.events),
  });
}

function stateFrom(state: WireState | undefined): ContainerState | undefined {
  if (state === undefined) return undefined;
  return defined({ state: state.state ?? "", startedAt: state.startTime, finishedAt: state.finishTime, exitCode: state.exitCode, detail: state.detailStatus });
}

function eventsFrom(events: readonly WireEvent[] | null | undefined): readonly ContainerEvent[] {
  return (events ?? []).map(({ name = "", message = "", type = "", count = 1, firstTimestamp = "", lastTimestamp = "" }) => ({
    kind: name,
    text: message,
    type,
    count,
    firstAt: firstTimestamp,
    lastAt: lastTimestamp,
  }));
}

// Without what is undefined, so that a snapshot is the same before and after JSON.
function defined<T extends object>(value: T): T {
  const whole: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) if (child !== undefined) whole[key] = child;
  return whole as T;
}
