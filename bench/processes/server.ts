import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { scripted, startEmulator, type Emulator } from "../../src/emulator/index.js";
import { Child } from "./child.js";

/** Where a server answers, and to whom. */
export interface ServerAddress {
  readonly endpoint: string;
  readonly token: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
}

/** What a server has counted since it was reset. */
export interface ServerCounts {
  readonly requests: number;
  /** Since it was started. */
  readonly connections: number;
  /** Of them at the same time. */
  readonly mostAtOnce: number;
}

type Question = { readonly kind: "start"; readonly startInMs: number } | { readonly kind: "count" } | { readonly kind: "reset" };

/** The emulator with scripted containers in a process of its own, which counts what comes. */
export class Server {
  private constructor(
    readonly child: Child,
    readonly address: ServerAddress,
  ) {}

  static async start({ startInMs }: { readonly startInMs: number }): Promise<Server> {
    const child = new Child("server");
    return new Server(child, await child.ask<ServerAddress>({ kind: "start", startInMs } satisfies Question));
  }

  count(): Promise<ServerCounts> {
    return this.child.ask({ kind: "count" } satisfies Question);
  }

  async reset(): Promise<void> {
    await this.child.ask({ kind: "reset" } satisfies Question);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]();
  }
}

/** What the process of a server does. */
export function serve(): (question: Question) => Promise<unknown> {
  const counts = { requests: 0, connections: 0, mostAtOnce: 0 };
  let [open, emulator]: [number, Emulator | undefined] = [0, undefined];
  // It listens, and would do so for ever if its parent is killed.
  process.once("disconnect", () => process.exit());
  subscribe("http.server.request.start", () => counts.requests++);
  subscribe("net.server.socket", (message) => {
    counts.connections++;
    counts.mostAtOnce = Math.max(counts.mostAtOnce, ++open);
    (message as { readonly socket: Socket }).socket.once("close", () => open--);
  });
  return async (question) => {
    if (question.kind === "start") {
      emulator = await start(question.startInMs);
      const { credential, ...address } = emulator.clientOptions;
      return { ...address, token: (await credential.getToken()).token };
    }
    if (question.kind === "reset") {
      await emulator?.reset();
      await leaveQuotaAlone(emulator);
      [counts.requests, counts.mostAtOnce] = [0, open];
    }
    return counts;
  };
}

async function start(startInMs: number): Promise<Emulator> {
  const work = async (container: { readonly environment: Readonly<Record<string, string>>; readonly sleep: (ms: number) => Promise<void>; readonly print: (text: string) => void }): Promise<number> => {
    await container.sleep(Number(container.environment["RUN_IN_MS"]));
    container.print("done\n");
    return 0;
  };
  const started = await startEmulator({ engine: scripted({ work }), pace: { startInMs } });
  await leaveQuotaAlone(started);
  return started;
}

// A hundred groups are far too few here: a quota that cannot be read is left to Azure, and this one does not enforce it.
async function leaveQuotaAlone(emulator: Emulator | undefined): Promise<void> {
  emulator?.inject({ on: "usages", times: Infinity, answer: { status: 404, code: "NotHere", message: "Not here" } });
  return Promise.resolve();
}
