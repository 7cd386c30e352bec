import type { IncomingMessage } from "node:http";
import { ArmError } from "../arm-error.js";
import type { EmulatedAzure } from "../emulated-azure.js";
import type { Fault } from "../faults/fault-table.js";
import { errorAnswer, type Answer } from "./answer.js";
import { addressOf, type Call } from "./call.js";
import { refuseRequest, type Lock } from "./guard.js";
import { readBody } from "./read-body.js";
import { findRoute, type Route } from "./routes.js";

/** Answers one request; `reset` says that the connection is to be broken instead. */
export async function answerRequest(azure: EmulatedAzure, request: IncomingMessage, lock: Lock): Promise<Answer | "reset"> {
  try {
    const refusal = refuseRequest(request, lock);
    if (refusal !== undefined) throw refusal;
    const { route, call } = await readCall(azure, request);
    const fault = azure.faults.strike(route.kind, addressOf(call));
    const answer = await answerUnder(fault, route, call);
    if (answer === "reset") return answer;
    const isOnGroup = route.kind === "create" || route.kind === "delete";
    return { ...answer, headers: { ...azure.rates.take(route.method, isOnGroup), ...answer.headers } };
  } catch (error) {
    return errorAnswer(error);
  }
}

/** The path of a request without the slashes that some clients double. */
export function pathOf(request: IncomingMessage): string {
  return new URL((request.url ?? "/").replace(/^\/+/, "/"), "http://emulator").pathname.replace(/\/{2,}/g, "/");
}

/** The query of a request. */
export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL((request.url ?? "/").replace(/^\/+/, "/"), "http://emulator").searchParams;
}

async function readCall(azure: EmulatedAzure, request: IncomingMessage): Promise<{ readonly route: Route; readonly call: Call }> {
  const path = pathOf(request);
  const method = request.method ?? "GET";
  const found = findRoute(method, path);
  if (!("route" in found)) {
    throw found.isPathKnown
      ? new ArmError(405, "HttpMethodNotAllowed", `The HTTP method '${method}' is not supported at scope '${path}'.`)
      : new ArmError(404, "InvalidResourceType", `The emulator has nothing at '${path}'.`);
  }
  const query = queryOf(request);
  const apiVersion = query.get("api-version") ?? "";
  if (apiVersion === "") {
    throw new ArmError(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
  }
  if (!/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(apiVersion)) {
    throw new ArmError(400, "InvalidApiVersionParameter", `The api-version '${apiVersion}' is invalid.`);
  }
  return { route: found.route, call: { azure, path, parts: found.parts, query, apiVersion, body: await readBody(request) } };
}

// A fault may come before the effect, or hide it. Its delay is real time: it is the client that is to notice it.
async function answerUnder(fault: Fault | undefined, route: Route, call: Call): Promise<Answer | "reset"> {
  if (fault === undefined) return route.handler(call);
  if (fault.delayInMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.delayInMs).unref());
  if (fault.outcome === "pass") return route.handler(call);
  if (fault.isAfterEffect) await route.handler(call);
  if (fault.outcome === "reset") return "reset";
  throw fault.outcome;
}
