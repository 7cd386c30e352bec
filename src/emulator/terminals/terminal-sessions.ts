import { randomHex } from "../../internal/random.js";
import type { EngineTerminal } from "../engine.js";
import { guid } from "../guid.js";

/** A terminal that was asked for and waits for its web socket. */
export interface TerminalSession {
  readonly kind: "exec" | "attach";
  readonly path: string;
  readonly password: string;
  open(): Promise<EngineTerminal>;
}

/** The sessions of exec and attach that wait for their web socket. Each is good for one. */
export class TerminalSessions {
  readonly #waiting = new Map<string, TerminalSession>();

  open(kind: TerminalSession["kind"], open: () => Promise<EngineTerminal>): TerminalSession {
    const id = guid();
    const path = `/${kind === "exec" ? "execstream" : "logstream"}/sessionId/${id}?api-version=1.0`;
    const session = { kind, path, password: `${randomHex(32).slice(0, 25)}[[EOM]]`, open };
    this.#waiting.set(id, session);
    return session;
  }

  /** Takes the session that a web socket asks for. */
  take(path: string): TerminalSession | undefined {
    const [, kind, id = ""] = /^\/(execstream|logstream)\/sessionId\/([0-9a-f-]{36})(?:\?|$)/.exec(path) ?? [];
    const session = this.#waiting.get(id);
    if (session === undefined || (kind === "execstream") !== (session.kind === "exec")) return undefined;
    this.#waiting.delete(id);
    return session;
  }

  clear(): void {
    this.#waiting.clear();
  }
}
