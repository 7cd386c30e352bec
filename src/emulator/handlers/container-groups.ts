import { ArmError, refusals } from "../arm-error.js";
import { checkGroup } from "../body/check-group.js";
import { registryLogin } from "../body/engine-specs.js";
import { groupAnswer } from "../body/group-answer.js";
import { isSameGroup, isUpdatable } from "../body/compare-groups.js";
import { readGroupBody, readTags, type GroupBody } from "../body/group-body.js";
import type { EmulatedAzure } from "../emulated-azure.js";
import { ImageError } from "../engine.js";
import type { Group, GroupAddress } from "../groups/group.js";
import type { Answer } from "../server/answer.js";
import { addressOf, type Call, type Handler } from "../server/call.js";
import { asyncHeaders } from "./operations.js";
import { pageOf } from "./page.js";

/** The group that a path names; throws the service's refusal if there is none. */
export function groupOf(call: Call): Group {
  const address = addressOf(call);
  const group = call.azure.groups.find(address);
  if (group === undefined) throw refusals.groupNotFound(address.resourceGroup, address.name);
  return group;
}

export const getGroup: Handler = (call) => ({ status: 200, body: groupAnswer(groupOf(call), call.apiVersion) });

export const listGroups: Handler = (call) => {
  const groups = call.azure.groups.list(call.parts["subscription"] ?? "", call.parts["resourceGroup"]);
  return { status: 200, body: pageOf(call, groups, (group) => groupAnswer(group, call.apiVersion, "listed")) };
};

export const patchGroup: Handler = (call) => {
  const group = groupOf(call);
  group.setTags(readTags(call.body));
  return { status: 200, body: groupAnswer(group, call.apiVersion) };
};

// The answer is the group as it was; the containers end in the background.
export const deleteGroup: Handler = (call) => {
  const group = call.azure.groups.find(addressOf(call));
  if (group === undefined) return { status: 204 };
  const body = groupAnswer(group, call.apiVersion);
  void call.azure.groups.remove(group);
  return { status: 200, body };
};

export const putGroup: Handler = async (call) => {
  const { azure } = call;
  const address = addressOf(call);
  const body = readGroupBody(call.body);
  checkGroup(address.name, body);
  if (!isNothingNew(azure.groups.find(address), body)) await checkImages(azure, address.name, body);
  // Looked up again: another request may have come first while the images were checked.
  const group = azure.groups.find(address);
  return group === undefined ? create(call, address, body) : replace(call, group, body);
};

function create(call: Call, address: GroupAddress, body: GroupBody): Answer {
  const { azure } = call;
  const group = azure.groups.create(address, body);
  const operation = azure.groups.keep(group.deploy(body));
  return { status: 201, body: groupAnswer(group, call.apiVersion), headers: asyncHeaders(azure, operation) };
}

function replace(call: Call, group: Group, body: GroupBody): Answer {
  const { azure } = call;
  const { name } = group.address;
  if (body.location.toLowerCase() !== group.body.location.toLowerCase()) throw wrongLocation(group, body);
  if (isNothingNew(group, body)) return { status: 200, body: groupAnswer(group, call.apiVersion) };
  if (group.isInTransition) throw refusals.transitioning(name);
  if (!group.hasEnded && !isUpdatable(group.body, body)) throw refusals.invalidUpdate(name);
  const operation = azure.groups.keep(group.deploy(body));
  return { status: 200, body: groupAnswer(group, call.apiVersion), headers: asyncHeaders(azure, operation) };
}

// A group that ended is deployed anew by the same body; any other stays as it is.
function isNothingNew(group: Group | undefined, body: GroupBody): boolean {
  return group !== undefined && !group.hasEnded && !group.isStopped && isSameGroup(group.body, body);
}

function wrongLocation(group: Group, body: GroupBody): ArmError {
  return new ArmError(
    409,
    "InvalidResourceLocation",
    `The resource '${group.address.name}' already exists in location '${group.body.location}' in resource group '${group.address.resourceGroup}'. A resource with the same name cannot be created in location '${body.location}'. Please select a new resource name.`,
  );
}

async function checkImages(azure: EmulatedAzure, name: string, body: GroupBody): Promise<void> {
  const { containers, initContainers } = body.properties;
  const images = new Set([...initContainers, ...containers].map((container) => container.properties.image));
  for (const image of images) {
    try {
      await azure.engine.checkImage(image, registryLogin(body.properties, image));
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      throw error.reason === "inaccessible" ? refusals.inaccessibleImage(name, image) : refusals.registryError(registryOf(image));
    }
  }
}

function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "index.docker.io";
}
