import { ArmError, refusals } from "../arm-error.js";
import { addFault, clearFaults, listFaults } from "../faults/fault-routes.js";
import { validateSubscription } from "../events/tell-change.js";
import type { RequestKind } from "../faults/fault-rule.js";
import { deleteGroup, getGroup, listGroups, patchGroup, putGroup } from "../handlers/container-groups.js";
import { getLogs, startAttach, startExec } from "../handlers/containers.js";
import { restartGroup, startGroup, stopGroup } from "../handlers/group-actions.js";
import { listCachedImages, listCapabilities, listUsages } from "../handlers/locations.js";
import { getOperation } from "../handlers/operations.js";
import { getState, STATE_PATH } from "../page/state-route.js";
import { listResources } from "../directory/list-resources.js";
import { getProvider, listProviderOperations } from "../directory/provider-routes.js";
import { checkResourceGroup, deleteResourceGroup, getDeletion, getResourceGroup, listResourceGroups, putResourceGroup, expectResourceGroup } from "../directory/resource-group-routes.js";
import { getSubscription, listLocations, listSubscriptions, listTenants } from "../directory/subscription-routes.js";
import { deleteProfile, getProfile, listProfiles, listRevisions, patchProfile, putProfile } from "../profiles/profile-routes.js";
import { describeAuthority, describeCloud, issueForClient, issueForIdentity } from "../tokens/token-routes.js";
import type { Handler } from "./call.js";

/** One route: what it is for, and what answers it. */
export interface Route {
  /** `control` is the emulator's own: no fault strikes it, and it has no version. */
  readonly kind: RequestKind | "control";
  readonly method: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
  /** True where no token is needed, as it is asked for; such a route takes a form, not JSON. */
  readonly isOpen: boolean;
}

const SUBSCRIPTION = "/subscriptions/{subscription}";
const RESOURCE_GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroup}`;
const PROVIDER = "/providers/Microsoft.ContainerInstance";
const GROUP = `${RESOURCE_GROUP}${PROVIDER}/containerGroups/{group}`;
const PROFILE = `${RESOURCE_GROUP}${PROVIDER}/containerGroupProfiles/{profile}`;
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
  route("other", "PUT", PROFILE, putProfile),
  route("other", "GET", PROFILE, getProfile),
  route("other", "PATCH", PROFILE, patchProfile),
  route("other", "DELETE", PROFILE, deleteProfile),
  route("other", "GET", `${PROFILE}/revisions`, listRevisions),
  route("other", "GET", `${PROFILE}/revisions/{revision}`, getProfile),
  route("other", "GET", `${SUBSCRIPTION}${PROVIDER}/containerGroupProfiles`, listProfiles),
  route("other", "GET", `${RESOURCE_GROUP}${PROVIDER}/containerGroupProfiles`, listProfiles),
  route("resources", "GET", `${SUBSCRIPTION}/resources`, listResources),
  route("resources", "GET", `${RESOURCE_GROUP}/resources`, listResources),
  route("other", "DELETE", `${RESOURCE_GROUP}/providers/Microsoft.Network/virtualNetworks/{network}/subnets/{subnet}/providers/Microsoft.ContainerInstance/serviceAssociationLinks/default`, () => ({ status: 204 })),
  route("other", "GET", `${GROUP}/outboundNetworkDependenciesEndpoints`, () => ({ status: 200, body: [] })),
  route("other", "GET", RESOURCE_GROUP, getResourceGroup),
  route("other", "HEAD", RESOURCE_GROUP, checkResourceGroup),
  route("other", "PUT", RESOURCE_GROUP, putResourceGroup),
  route("other", "DELETE", RESOURCE_GROUP, deleteResourceGroup),
  route("other", "GET", `${SUBSCRIPTION}/resourceGroups`, listResourceGroups),
  route("other", "GET", `${SUBSCRIPTION}/operationresults/{operation}`, getDeletion),
  route("other", "GET", "/subscriptions", listSubscriptions),
  route("other", "GET", `${SUBSCRIPTION}/locations`, listLocations),
  route("other", "GET", "/tenants", listTenants),
  route("other", "GET", SUBSCRIPTION, getSubscription),
  route("other", "GET", `${SUBSCRIPTION}${PROVIDER}`, getProvider),
  route("other", "POST", `${SUBSCRIPTION}${PROVIDER}/register`, getProvider),
  route("other", "GET", `${PROVIDER}/operations`, listProviderOperations),
  route("control", "GET", STATE_PATH, getState),
  route("control", "GET", "/emulator/faults", listFaults),
  route("control", "POST", "/emulator/faults", addFault),
  route("control", "DELETE", "/emulator/faults", clearFaults),
  open("GET", "/emulator/events/validate/{code}", validateSubscription),
  open("GET", "/metadata/endpoints", describeCloud),
  open("GET", "/{tenant}/.well-known/openid-configuration", describeAuthority),
  open("GET", "/{tenant}/v2.0/.well-known/openid-configuration", describeAuthority),
  open("POST", "/{tenant}/oauth2/token", issueForClient),
  open("POST", "/{tenant}/oauth2/v2.0/token", issueForClient),
  open("GET", "/emulator/identity/token", issueForIdentity),
  open("POST", "/emulator/identity/{secret}/token", issueForIdentity),
];

/** The route of a path and what the path names. Every path has one: that of a path with nothing behind it says so. */
export function findRoute(method: string, path: string): { readonly route: Route; readonly parts: Record<string, string> } {
  const matching = routes.filter(({ pattern }) => pattern.test(path));
  const found = matching.find((one) => one.method === method) ?? (matching.length > 0 ? wrongMethod : method === "GET" && foreignResource.pattern.test(path) ? foreignResource : wrongPath);
  const groups = found.pattern.exec(path)?.groups ?? {};
  return { route: found, parts: Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)])) };
}

const wrongMethod = nothingAt((path, method) => new ArmError(405, "HttpMethodNotAllowed", `The HTTP method '${method}' is not supported at scope '${path}'.`));
const wrongPath = nothingAt((path) => new ArmError(404, "InvalidResourceType", `The emulator has nothing at '${path}'.`));

// Resources of other providers: none exists.
const foreignResource = route("other", "GET", `${RESOURCE_GROUP}/providers/{provider}/{type}/{resource}/**`, (call) => {
  const { provider = "", type = "", resource = "" } = call.parts;
  throw refusals.resourceNotFound(`${provider}/${type}`, expectResourceGroup(call).name, resource);
});

// Names in braces match one segment, two stars whatever follows; everything else matches in any case.
function route(kind: Route["kind"], method: string, path: string, handler: Handler): Route {
  const pattern = path.replaceAll(".", "\\.").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)").replace("/**", "(?:/.*)?");
  const isInGroup = path.startsWith(`${RESOURCE_GROUP}/`);
  return { kind, method, pattern: new RegExp(`^${pattern}/?$`, "i"), handler: isInGroup ? inResourceGroup(handler) : handler, isOpen: false };
}

function inResourceGroup(handler: Handler): Handler {
  return (call) => {
    expectResourceGroup(call);
    return handler(call);
  };
}

// A route that is asked before there is a token.
function open(method: string, path: string, handler: Handler): Route {
  return { ...route("token", method, path, handler), isOpen: true };
}

function nothingAt(refusal: (path: string, method: string) => ArmError): Route {
  const handler: Handler = ({ path, method }) => {
    throw refusal(path, method);
  };
  return { kind: "other", method: "", pattern: /^/, handler, isOpen: false };
}
