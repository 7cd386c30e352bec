import http from "node:http";
import type { Duplex, Readable } from "node:stream";

/** The engine answered with an error of its own. */
export class DockerError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {
    super(`Docker answered ${status}: ${reason}`);
  }
}

export interface DockerRequest {
  readonly query?: Readonly<Record<string, unknown>>;
  /** JSON, or bytes as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

// The newest version of the API that was tried; an older engine is asked in its own.
const NEWEST_MINOR = 47;

// The little that is needed of Docker's API, over a unix socket. Long requests each take a connection of their own, so
// that they cannot keep the others waiting.
export class DockerClient {
  readonly #socketPath: string;
  readonly #outgoing = new Set<http.ClientRequest>();
  #isClosed = false;
  #version: Promise<string> | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  // Breaks off whatever is asked, and asks nothing more.
  close(): void {
    this.#isClosed = true;
    for (const outgoing of this.#outgoing) outgoing.destroy();
  }

  // Sends a request and reads its answer: JSON, text, or nothing.
  async call<T = unknown>(method: string, path: string, request: DockerRequest = {}): Promise<T> {
    const response = await this.stream(method, path, request);
    const text = (await readAll(response)).toString();
    const isJson = (response.headers["content-type"] ?? "").includes("json");
    return (text === "" ? undefined : isJson ? JSON.parse(text) : text) as T;
  }

  // Sends a request whose answer is read while it comes.
  async stream(method: string, path: string, request: DockerRequest = {}): Promise<http.IncomingMessage> {
    const outgoing = await this.#open(method, path, request);
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => outgoing.once("response", resolve).once("error", reject));
    // It leads elsewhere where a path was none.
    if ((response.statusCode ?? 500) >= 300) throw await errorOf(response);
    return response;
  }

  // Turns a connection into a raw one, for a terminal.
  async hijack(path: string, body: unknown): Promise<Duplex> {
    const outgoing = await this.#open("POST", path, { body, headers: { Connection: "Upgrade", Upgrade: "tcp" } });
    return new Promise((resolve, reject) => {
      outgoing.once("upgrade", (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      outgoing.once("response", (response) => void errorOf(response).then(reject, reject));
      outgoing.once("error", reject);
    });
  }

  async #open(method: string, path: string, { query = {}, body, headers = {} }: DockerRequest): Promise<http.ClientRequest> {
    this.#version ??= this.#negotiate();
    const fields = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = fields.map(([name, value]) => `${name}=${encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value))}`).join("&");
    const data = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const content = data === undefined ? {} : { "Content-Type": Buffer.isBuffer(body) ? "application/x-tar" : "application/json", "Content-Length": Buffer.byteLength(data) };
    const version = await this.#version;
    if (this.#isClosed) throw new Error("The emulator has let go of Docker");
    const outgoing = http.request({ socketPath: this.#socketPath, method, path: `/v${version}${path}${search === "" ? "" : `?${search}`}`, headers: { Host: "docker", ...content, ...headers }, agent: false });
    this.#outgoing.add(outgoing);
    outgoing.once("close", () => this.#outgoing.delete(outgoing));
    outgoing.end(data);
    return outgoing;
  }

  async #negotiate(): Promise<string> {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => http.get({ socketPath: this.#socketPath, path: "/_ping", agent: false }, resolve).once("error", reject));
    response.resume();
    const minor = Number(String(response.headers["api-version"] ?? "1.41").split(".")[1]);
    return `1.${Math.min(minor, NEWEST_MINOR)}`;
  }
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function errorOf(response: http.IncomingMessage): Promise<DockerError> {
  const text = (await readAll(response)).toString();
  let reason = text;
  try {
    reason = (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    // Not every error is JSON.
  }
  return new DockerError(response.statusCode ?? 500, reason);
}
