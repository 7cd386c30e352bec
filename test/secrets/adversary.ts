import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CANARIES, formsOf } from "./canaries.js";

export type HeardKind = "create" | "get" | "list" | "patch" | "delete" | "logs" | "operation" | "resources";

/** A request as it was heard. */
export interface Heard {
  readonly kind: HeardKind;
  /** How many of this kind came before it. */
  readonly nth: number;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What is done to a request: nothing, a broken connection before or after its effect or in the middle of the answer, an answer of our own, or the true one changed. */
export type Tampering = undefined | "loseBefore" | "loseAfter" | "cut" | (Partial<Answered> & { readonly isAfterEffect?: boolean }) | ((answered: Answered) => Answered);

/** Stands between the library and the emulator, and repeats in everything it makes up what it was told in confidence. */
export class Adversary {
  readonly #server: Server;
  readonly #counts = new Map<HeardKind, number>();
  tamper: (heard: Heard) => Tampering = () => undefined;
  /** Told of what has been answered to a create, whatever becomes of the answer. */
  onCreated: () => Promise<void> = () => Promise.resolve();
  /** Whether it goes on about what it was told of the group before. */
  isTalkative = true;
  /** How often it has struck. */
  struck = 0;
  readonly creates: Heard[] = [];
  /** What it may be told in confidence besides, by the job of this run alone. */
  confided: readonly string[] = [];

  constructor(private readonly target: string) {
    this.#server = createServer((request, response) => void this.#serve(request, response).catch(() => request.socket.destroy()));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** What a service says that cannot keep to itself what it was told. */
  echo({ headers, body }: Heard): string {
    const bodies = this.isTalkative ? this.creates.map((create) => create.body) : [];
    const isTold = (secret: string): boolean => bodies.some((told) => told.includes(JSON.stringify(secret).slice(1, -1)) || told.includes(Buffer.from(secret).toString("base64")));
    const told = [...Object.values(CANARIES), ...this.confided].filter((secret) => secret === CANARIES["bearer token"] || isTold(secret));
    const written = told.flatMap((secret) => Object.entries(formsOf(secret)).filter(([form]) => !/half|halves|reversed/u.test(form)).map(([, text]) => text));
    const own = [JSON.stringify(headers), body, Buffer.from(body).toString("base64"), encodeURIComponent(body)];
    return [...own, ...written].join(" | ");
  }

  /** An error answer with the echo in its message, its details and its request id. */
  refuse(heard: Heard, status: number, code: string, message = "", headers: Readonly<Record<string, string>> = {}): Tampering {
    const echo = `${message} ${this.echo(heard)}`;
    const id = formsOf(CANARIES["bearer token"])["URL-encoded"] ?? "";
    return { status, headers: { "x-ms-request-id": `${id} ${CANARIES["bearer token"]}`, ...headers }, text: JSON.stringify({ error: { code, message: echo, details: [{ code, message: echo }] } }) };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const heard = await this.#hear(request);
    if (heard.kind === "create") this.creates.push(heard);
    const tampering = this.tamper(heard);
    if (tampering !== undefined) this.struck++;
    const isLost = tampering === "loseBefore" || (typeof tampering === "object" && tampering.isAfterEffect !== true);
    const answered = isLost ? undefined : await this.forward(heard);
    if (heard.kind === "create" && answered !== undefined) await this.onCreated();
    if (tampering === "loseBefore" || tampering === "loseAfter") return void request.socket.destroy();
    const made = typeof tampering === "object" ? { status: 500, headers: {}, text: "", ...tampering } : typeof tampering === "function" ? tampering(answered as Answered) : (answered as Answered);
    const text = Buffer.from(made.text);
    for (const [name, value] of Object.entries({ "content-type": "application/json", ...made.headers })) response.setHeader(name, value);
    response.setHeader("content-length", text.length);
    response.statusCode = made.status;
    if (tampering !== "cut") return void response.end(text);
    response.write(text.subarray(0, Math.floor(text.length / 2)));
    setTimeout(() => request.socket.destroy(), 5);
  }

  async #hear(request: IncomingMessage): Promise<Heard> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "GET", url = "/", headers } = request;
    const kind = kindOf(method, url);
    const nth = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, nth + 1);
    return { kind, nth, method, url, headers, body: Buffer.concat(chunks).toString() };
  }

  /** Sends a request on, and makes the addresses in the answer lead here. */
  async forward({ method, url, headers, body }: Pick<Heard, "method" | "url" | "headers" | "body">): Promise<Answered> {
    const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !["host", "connection", "content-length", "transfer-encoding"].includes(name)));
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      send(`${this.target}${url}`, { method, headers: { ...rest, ...(body !== "" && { "content-length": Buffer.byteLength(body) }) } }, resolve).on("error", reject).end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const kept = Object.entries(answer.headers).filter(([name]) => !["content-length", "connection", "keep-alive", "transfer-encoding", "x-ms-routing-request-id"].includes(name));
    return { status: answer.statusCode ?? 0, headers: Object.fromEntries(kept.map(([name, value]) => [name, this.#lead(String(value))])), text: this.#lead(Buffer.concat(chunks).toString()) };
  }

  #lead(text: string): string {
    return text.replaceAll(this.target, this.endpoint);
  }
}

function kindOf(method: string, url: string): HeardKind {
  const path = url.replace(/\?.*$/u, "");
  if (/\/logs$/u.test(path)) return "logs";
  if (/\/operations\//iu.test(path)) return "operation";
  if (/\/resources$/u.test(path)) return "resources";
  if (/\/containerGroups$/iu.test(path)) return "list";
  const kinds: Readonly<Record<string, HeardKind>> = { PUT: "create", PATCH: "patch", DELETE: "delete" };
  return kinds[method] ?? "get";
}
