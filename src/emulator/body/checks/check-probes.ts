import { ArmError } from "../../arm-error.js";
import type { ContainerBody, ProbeBody } from "../group-body.js";

const NUMBERS = ["initialDelaySeconds", "periodSeconds", "failureThreshold", "successThreshold", "timeoutSeconds"] as const;
// What can be in a header; anything else would end it.
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** Refuses probes that cannot be asked. */
export function checkProbes(group: string, container: ContainerBody): void {
  const { livenessProbe, readinessProbe } = container.properties;
  for (const [word, probe] of [["liveness", livenessProbe], ["readiness", readinessProbe]] as const) {
    const fault = probe === undefined ? undefined : faultOf(probe);
    if (fault !== undefined) throw new ArmError(400, "InvalidProbe", `The ${word} probe of container '${container.name}' in container group '${group}' is invalid: ${fault}`);
  }
  if ((livenessProbe?.successThreshold ?? 1) > 1) {
    throw new ArmError(400, "InvalidProbe", `The liveness probe of container '${container.name}' in container group '${group}' is invalid: its success threshold must be 1.`);
  }
}

function faultOf(probe: ProbeBody): string | undefined {
  const { exec, httpGet } = probe;
  if ((exec === undefined) === (httpGet === undefined)) return "it must have either exec or httpGet.";
  if (exec !== undefined && !exec.command?.[0]) return "its command is empty.";
  if (httpGet !== undefined && !isRequest(httpGet)) return "its port must be between 1 and 65535, and its path and headers what a request can have.";
  const wrong = NUMBERS.find((name) => (probe[name] ?? 0) < 0);
  return wrong === undefined ? undefined : `'${wrong}' must not be negative.`;
}

function isRequest({ port, path = "/", httpHeaders = [] }: NonNullable<ProbeBody["httpGet"]>): boolean {
  const arePlain = httpHeaders.every(({ name = "", value = "" }) => HEADER_NAME.test(name) && HEADER_VALUE.test(value));
  return port >= 1 && port <= 65535 && arePlain && /^[\x21-\x7e]*$/.test(path);
}
