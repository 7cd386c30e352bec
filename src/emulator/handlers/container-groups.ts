import { ArmError, refusals } from "../arm-error.js";
import { checkGroup } from "../body/checks/check-group.js";
import { registryLogin } from "../body/engine-specs.js";
import { groupAnswer } from "../body/group-answer.js";
import { isSameGroup, isUpdatable } from "../body/compare-groups.js";
import { readGroupBody, readTags, type GroupBody } from "../body/group-body.js";
import { registryOf } from "../body/image-name.js";
import type { EmulatedAzure } from "../emulated-azure.js";
import { ImageError } from "../engine.js";
import type { Group, GroupAddress } from "../groups/group.js";
import { Operation } from "../groups/operation.js";
import type { Answer } from "../server/answer.js";
import { addressOf, type Call, type Handler } from "../server/call.js";
import { takeOver } from "../profiles/profile-routes.js";
import { asyncHeaders } from "./operations.js";
import { pageOf } from "./page.js";
import { expectQuota } from "./quota.js";

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
  return { status: 200, body: pageOf(call, groups, (group) => groupAnswer(group, call.apiVersion, "listed"), ({ place }) => place) };
};

export const patchGroup: Handler = (call) => {
  const group = groupOf(call);
  group.setTags(readTags(call.body));
  return { status: 200, body: groupAnswer(group, call.apiVersion) };
};

// The answer is the group as it was; the containers end in the background.
export const deleteGroup: Handler = (call) => {
  const { azure } = call;
  const { deleteStatus, deleteIfMatch } = azure.settings.assumptions;
  const group = azure.groups.find(addressOf(call));
  if (group === undefined) return { status: 204 };
  if (deleteIfMatch === "refused" && call.headers["if-match"] !== undefined) throw new ArmError(412, "PreconditionFailed", "The condition specified by the If-Match header is not met.");
  const body = groupAnswer(group, call.apiVersion);
  const removal = azure.groups.remove(group);
  if (deleteStatus === 200) return { status: 200, body };
  const operation = azure.groups.keep(new Operation(group, "Pending", azure.clock.now()));
  void removal.then(() => operation.end("Succeeded"));
  return { status: 202, headers: asyncHeaders(azure, operation), operation };
};

export const putGroup: Handler = async (call) => {
  const { azure } = call;
  const address = addressOf(call);
  const body = readGroupBody(call.body, (reference) => takeOver(azure.profiles, reference));
  checkGroup(address.name, body);
  if (!isNothingNew(azure, azure.groups.find(address), body)) await checkImages(azure, address.name, body);
  // Looked up again: another request may have come first while the images were checked.
  const group = azure.groups.find(address);
  expectQuota(azure, address.subscriptionId, body, group);
  return group === undefined ? create(call, address, body) : replace(call, group, body);
};

function create(call: Call, address: GroupAddress, body: GroupBody): Answer {
  const { azure } = call;
  if (azure.settings.assumptions.nameReuse === "transitioning" && azure.groups.isEnding(address)) throw refusals.transitioning(address.name);
  const group = azure.groups.create(address, body);
  const operation = azure.groups.keep(group.deploy(body));
  return { status: 201, body: groupAnswer(group, call.apiVersion), headers: asyncHeaders(azure, operation), operation };
}

function replace(call: Call, group: Group, body: GroupBody): Answer {
  const { azure } = call;
  const { name } = group.address;
  if (body.location.toLowerCase() !== group.body.location.toLowerCase()) throw wrongLocation(group, body);
  if (isNothingNew(azure, group, body)) {
    if (body.tags !== undefined) group.setTags(body.tags);
    return { status: 200, body: groupAnswer(group, call.apiVersion) };
  }
  if (group.isInTransition) throw refusals.transitioning(name);
  if (!group.hasEnded && !isUpdatable(group.body, body)) throw refusals.invalidUpdate(name);
  const operation = azure.groups.keep(group.deploy(body));
  return { status: 200, body: groupAnswer(group, call.apiVersion), headers: asyncHeaders(azure, operation), operation };
}

// A group that ended is deployed anew by the same body; what becomes of any other is assumed.
function isNothingNew({ settings: { assumptions } }: EmulatedAzure, group: Group | undefined, body: GroupBody): boolean {
  if (group === undefined || group.hasEnded || group.isStopped) return false;
  if (isSameGroup(group.body, body)) return assumptions.identicalPut === "ignored";
  return assumptions.tagsOnlyPut === "inPlace" && isSameGroup({ ...group.body, tags: {} }, { ...body, tags: {} });
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
      throw error.reason === "inaccessible" ? refusals.inaccessibleImage(name, image, `Engine ${azure.engine.name}: ${error.message}`) : refusals.registryError(registryOf(image));
    }
  }
}
