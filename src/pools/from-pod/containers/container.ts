import type { ContainerSpec, InitContainerSpec, MountSpec } from "../../../container-spec.js";
import type { JsonObject } from "../../../json.js";
import type { Known } from "../known.js";
import { compact, type Part } from "../part.js";
import { commandOf, environmentOf, variablesOf } from "./environment.js";
import { portsOf, probeOf } from "./probe.js";
import { resourcesOf } from "./resources.js";
import { securityOf } from "./security.js";

export const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const NAME = /^[a-z0-9](?:-?[a-z0-9]){0,62}$/u;

export function containerOf(part: Part, security: Part | undefined, known: Known): ContainerSpec {
  const { arm, ...base } = initContainerOf(part, security, known);
  const { arm: resources, ...size } = resourcesOf(part, known);
  const ports = portsOf(part);
  const whole = {
    ...base,
    ...size,
    ports: ports.length === 0 ? undefined : ports.map(({ port, protocol }) => ({ port, ...(protocol !== undefined && { protocol }) })),
    livenessProbe: probeOf(part, "livenessProbe", ports),
    readinessProbe: probeOf(part, "readinessProbe", ports),
    arm: arm === undefined && resources === undefined ? undefined : { ...arm, ...resources },
  };
  return compact(whole);
}

export function initContainerOf(part: Part, security: Part | undefined, known: Known): InitContainerSpec {
  const name = part.needed("name");
  if (name !== "" && !NAME.test(name)) part.report.wrong(part.at("name"), "ACI takes lower-case letters, digits and single hyphens");
  const variables = variablesOf(part, known);
  // A group pulls its images when it starts; there is none that could be there already.
  part.only("imagePullPolicy", ["Always", "IfNotPresent"], "a group always pulls its images");
  part.skip("terminationMessagePath", "terminationMessagePolicy");
  const securityContext = securityOf(part, security);
  const mounts = part.parts("volumeMounts").flatMap((mount) => mountOf(mount));
  const arm: JsonObject | undefined = securityContext && { securityContext };
  return compact({ name, image: part.needed("image"), command: commandOf(part, variables, known), environment: environmentOf(variables), mounts: mounts.length === 0 ? undefined : mounts, arm });
}

// The token of the cluster's own API is left out: it means nothing outside.
function mountOf(mount: Part): readonly MountSpec[] {
  const [volume, path] = [mount.needed("name"), mount.needed("mountPath")];
  if (path === TOKEN_PATH) {
    mount.skip();
    return [];
  }
  if (path !== "" && !/^\/[^:]*$/u.test(path)) mount.report.wrong(mount.at("mountPath"), "ACI takes an absolute path without a colon");
  mount.only("mountPropagation", ["None"], "ACI passes no mounts on");
  mount.only("recursiveReadOnly", ["Disabled"], "ACI has no such mounts");
  return [{ volume, path, ...(mount.flag("readOnly") && { isReadOnly: true }) }];
}
