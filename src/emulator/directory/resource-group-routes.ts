import { ArmError, refusals } from "../arm-error.js";
import { readShape } from "../body/read-shape.js";
import { pageOf } from "../handlers/page.js";
import type { Call, Handler } from "../server/call.js";
import type { ResourceGroup } from "./resource-groups.js";

/** Refuses a path whose resource group does not exist. */
export function expectResourceGroup(call: Call): ResourceGroup {
  const { subscription = "", resourceGroup = "" } = call.parts;
  const found = call.azure.resourceGroups.find(subscription, resourceGroup);
  if (found === undefined) throw refusals.resourceGroupNotFound(resourceGroup);
  return found;
}

export const getResourceGroup: Handler = (call) => ({ status: 200, body: answer(expectResourceGroup(call)) });

// Clients ask by HEAD whether it exists.
export const checkResourceGroup: Handler = ({ azure, parts }) => ({
  status: azure.resourceGroups.find(parts["subscription"] ?? "", parts["resourceGroup"] ?? "") === undefined ? 404 : 204,
});

export const listResourceGroups: Handler = (call) => ({ status: 200, body: pageOf(call, call.azure.resourceGroups.list(call.parts["subscription"] ?? ""), answer) });

export const putResourceGroup: Handler = ({ azure, parts, body }) => {
  const { subscription: subscriptionId = "", resourceGroup: name = "" } = parts;
  if (!/^[\w().-]{0,89}[\w()-]$/.test(name)) {
    throw new ArmError(400, "InvalidResourceGroup", `The provided resource group name '${name}' has these invalid characters or is longer than 90.`);
  }
  const { location, tags } = readShape({ object: { location: "text", tags: "texts" }, required: [] }, body, "") as { location?: string; tags?: Record<string, string> };
  const known = azure.resourceGroups.find(subscriptionId, name);
  const group = { name, location, ...known, subscriptionId, tags };
  if (group.location === undefined) throw refusals.locationRequired();
  azure.resourceGroups.put({ ...group, location: group.location });
  return { status: known === undefined ? 201 : 200, body: answer({ ...group, location: group.location }) };
};

/** Deletes everything in it, too; how that goes can be followed by the `Location`. */
export const deleteResourceGroup: Handler = (call) => {
  const { azure } = call;
  const { subscriptionId, name } = expectResourceGroup(call);
  azure.resourceGroups.remove(subscriptionId, name);
  for (const group of azure.groups.list(subscriptionId, name)) void azure.groups.remove(group);
  const job = Buffer.from(`GROUPDEL:${name}`).toString("base64url");
  return { status: 202, headers: { Location: `${azure.endpoint}/subscriptions/${subscriptionId}/operationresults/${job}?api-version=${call.apiVersion}`, "Retry-After": "1" } };
};

export const getDeletion: Handler = ({ azure }) => ({ status: azure.groups.isRemoving ? 202 : 200, headers: azure.groups.isRemoving ? { "Retry-After": "1" } : {} });

function answer({ subscriptionId, name, location, tags }: ResourceGroup): Record<string, unknown> {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
  return { id, name, type: "Microsoft.Resources/resourceGroups", location, ...(tags === undefined ? {} : { tags }), properties: { provisioningState: "Succeeded" } };
}
