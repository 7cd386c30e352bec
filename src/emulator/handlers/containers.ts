import { ArmError, refusals } from "../arm-error.js";
import type { Container } from "../groups/containers/container.js";
import type { Group } from "../groups/group.js";
import type { EngineRun } from "../engine.js";
import type { Call, Handler } from "../server/call.js";
import { groupOf } from "./container-groups.js";

const FOUR_MB = 4 * 1024 * 1024;
const SIXTEEN_KB = 16 * 1024;

export const getLogs: Handler = async (call) => {
  const group = groupOf(call);
  const container = containerOf(call, group);
  const { assumptions } = call.azure.settings;
  if (!container.hasLogs || (group.isStopped && assumptions.stoppedLogs === "gone")) throw refusals.logNotAvailable(group.address.name, container.name);
  const isShort = container.state.current?.state === "Terminated" && assumptions.terminatedLogs === "16KB";
  const given = tailOf(call);
  const tail = isShort ? Math.min(given ?? 1000, 1000) : given;
  const isStamped = call.query.get("timestamps")?.toLowerCase() === "true";
  const output = await container.logs({ tail, isStamped, maxBytes: isShort ? SIXTEEN_KB : FOUR_MB });
  return { status: 200, body: { content: wholeCharacters(output) } };
};

export const startExec: Handler = async (call) => {
  const group = groupOf(call);
  const run = runOf(call, group);
  const body = (call.body ?? {}) as { command?: unknown; terminalSize?: { rows?: unknown; cols?: unknown } };
  if (typeof body.command !== "string" || body.command === "") throw refusals.invalidContent("Expected command to be a string that is not empty");
  const rows = Number(body.terminalSize?.rows ?? 24) || 24;
  const columns = Number(body.terminalSize?.cols ?? 80) || 80;
  const command = body.command.trim().split(/\s+/);
  const session = call.azure.sessions.open("exec", () => run.exec({ command, rows, columns }));
  return { status: 200, body: { webSocketUri: `${socketEndpoint(call)}${session.path}&rows=${rows}&cols=${columns}`, password: session.password } };
};

export const startAttach: Handler = async (call) => {
  const run = runOf(call, groupOf(call));
  const session = call.azure.sessions.open("attach", () => run.attach());
  return { status: 200, body: { webSocketUri: `${socketEndpoint(call)}${session.path}`, password: session.password } };
};

function containerOf(call: Call, group: Group): Container {
  const name = call.parts["container"] ?? "";
  const container = group.containers.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (container === undefined) throw refusals.containerNotFound(group.address.name, name);
  return container;
}

function runOf(call: Call, group: Group): EngineRun {
  if (group.isStopped) throw refusals.stopped(group.address.resourceGroup, group.address.name);
  const { run } = containerOf(call, group);
  if (run === undefined) throw refusals.transitioning(group.address.name);
  return run;
}

function tailOf({ query }: Call): number | undefined {
  const text = query.get("tail");
  if (text === null || text === "") return undefined;
  const tail = Number(text);
  if (!Number.isInteger(tail)) throw new ArmError(400, "InvalidParameter", `The value '${text}' of parameter 'tail' is not a whole number.`);
  return tail > 0 ? tail : undefined;
}

function socketEndpoint({ azure }: Call): string {
  return azure.endpoint.replace(/^http/, "ws");
}

// A cut by bytes may fall into a character; what is left of it is dropped.
function wholeCharacters(output: Buffer): string {
  let start = 0;
  while (start < Math.min(3, output.length) && ((output[start] ?? 0) & 0xc0) === 0x80) start++;
  return output.toString("utf8", start);
}
