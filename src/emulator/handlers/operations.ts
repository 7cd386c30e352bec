import { ArmError } from "../arm-error.js";
import type { EmulatedAzure } from "../emulated-azure.js";
import type { Operation } from "../groups/operation.js";
import type { Handler } from "../server/call.js";

/** The headers that say where an operation can be followed. The version is always this one. */
export function asyncHeaders(azure: EmulatedAzure, operation: Operation): Record<string, string> {
  const region = operation.group.body.location.toLowerCase().replaceAll(" ", "");
  const [, , subscription = ""] = operation.group.id.split("/");
  const path = `/subscriptions/${subscription}/providers/Microsoft.ContainerInstance/locations/${region}/operations/${operation.id}`;
  return {
    "Azure-AsyncOperation": `${azure.endpoint}${path}?api-version=2018-06-01`,
    "x-ms-request-id": `${region}:${operation.id}`,
    ...(azure.settings.assumptions.retryAfter === "sent" ? { "Retry-After": "1" } : {}),
  };
}

export const getOperation: Handler = ({ azure, parts }) => {
  const operation = azure.groups.operation(parts["operation"] ?? "");
  if (operation === undefined) throw new ArmError(404, "OperationNotFound", `The operation '${parts["operation"] ?? ""}' was not found.`);
  const { group, status, startedAt, events, failure } = operation;
  const isWaitTold = azure.settings.assumptions.retryAfter === "sent" && (status === "Pending" || status === "Updating");
  const isTold = failure !== undefined && azure.settings.assumptions.failedOperations === "withError";
  return {
    status: 200,
    body: {
      id: group.id,
      status,
      startTime: new Date(startedAt).toISOString().replace("Z", "0000Z"),
      properties: { events },
      ...(isTold ? { error: { code: "Failed", message: failure.message } } : {}),
    },
    ...(isWaitTold ? { headers: { "Retry-After": "1" } } : {}),
  };
};
