import type { AddressSpec, ContainerSpec } from "../../../container-spec.js";
import type { JsonObject } from "../../../json.js";
import type { Known } from "../known.js";
import { firstTwice, type Part } from "../part.js";

const DNS_LABEL = "virtualkubelet.io/dnsnamelabel";
const MOST_PORTS = 5;

// As Virtual Kubelet does: a pod with ports has an address with all of them.
export function addressOf(spec: Part, containers: readonly ContainerSpec[], { pod }: Known): AddressSpec | undefined {
  const ports = containers.flatMap((container) => container.ports ?? []);
  const twice = firstTwice(ports.map(({ port, protocol = "TCP" }) => `${port}/${protocol}`));
  if (twice !== undefined) spec.report.wrong(spec.at("containers"), `the port ${twice} is there twice, and all containers of a group share one address`);
  if (ports.length > MOST_PORTS) spec.report.lost(spec.at("containers"), `there are ${ports.length} ports, and ACI opens ${MOST_PORTS} at the most`);
  const label = pod.annotations[DNS_LABEL];
  if (ports.length > 0) return label === undefined ? {} : { dnsLabel: label };
  if (label !== undefined) spec.report.lost(`${pod.metadata?.at("annotations") ?? ""}.${DNS_LABEL}`, "a pod without ports has no address");
  return undefined;
}

// The pod's own name servers. Those of a cluster answer nobody outside of it.
export function dnsConfigOf(spec: Part): JsonObject | undefined {
  const config = spec.part("dnsConfig");
  const policy = spec.text("dnsPolicy");
  if (policy === "None" && config === undefined) spec.report.wrong(spec.at("dnsConfig"), "is missing");
  if (config === undefined) return undefined;
  const [nameServers, searches] = [config.words("nameservers") ?? [], config.words("searches") ?? []];
  const options = config.parts("options").map((option) => [option.needed("name"), option.text("value")].filter((word) => word !== undefined).join(":"));
  if (nameServers.length === 0) {
    if (searches.length + options.length > 0) config.report.lost(config.path, "ACI takes search domains and options only together with name servers");
    return undefined;
  }
  return { nameServers, ...(searches.length > 0 && { searchDomains: searches.join(" ") }), ...(options.length > 0 && { options: options.join(" ") }) };
}
