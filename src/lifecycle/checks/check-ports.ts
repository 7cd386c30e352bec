import type { PortSpec } from "../../container-spec.js";
import { expectFields, expectList, expectText, fail } from "../expect.js";

// Throws for ports that cannot be right.
export function checkPorts(field: string, ports: readonly PortSpec[] | undefined): void {
  expectList(field, ports);
  for (const [i, port] of (ports ?? []).entries()) {
    expectFields(`${field}[${i}]`, port, ["port", "protocol"]);
    checkPort(`${field}[${i}].port`, port.port);
    if (port.protocol !== undefined) expectText(`${field}[${i}].protocol`, port.protocol);
  }
}

// Throws for what is no number of a port.
export function checkPort(field: string, port: unknown): void {
  const rule = "one of the ports from 1 to 65535";
  if (typeof port !== "number") fail(field, rule, port, "type");
  if (!isPort(port)) fail(field, rule, port);
}

export function isPort(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65535;
}
