import { ArmError, refusals } from "../arm-error.js";
import { getGroup } from "../handlers/container-groups.js";
import type { Answer } from "../server/answer.js";
import type { Call, Handler } from "../server/call.js";
import type { Fault } from "./fault-table.js";
import type { RequestKind } from "./fault-rule.js";

/**
 * Answers a request under a fault, if one strikes it. A fault may come before the effect, or hide it. Its delay is real
 * time: it is the client that is to notice it.
 */
export async function answerUnder(fault: Fault | undefined, kind: RequestKind, handler: Handler, call: Call): Promise<Answer | "reset"> {
  if (fault === undefined) return handler(call);
  if (fault.delayInMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.delayInMs).unref());
  if (fault.isAfterEffect) await handler(call);
  if (fault.outcome instanceof ArmError) throw fault.outcome;
  return fault.outcome === "reset" ? "reset" : OUTCOMES[fault.outcome](call, kind, handler);
}

const OUTCOMES: Record<"undone" | "emptyLogs" | "stale" | "pass", (call: Call, kind: RequestKind, handler: Handler) => Answer | Promise<Answer>> = {
  undone: (call, kind) => (kind === "delete" ? getGroup(call) : { status: 204 }),
  emptyLogs: () => ({ status: 200, body: { content: "" } }),
  stale: (call) => call.azure.memory.recall(call) ?? staleMiss(call),
  pass: (call, _kind, handler) => handler(call),
};

// A reader that has not heard of a group says that there is none.
function staleMiss({ parts }: Call): Answer {
  if (parts["group"] === undefined) return { status: 200, body: { value: [] } };
  throw refusals.groupNotFound(parts["resourceGroup"] ?? "", parts["group"]);
}
