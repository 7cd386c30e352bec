import type { PortSpec, ProbeSpec } from "../../../container-spec.js";
import { isPort } from "../../../lifecycle/checks/check-ports.js";
import { compact, type Part } from "../part.js";

interface NamedPort extends PortSpec {
  readonly name: string | undefined;
}

// The ports that a container says it listens on. ACI maps none: a port of the host is the same number, or cannot be had.
export function portsOf(container: Part): readonly NamedPort[] {
  return container.parts("ports").map((part) => {
    const port = part.number("containerPort") ?? 0;
    if (!isPort(port)) part.report.wrong(part.at("containerPort"), "is not a port from 1 to 65535");
    part.only("hostPort", [0, port], "ACI maps no ports: it would have to be the same number");
    part.only("hostIP", ["", "0.0.0.0"], "a group has no host");
    const protocol = part.oneOf("protocol", ["TCP", "UDP"]);
    return { port, ...(protocol === "UDP" && { protocol }), name: part.text("name") };
  });
}

export function probeOf(container: Part, field: string, ports: readonly NamedPort[]): ProbeSpec | undefined {
  const probe = container.part(field);
  if (probe === undefined) return undefined;
  const [exec, get] = [probe.choice().part("exec"), probe.part("httpGet")];
  if ((exec === undefined) === (get === undefined) && (probe.fields["tcpSocket"] ?? probe.fields["grpc"] ?? undefined) === undefined) probe.report.wrong(probe.path, "must have one of `exec` and `httpGet`");
  const numbers = {
    initialDelayInSeconds: probe.number("initialDelaySeconds"),
    periodInSeconds: probe.number("periodSeconds"),
    timeoutInSeconds: probe.number("timeoutSeconds"),
    failureThreshold: probe.number("failureThreshold"),
    successThreshold: probe.number("successThreshold"),
  };
  return compact({ command: exec && (exec.words("command") ?? []), httpGet: get && httpGetOf(get, ports), ...numbers });
}

function httpGetOf(get: Part, ports: readonly NamedPort[]): NonNullable<ProbeSpec["httpGet"]> {
  const port = get.value("port");
  const number = typeof port === "number" ? port : ports.find(({ name }) => name !== undefined && name === port)?.port;
  if (number === undefined) get.report.wrong(get.at("port"), "is neither a number nor the name of a port of the container");
  const scheme = get.oneOf("scheme", ["HTTP", "HTTPS"]);
  const headers = get.parts("httpHeaders").map((header) => [header.needed("name"), header.text("value") ?? ""] as const);
  if (new Set(headers.map(([name]) => name)).size < headers.length) get.report.lost(get.at("httpHeaders"), "has a header twice");
  return compact({
    port: number ?? 0,
    path: get.text("path"),
    scheme: scheme && (scheme === "HTTPS" ? ("https" as const) : ("http" as const)),
    headers: headers.length > 0 ? Object.fromEntries(headers) : undefined,
  });
}
