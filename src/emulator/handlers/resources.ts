import { ArmError } from "../arm-error.js";
import type { Group } from "../groups/group.js";
import type { Call, Handler } from "../server/call.js";
import { pageOf } from "./page.js";

const PROVIDER = "Microsoft.ContainerInstance";
const GROUP_TYPE = `${PROVIDER}/containerGroups`;
const ACTIONS = ["read", "write", "delete", "restart/action", "start/action", "stop/action", "containers/logs/read", "containers/exec/action", "containers/attach/action"];

/** The resources of a subscription or resource group; the only kind there is here are container groups. */
export const listResources: Handler = (call) => {
  const { azure, parts, query } = call;
  const isAsked = readFilter(query.get("$filter") ?? "");
  const hasTimes = (query.get("$expand") ?? "").toLowerCase().split(",");
  const groups = azure.groups.list(parts["subscription"] ?? "", parts["resourceGroup"]).filter(isAsked);
  const body = pageOf(call, groups, ({ id, address, body: { location, tags }, createdAt, changedAt }) => ({
    id,
    name: address.name,
    type: GROUP_TYPE,
    location,
    ...(tags === undefined ? {} : { tags }),
    ...(hasTimes.includes("createdtime") ? { createdTime: armTime(createdAt) } : {}),
    ...(hasTimes.includes("changedtime") || hasTimes.includes("createdtime") ? { changedTime: armTime(changedAt) } : {}),
  }));
  return { status: 200, body };
};

/** A resource group: all that a client asks for exist, as none can be made here. */
export const getResourceGroup: Handler = ({ azure, parts }) => {
  const name = parts["resourceGroup"] ?? "";
  const id = `/subscriptions/${parts["subscription"] ?? ""}/resourceGroups/${name}`;
  return { status: 200, body: { id, name, type: "Microsoft.Resources/resourceGroups", location: azure.settings.location, properties: { provisioningState: "Succeeded" } } };
};

export const getSubscription: Handler = ({ parts }) => {
  const subscriptionId = parts["subscription"] ?? "";
  return { status: 200, body: { id: `/subscriptions/${subscriptionId}`, subscriptionId, displayName: "Emulator", state: "Enabled" } };
};

export const getProvider: Handler = ({ azure, parts }) => {
  const locations = [azure.settings.location];
  const resourceTypes = ["containerGroups", "locations", "locations/usages", "locations/operations", "operations"].map((resourceType) => ({
    resourceType,
    locations,
    apiVersions: ["2023-05-01", "2022-09-01", "2021-10-01"],
  }));
  const id = `/subscriptions/${parts["subscription"] ?? ""}/providers/${PROVIDER}`;
  return { status: 200, body: { id, namespace: PROVIDER, registrationState: "Registered", registrationPolicy: "RegistrationRequired", resourceTypes } };
};

export const listProviderOperations: Handler = (call: Call) => ({
  status: 200,
  body: pageOf(call, ACTIONS, (action) => ({
    name: `${GROUP_TYPE}/${action}`,
    display: { provider: "Microsoft Container Instance", resource: "Container Groups", operation: action, description: action },
    origin: "User",
  })),
});

// `resourceType eq '…' and tagName eq '…' and tagValue eq '…'`: the comparisons that ARM joins by `and`.
function readFilter(filter: string): (group: Group) => boolean {
  if (filter.trim() === "") return () => true;
  const terms = filter.split(/\s+and\s+/i).map((term) => /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(term));
  if (terms.includes(null)) throw new ArmError(400, "InvalidFilterInQueryString", `Invalid $filter '${filter}' specified in the query string.`);
  const wanted = new Map(terms.map((term) => [(term?.[1] ?? "").toLowerCase(), (term?.[2] ?? "").replaceAll("''", "'")]));
  return (group) => [...wanted].every(([field, value]) => matches(group, field, value, wanted.get("tagname")));
}

function matches(group: Group, field: string, value: string, tagName: string | undefined): boolean {
  const tags = Object.entries(group.body.tags ?? {});
  const equals = (text: string): boolean => text.toLowerCase() === value.toLowerCase();
  if (field === "resourcetype") return equals(GROUP_TYPE);
  if (field === "resourcegroup") return equals(group.address.resourceGroup);
  if (field === "location") return equals(group.body.location);
  if (field === "name") return equals(group.address.name);
  if (field === "tagname") return tags.some(([name]) => equals(name));
  if (field === "tagvalue") return tags.some(([name, tag]) => name.toLowerCase() === tagName?.toLowerCase() && tag === value);
  throw new ArmError(400, "InvalidFilterInQueryString", `The filter on '${field}' is not supported.`);
}

function armTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "0000Z");
}
