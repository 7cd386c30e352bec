import { ArmError, refusals } from "../arm-error.js";
import { profileShape } from "../body/body-shape.js";
import { readTags } from "../body/group-body.js";
import { readShape, withoutSecrets } from "../body/read-shape.js";
import { pageOf } from "../handlers/page.js";
import type { Call, Handler } from "../server/call.js";
import type { Profile, ProfileBody, Profiles } from "./profiles.js";

const TYPE = "Microsoft.ContainerInstance/containerGroupProfiles";
const NAME = /^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/;

export const getProfile: Handler = (call) => ({ status: 200, body: answer(profileOf(call)) });

export const listProfiles: Handler = (call) => {
  const { azure, parts } = call;
  return { status: 200, body: pageOf(call, azure.profiles.list(parts["subscription"] ?? "", parts["resourceGroup"]), answer) };
};

export const listRevisions: Handler = (call) => ({ status: 200, body: pageOf(call, call.azure.profiles.revisions(profileOf(call)), answer) });

export const putProfile: Handler = (call) => {
  const address = addressOf(call);
  if (!NAME.test(address.name)) throw new ArmError(400, "InvalidContainerGroupProfileName", `The container group profile name '${address.name}' is invalid.`);
  const body = readShape(profileShape, call.body, "") as Omit<ProfileBody, "properties"> & Partial<ProfileBody>;
  if (body.location === undefined) throw refusals.locationRequired();
  const profile = call.azure.profiles.put(address, { ...body, properties: body.properties ?? {} });
  return { status: profile.revision === 1 ? 201 : 200, body: answer(profile) };
};

export const patchProfile: Handler = (call) => ({ status: 200, body: answer(call.azure.profiles.retag(profileOf(call), readTags(call.body))) });

export const deleteProfile: Handler = ({ azure, ...call }) => ({ status: azure.profiles.remove(addressOf({ azure, ...call })) ? 200 : 204 });

/** What a group takes over from the profile that it names. */
export function takeOver(profiles: Profiles, { id = "", revision }: { readonly id?: string; readonly revision?: number }): object {
  const [, subscriptionId = "", resourceGroup = "", name = ""] = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerInstance\/containerGroupProfiles\/([^/]+)$/i.exec(id) ?? [];
  const profile = profiles.find({ subscriptionId, resourceGroup, name }, revision);
  if (profile === undefined) throw new ArmError(400, "ContainerGroupProfileNotFound", `The container group profile '${id}' is not found.`);
  return profile.body.properties;
}

function profileOf(call: Call): Profile {
  const { revision } = call.parts;
  const address = addressOf(call);
  const profile = call.azure.profiles.find(address, revision === undefined ? undefined : Number(revision));
  if (profile === undefined) throw refusals.resourceNotFound(TYPE, address.resourceGroup, address.name);
  return profile;
}

function addressOf({ parts }: Call): Pick<Profile, "subscriptionId" | "resourceGroup" | "name"> {
  return { subscriptionId: parts["subscription"] ?? "", resourceGroup: parts["resourceGroup"] ?? "", name: parts["profile"] ?? "" };
}

function answer({ subscriptionId, resourceGroup, name, revision, body }: Profile): Record<string, unknown> {
  const { properties, ...rest } = withoutSecrets(profileShape, body) as ProfileBody;
  const { sku = "Standard", containers = [], initContainers = [], ...more } = properties;
  const filled = containers.map((container) => ({ ...container, properties: { configMap: { keyValuePairs: {} }, ports: [], ...{ environmentVariables: [] }, ...container.properties } }));
  return {
    properties: { sku, revision, containers: filled, initContainers, ...more },
    id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`,
    name,
    type: TYPE,
    ...rest,
  };
}
