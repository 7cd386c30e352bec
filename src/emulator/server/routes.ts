import type { RequestKind } from "../faults/fault-rule.js";
import { deleteGroup, getGroup, listGroups, patchGroup, putGroup } from "../handlers/container-groups.js";
import { getLogs, startAttach, startExec } from "../handlers/containers.js";
import { restartGroup, startGroup, stopGroup } from "../handlers/group-actions.js";
import { listCachedImages, listCapabilities, listUsages } from "../handlers/locations.js";
import { getOperation } from "../handlers/operations.js";
import { getProvider, getResourceGroup, getSubscription, listProviderOperations, listResources } from "../handlers/resources.js";
import type { Handler } from "./call.js";

/** One route: what it is for, and what answers it. */
export interface Route {
  readonly kind: RequestKind;
  readonly method: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
}

const SUBSCRIPTION = "/subscriptions/{subscription}";
const RESOURCE_GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroup}`;
const PROVIDER = "/providers/Microsoft.ContainerInstance";
const GROUP = `${RESOURCE_GROUP}${PROVIDER}/containerGroups/{group}`;
const CONTAINER = `${GROUP}/containers/{container}`;
const LOCATION = `${SUBSCRIPTION}${PROVIDER}/locations/{location}`;

const routes: readonly Route[] = [
  route("create", "PUT", GROUP, putGroup),
  route("get", "GET", GROUP, getGroup),
  route("patch", "PATCH", GROUP, patchGroup),
  route("delete", "DELETE", GROUP, deleteGroup),
  route("list", "GET", `${RESOURCE_GROUP}${PROVIDER}/containerGroups`, listGroups),
  route("list", "GET", `${SUBSCRIPTION}${PROVIDER}/containerGroups`, listGroups),
  route("start", "POST", `${GROUP}/start`, startGroup),
  route("stop", "POST", `${GROUP}/stop`, stopGroup),
  route("restart", "POST", `${GROUP}/restart`, restartGroup),
  route("logs", "GET", `${CONTAINER}/logs`, getLogs),
  route("exec", "POST", `${CONTAINER}/exec`, startExec),
  route("attach", "POST", `${CONTAINER}/attach`, startAttach),
  route("operation", "GET", `${LOCATION}/operations/{operation}`, getOperation),
  route("usages", "GET", `${LOCATION}/usages`, listUsages),
  route("other", "GET", `${LOCATION}/capabilities`, listCapabilities),
  route("other", "GET", `${LOCATION}/cachedImages`, listCachedImages),
  route("resources", "GET", `${SUBSCRIPTION}/resources`, listResources),
  route("resources", "GET", `${RESOURCE_GROUP}/resources`, listResources),
  route("other", "GET", `${GROUP}/outboundNetworkDependenciesEndpoints`, () => ({ status: 200, body: [] })),
  route("other", "GET", RESOURCE_GROUP, getResourceGroup),
  route("other", "GET", SUBSCRIPTION, getSubscription),
  route("other", "GET", `${SUBSCRIPTION}${PROVIDER}`, getProvider),
  route("other", "GET", `${PROVIDER}/operations`, listProviderOperations),
];

/** The route of a path and what the path names; `isPathKnown` tells a wrong method from a wrong path. */
export function findRoute(method: string, path: string): { readonly route: Route; readonly parts: Record<string, string> } | { readonly isPathKnown: boolean } {
  const matching = routes.filter(({ pattern }) => pattern.test(path));
  const found = matching.find((one) => one.method === method);
  if (found === undefined) return { isPathKnown: matching.length > 0 };
  const groups = found.pattern.exec(path)?.groups ?? {};
  return { route: found, parts: Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)])) };
}

// Names in braces match one segment; everything else matches in any case.
function route(kind: RequestKind, method: string, path: string, handler: Handler): Route {
  const pattern = path.replaceAll(".", "\\.").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return { kind, method, pattern: new RegExp(`^${pattern}/?$`, "i"), handler };
}
