import type { Group } from "../groups/group.js";
import type { Operation } from "../groups/operation.js";
import type { Handler } from "../server/call.js";
import { groupOf } from "./container-groups.js";
import { asyncHeaders } from "./operations.js";

export const startGroup: Handler = act((group) => group.start());
export const stopGroup: Handler = act((group) => {
  group.stop();
  return undefined;
});
export const restartGroup: Handler = act((group) => group.restart());

// All three answer 204; one that takes time says where it can be followed.
function act(action: (group: Group) => Operation | undefined): Handler {
  return (call) => {
    const operation = action(groupOf(call));
    if (operation === undefined) return { status: 204 };
    return { status: 204, headers: asyncHeaders(call.azure, call.azure.groups.keep(operation)) };
  };
}
