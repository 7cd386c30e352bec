import type { IncomingMessage } from "node:http";
import { ArmError } from "../arm-error.js";
import type { EmulatedAzure } from "../emulated-azure.js";
import { tellChange } from "../events/tell-change.js";
import { answerUnder } from "../faults/answer-under.js";
import { errorAnswer, type Answer } from "./answer.js";
import { addressOf, locationOf, type Call } from "./call.js";
import { refuseContent, refuseOrigin } from "./guard.js";
import { readBody } from "./read-body.js";
import { findRoute, type Route } from "./routes.js";

const READS = ["GET", "HEAD"];

/** Answers one request; `reset` says that the connection is to be broken instead. */
export async function answerRequest(azure: EmulatedAzure, request: IncomingMessage, port: number): Promise<Answer | "reset"> {
  try {
    const { route, call } = await readCall(azure, request, port);
    if (route.kind === "control") return await route.handler(call);
    const isOnGroup = route.kind === "create" || route.kind === "delete";
    const budget = azure.rates.take(call.method, isOnGroup);
    const fault = azure.faults.strike(route.kind, addressOf(call), locationOf(call));
    const answer = await answerUnder(fault, route.kind, route.handler, call).catch((error: unknown) => {
      if (isOnGroup && azure.settings.assumptions.refusedCreates === "free") azure.rates.giveBack(call.method);
      return { ...errorAnswer(error), headers: { ...budget, ...errorAnswer(error).headers } };
    });
    await writeDown(call);
    if (answer === "reset") return answer;
    if (fault === undefined || fault.outcome === "pass") tellChange(call, route.kind, answer);
    if (call.method === "GET" && fault === undefined && azure.faults.wantsMemory) azure.memory.remember(call, answer);
    return { ...answer, headers: { ...budget, ...answer.headers } };
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

// What is answered stays so, even if the emulator is killed at once.
async function writeDown({ azure, method }: Call): Promise<void> {
  if (azure.keeper !== undefined && !READS.includes(method)) await azure.keeper.saved();
}

// Who may not ask is not told what there is: the path is judged last.
async function readCall(azure: EmulatedAzure, request: IncomingMessage, port: number): Promise<{ readonly route: Route; readonly call: Call }> {
  throwIf(refuseOrigin(request, port));
  const path = pathOf(request);
  const { method = "GET" } = request;
  const { route, parts } = findRoute(method, path);
  if (!route.isOpen) throwIf(azure.tokens.refuse(request.headers.authorization) ?? refuseContent(request));
  const query = queryOf(request);
  const apiVersion = query.get("api-version") ?? "";
  if (!route.isOpen && route.kind !== "control") throwIf(refuseVersion(apiVersion));
  const body = await readBody(request, route.isOpen ? "text" : "json");
  return { route, call: { azure, method, path, parts, query, apiVersion, headers: request.headers, body } };
}

function refuseVersion(apiVersion: string): ArmError | undefined {
  if (apiVersion === "") return new ArmError(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
  if (/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(apiVersion)) return undefined;
  return new ArmError(400, "InvalidApiVersionParameter", `The api-version '${apiVersion}' is invalid.`);
}

function throwIf(refusal: ArmError | undefined): void {
  if (refusal !== undefined) throw refusal;
}
