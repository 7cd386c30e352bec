import { readAnswer, type ArmAnswer, type ArmRequest, type ArmSender } from "../../../src/azure/arm-client.js";
import { transportError } from "../../../src/azure/to-error.js";
import type { Dice } from "../world/dice.js";
import type { FaultId } from "../world/faults.js";
import type { Process } from "../world/process.js";
import { UNHEARD } from "../world/time.js";
import type { World } from "../world/world.js";
import type { Call } from "./azure.js";
import { ENDED_WINDOW_IN_BYTES } from "./log.js";
import { LINE } from "./program.js";
import { ABSENT, dated, lackOfRoom, refuse, rejection, respond, throttled, TRANSITIONING, trouble, type SimResponse } from "./responses.js";
import type { TruthGroup } from "./truth.js";

/** What goes wrong with one request. */
export interface Trip {
  readonly fault?: FaultId | undefined;
  /** It never arrives. */
  readonly isLost?: boolean;
  /** Answered before it has any effect. */
  readonly instead?: SimResponse | undefined;
  /** It has its effect, and this is told. */
  readonly after?: (answer: SimResponse) => SimResponse | undefined;
}

/** What may happen to which requests. */
export const POSSIBLE: Readonly<Record<Call["verb"], readonly FaultId[]>> = {
  put: ["C1", "C2", "C3", "C4", "C5", "C9", "C10", "C11", "C12", "C19", "C20"],
  get: ["C3", "C9", "C10", "C19", "C20", "R1", "R2", "R6"],
  list: ["C3", "C9", "C10", "C19", "D6"],
  listCreated: ["C3", "C9", "C10", "C19", "D6"],
  patch: ["C9", "C10", "C19"],
  logs: ["G1", "G4", "C3", "C9", "C10", "C19"],
  delete: ["D3", "D4", "C9", "C10", "C19", "C20"],
  operation: ["C18", "C9", "C10"],
};

/** The way from a process to Azure and back. */
export function networkOf(world: World, process: Process): ArmSender {
  let identityDownUntil = 0;
  return {
    send(request) {
      if (!process.lives()) return new Promise(() => undefined);
      const call = callOf(request, process.name);
      const trip = world.time.now < identityDownUntil && !world.faults.isOver ? { fault: "C19", isLost: true } : world.tripOf(call);
      if (trip.fault === "C19" && trip.isLost === true && identityDownUntil === 0) identityDownUntil = world.time.now + world.dice.between(1000, 600_000);
      return new Promise((resolve, reject) => travel(world, process, call, trip, waiting(request.abortSignal, resolve, reject)));
    },
  };
}

interface Settled {
  readonly resolve: (answer: ArmAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** Whether nobody waits for it any more. */
  readonly isOver: () => boolean;
}

/** Who waits for an answer until he wants to wait no more. What he has sent arrives all the same. */
function waiting(abortSignal: AbortSignal | undefined, resolve: Settled["resolve"], reject: Settled["reject"]): Settled {
  const abort = (): void => reject(abortSignal?.reason);
  const letGo = <T>(settle: (value: T) => void) => (value: T): void => {
    abortSignal?.removeEventListener("abort", abort);
    settle(value);
  };
  if (abortSignal?.aborted === true) abort();
  abortSignal?.addEventListener("abort", abort, { once: true });
  return { resolve: letGo(resolve), reject: letGo(reject), isOver: () => abortSignal?.aborted === true };
}

function travel(world: World, process: Process, call: Call, trip: Trip, settled: Settled): void {
  const { time, dice, history, azure } = world;
  const { by, verb, name, part, request } = call;
  const sentAt = time.now;
  const known = verb === "delete" ? world.store.knows(name) : undefined;
  const note = (status?: number): void => history.add({ kind: "request", by, verb, group: name, part, method: request.method, sentAt, fault: trip.fault, status, truth: azure.groups.get(name)?.isForeign === true ? "foreign" : undefined, note: known });
  const deliver = (answer: SimResponse | undefined, inMs: number): void => time.in(inMs, () => (settled.isOver() ? UNHEARD : process.hear(() => hearAnswer(world, call, answer, settled, trip))));
  if (trip.isLost === true) {
    note();
    // A broken connection is seen at once, silence after a minute; a credential that is not to be had, soon.
    deliver(undefined, dice.pick([50, 60_000]));
    return;
  }
  const arrive = (): unknown => {
    if (verb === "put" && !process.isAlive && process.isLast && time.now - sentAt < 20_000 && world.faults.strikes("D5")) {
      time.in(dice.between(1000, 600_000), arrive);
      return UNHEARD;
    }
    const answer = dated(trip.instead ?? azure.handle(call), azure.now);
    note(answer.status);
    const told = trip.after === undefined ? answer : trip.after(answer);
    deliver(told, told === undefined ? dice.pick([20, 60_000]) : dice.between(5, 200));
    return UNHEARD;
  };
  time.in(verb === "put" && world.faults.strikes("D5") ? dice.between(500, 8000) : dice.between(2, 80), arrive);
}

function hearAnswer({ history, azure }: World, { by, verb, name, part, request }: Call, answer: SimResponse | undefined, { resolve, reject, isOver }: Settled, { fault }: Trip): void {
  if (isOver()) return;
  const shows = answer?.status === 200 ? shownBy(verb, answer, azure.past.findLast((group) => group.name === name)) : undefined;
  history.add({ kind: "answer", by, verb, group: name, part, status: answer?.status ?? "none", retryAfterInMs: answer?.retryAfterInMs, isFresh: answer?.isOld !== true && !["R1", "R2", "R6", "C3"].includes(fault ?? ""), shows });
  try {
    if (answer === undefined) throw transportError(request.what, fault === "C19" ? Object.assign(new Error("no managed identity answers"), { name: "CredentialUnavailableError" }) : Object.assign(new Error(`the connection broke: ${JSON.stringify(request.body ?? {})}`), { code: "ECONNRESET" }), request.secrets);
    resolve(readAnswer(request, answer));
  } catch (error) {
    reject(error);
  }
}

// Whether the line is there, from its beginning on. Of the first one of a window that is full nobody knows whether it is.
function hasWholeLine(window: string): boolean {
  const start = window.length < ENDED_WINDOW_IN_BYTES ? "^|\n" : "\n";
  return new RegExp(`(?:${start})(?:\\S+Z )?${LINE}\n.`, "u").test(window);
}

// What who reads it can know of the end of the job: the state of the container that decides, or that a log has a line which is whole.
function shownBy(verb: Call["verb"], { bodyAsText }: SimResponse, group: TruthGroup | undefined): string | undefined {
  try {
    const body = JSON.parse(bodyAsText ?? "") as { content?: string; properties: { containers: { properties: { instanceView: { currentState?: { state?: string } } } }[] } };
    if (verb === "logs") return hasWholeLine(body.content ?? "") ? LINE : undefined;
    if (verb !== "get") return undefined;
    const states = body.properties.containers.map(({ properties }) => properties.instanceView.currentState?.state);
    const state = states[group?.decider ?? 0];
    return state === "Terminated" && group?.others !== undefined && states.includes("Running") ? "Running" : state;
  } catch {
    return undefined;
  }
}

/** What may happen to a request in this world. */
export function drawTrip(world: World, call: Call): Trip {
  // What the operation says is asked for rarely.
  const fault = world.faults.strike(POSSIBLE[call.verb], call.verb === "operation" ? 10 : 1);
  if (fault === undefined) return {};
  const trip = tripUnder(world, call, fault);
  // Where it does not apply it has not happened.
  if (trip.fault === undefined) world.faults.uncount(fault);
  return trip;
}

/** What a fault does to a request. */
export function tripUnder(world: World, call: Call, fault: FaultId): Trip {
  const { dice, azure, time } = world;
  const sent = JSON.stringify(call.request.body ?? {});
  const group = azure.groups.get(call.name);
  switch (fault) {
    case "C1":
      return { fault, isLost: true };
    case "C2":
    case "D3":
      return { fault, after: () => undefined };
    case "C3":
      return { fault, after: (answer) => (answer.status < 300 ? { ...answer, bodyAsText: broken(answer, call, dice) } : answer) };
    case "C4":
      return { fault, instead: TRANSITIONING };
    case "C5":
      return { fault, instead: refuse(409, "RegistryErrorResponse", "An error response is received from the docker registry 'index.docker.io'. Please retry later.") };
    case "C9":
      return { fault, instead: throttled(dice, azure.now) };
    case "C10":
      return dice.chance(0.5) ? { fault, instead: trouble(dice, sent) } : { fault, after: () => trouble(dice, sent) };
    case "C11":
      return { fault, instead: rejection(dice, sent) };
    case "C12":
      return { fault, instead: lackOfRoom(dice) };
    case "C18":
      return { fault, instead: dice.pick([refuse(404, "NotFound", "The operation is not known."), refuse(403, "AuthorizationFailed", "No.")]) };
    case "C19":
      return dice.chance(0.5) ? { fault, isLost: true } : { fault, instead: refuse(401, "ExpiredAuthenticationToken", "The access token expiry UTC time has passed.") };
    case "C20":
      return { fault, instead: respond(dice.pick([307, 308]), "", { location: "https://elsewhere.example/" }) };
    case "R1":
      // A server that has not heard of it. A group that has been there for long is known everywhere.
      return group !== undefined && !group.isForeign && time.now - group.createdAt < 25_000 ? { fault, instead: ABSENT } : {};
    case "R2":
      return group === undefined ? {} : { fault, after: () => azure.stale(group, call.by) };
    case "R6":
      return { fault, after: (answer) => withOddState(answer, dice.pick([undefined, { state: "Recycling" }, { state: "" }, {}]), group?.decider) };
    case "G1":
      return { fault, instead: dice.pick([refuse(404, "ContainerLogNotAvailable", "Not yet."), refuse(409, "ContainerGroupDeploymentNotReady", "Not yet.")]) };
    case "G4":
      return { fault, instead: refuse(500, "InternalServerError", "Something went wrong.") };
    case "D1":
      return { fault, instead: respond(202) };
    case "D4":
      return { fault, instead: dice.pick([TRANSITIONING, refuse(403, "AuthorizationFailed", "No."), refuse(409, "ScopeLocked", "The scope is locked.")]) };
    default:
      return { fault, isLost: true };
  }
}

// A good answer without what should be in it. A log may have no content, so that one says something.
function broken({ bodyAsText }: SimResponse, { verb }: Call, dice: Dice): string {
  return dice.pick([(bodyAsText ?? "").slice(0, -3) || "{", "", "null", ...(verb === "logs" ? [] : ["{}"])]);
}

// A state for one look that nobody has documented.
function withOddState(answer: SimResponse, currentState: object | undefined, decider = 0): SimResponse {
  if (answer.status !== 200) return answer;
  const body = JSON.parse(answer.bodyAsText ?? "") as { properties: { containers: { properties: { instanceView: object } }[] } };
  const main = body.properties.containers[decider]?.properties;
  if (main !== undefined) main.instanceView = { restartCount: 0, events: [], ...(currentState && { currentState }) };
  return { ...answer, bodyAsText: JSON.stringify(body) };
}

function callOf(request: ArmRequest, by: string): Call {
  const { method, url } = request;
  const name = /\/containerGroups\/([^/?]+)/u.exec(url)?.[1] ?? /\/operations\/([^/?]+)/u.exec(url)?.[1] ?? "";
  return { verb: verbOf(method, url, name), name, part: /\/containers\/([^/?]+)/u.exec(url)?.[1], request, by };
}

function verbOf(method: string, url: string, name: string): Call["verb"] {
  if (method === "PUT") return "put";
  if (method === "PATCH") return "patch";
  if (method === "DELETE") return "delete";
  if (url.includes("/operations/")) return "operation";
  if (url.includes("/logs?")) return "logs";
  if (name !== "") return "get";
  return url.includes("/resources?") ? "listCreated" : "list";
}
