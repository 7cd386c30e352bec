import type { RequestKind } from "../faults/fault-rule.js";
import type { Answer } from "../server/answer.js";
import { addressOf, type Call, type Handler } from "../server/call.js";
import type { ResourceChange } from "./resource-event.js";

const OPERATIONS: Partial<Record<RequestKind | "control", string>> = {
  create: "write",
  patch: "write",
  delete: "delete",
  start: "start/action",
  stop: "stop/action",
  restart: "restart/action",
};
const OUTCOMES = { Succeeded: "Success", Failed: "Failure", Canceled: "Cancel" } as const;

/** Tells subscribers what has become of a request that changes a group: at once, or when its operation has ended. */
export function tellChange(call: Call, kind: RequestKind | "control", { status, operation }: Answer): void {
  const name = OPERATIONS[kind];
  // 204 for a delete says that there was nothing to delete.
  if (name === undefined || status >= 400 || (kind === "delete" && status === 204)) return;
  const publish = (outcome: ResourceChange["outcome"]): void => call.azure.events.publish(changeOf(call, name, outcome));
  if (operation === undefined) publish("Success");
  else void operation.ended.then((end) => publish(OUTCOMES[end]));
}

/** What a receiver opens that agrees by hand. */
export const validateSubscription: Handler = ({ azure, parts }) =>
  azure.events.validate(parts["code"] ?? "") ? { status: 200, body: "Webhook successfully validated as a subscription endpoint." } : { status: 404, body: { error: { code: "NotFound", message: "There is no such validation." } } };

function changeOf(call: Call, operation: string, outcome: ResourceChange["outcome"]): ResourceChange {
  const { subscriptionId, resourceGroup, name } = addressOf(call);
  const resourceId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`;
  return { resourceId, subscriptionId, operation, outcome, method: call.method, url: `${call.azure.endpoint}${call.path}` };
}

