import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { CheckAnswer, EngineCheck } from "../engine.js";

// As much of what a command says as Kubernetes reads.
const MOST_SAID_IN_BYTES = 10 * 1024;

type Page = Extract<EngineCheck, { kind: "httpGet" }>;

/** How long a look may take, and what makes it pointless. */
export interface CheckLimits {
  readonly timeoutInMs: number;
  readonly abortSignal: AbortSignal;
}

// What the network says where nobody is at an address, or no way leads to it.
const UNREACHED = new Set(["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "ETIMEDOUT"]);

/** What came of asking for a page, and whether anybody was at its address: also who refuses a connection is. */
export interface PageAnswer extends CheckAnswer {
  readonly isReached: boolean;
}

/** Gets a page as the kubelet does: any status from 200 to 399 is well, and certificates are not looked at. */
export function getPage({ scheme, port, path, headers }: Page, host: string, limits: CheckLimits): Promise<PageAnswer> {
  const url = `${scheme}://${host}:${port}${path}`;
  return new Promise((resolve) => {
    let isConnected = false as boolean;
    const failed = (detail: string, isReached = true): void => resolve({ outcome: "failed", detail, isReached });
    const options = { host, port, path, agent: false, headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])), rejectUnauthorized: false };
    const outgoing = (scheme === "https" ? httpsRequest : httpRequest)(options, ({ statusCode = 0 }) => {
      if (statusCode >= 200 && statusCode < 400) resolve({ outcome: "passed", detail: "", isReached: true });
      else failed(`HTTP probe failed with statuscode: ${statusCode}`);
      outgoing.destroy();
    });
    const release = onceOver(limits, () => {
      failed(`Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`, isConnected);
      outgoing.destroy();
    });
    outgoing.once("socket", (socket) => socket.once("connect", () => (isConnected = true)));
    outgoing.once("close", release);
    outgoing.on("error", (error: NodeJS.ErrnoException) => failed(`Get "${url}": ${error.code === "ECONNREFUSED" ? `dial tcp ${host}:${port}: connect: connection refused` : error.message}`, isConnected || !UNREACHED.has(error.code ?? "")));
    outgoing.end();
  });
}

/** Calls `end` when a look has taken too long or is pointless, unless it is released before. */
export function onceOver({ timeoutInMs, abortSignal }: CheckLimits, end: () => void): () => void {
  // Node's timers take no more than this; a look that waits for weeks may as well wait for some days.
  const late = setTimeout(end, Math.min(timeoutInMs, 2 ** 31 - 1));
  abortSignal.addEventListener("abort", end, { once: true });
  const release = (): void => {
    clearTimeout(late);
    abortSignal.removeEventListener("abort", end);
  };
  if (abortSignal.aborted) end();
  return release;
}

/** Kubernetes' words for a command that was not done in time. */
export function commandTimedOut(command: readonly string[], { timeoutInMs }: CheckLimits): CheckAnswer {
  return { outcome: "failed", detail: `command timed out: "${command.join(" ")}" timed out after ${timeoutInMs / 1000}s` };
}

/** What a command has said so far, as far as it is read. */
export class Said {
  readonly #parts: Buffer[] = [];
  #length = 0;

  add(data: Buffer): void {
    if (this.#length < MOST_SAID_IN_BYTES) this.#parts.push(data.subarray(0, MOST_SAID_IN_BYTES - this.#length));
    this.#length += data.length;
  }

  /** The answer of a command that has ended so. */
  answer(exitCode: number | null): CheckAnswer {
    return { outcome: exitCode === 0 ? "passed" : "failed", detail: Buffer.concat(this.#parts).toString("utf8").trimEnd() };
  }
}
