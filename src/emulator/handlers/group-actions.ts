import type { Group } from "../groups/group.js";
import type { Operation } from "../groups/operation.js";
import type { Handler } from "../server/call.js";
import { groupOf } from "./container-groups.js";
import { asyncHeaders } from "./operations.js";

/** Starts a stopped group. Versions differ in the status that they promise. */
export const startGroup: Handler = (call) => {
  const { startStatus } = call.azure.settings.assumptions;
  return act((group) => group.start(), startStatus === "byVersion" ? (call.apiVersion < "2021-03" ? 204 : 202) : startStatus)(call);
};
export const stopGroup: Handler = act((group) => {
  group.stop();
  return undefined;
});
export const restartGroup: Handler = act((group) => group.restart());

// What there is nothing to do for answers 204; what takes time says where it can be followed.
function act(action: (group: Group) => Operation | undefined, status = 204): Handler {
  return (call) => {
    const operation = action(groupOf(call));
    if (operation === undefined) return { status: 204 };
    return { status, headers: asyncHeaders(call.azure, call.azure.groups.keep(operation)), operation };
  };
}
