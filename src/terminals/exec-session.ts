import { failUnseen } from "../lifecycle/expect.js";
import { textOf, type OpenSocket } from "./web-socket.js";
import type { ExecOptions } from "./exec-options.js";
import type { ExecSession } from "./terminal-session.js";

const END_OF_INPUT = "\u0004";
const CARRIAGE_RETURN = 13;

// The session of a command over its web socket.
export function execSession(socket: OpenSocket, { stdin, tty = false }: ExecOptions): ExecSession {
  const output = tty ? socket.output : plainLines(socket.output);
  const end = (): Promise<void> => socket.send(END_OF_INPUT);
  const session: ExecSession = {
    output,
    text: () => textOf(output),
    write: (data) => socket.send(data),
    end,
    close: () => socket.close(),
    [Symbol.asyncDispose]: () => socket.close(),
  };
  if (stdin !== undefined) void feed(session, stdin).catch((error: unknown) => socket.fail(error));
  return session;
}

// Sends all of an input, and rejects where that fails.
async function feed(session: ExecSession, stdin: NonNullable<ExecOptions["stdin"]>): Promise<void> {
  const parts = typeof stdin === "string" || stdin instanceof Uint8Array ? [stdin] : stdin;
  for await (const part of parts) {
    if (typeof part !== "string" && !((part as unknown) instanceof Uint8Array)) failUnseen("stdin", "something that gives strings or Uint8Arrays", part);
    if (!(await isTaken(session.write(part)))) return;
  }
  await isTaken(session.end());
}

// A command that ends before it has read everything is no failure of ours; its output tells what became of it.
function isTaken(sent: Promise<void>): Promise<boolean> {
  return sent.then(() => true, () => false);
}

// A terminal ends its lines by carriage return and newline. The two may come apart.
async function* plainLines(output: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isReturnHeld = false;
  for await (const part of output) {
    const held: string = isReturnHeld ? "\r" : "";
    isReturnHeld = part.at(-1) === CARRIAGE_RETURN;
    const whole = held + Buffer.from(isReturnHeld ? part.subarray(0, -1) : part).toString("latin1");
    if (whole.length > 0) yield Buffer.from(whole.replaceAll("\r\n", "\n"), "latin1");
  }
  if (isReturnHeld) yield Buffer.from("\r");
}
