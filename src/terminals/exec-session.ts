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
  // A command that ends before it has read everything is no failure of ours; its output tells what became of it.
  if (stdin !== undefined) void feed(session, stdin).catch(() => undefined);
  return session;
}

async function feed(session: ExecSession, stdin: NonNullable<ExecOptions["stdin"]>): Promise<void> {
  const parts = typeof stdin === "string" || stdin instanceof Uint8Array ? [stdin] : stdin;
  for await (const part of parts) await session.write(part);
  await session.end();
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
