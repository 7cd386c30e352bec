import { randomUUID } from "node:crypto";
import type { HttpHeaders, HttpMethods, PipelineRequest } from "@azure/core-rest-pipeline";

/** What is sent. */
export interface Sent {
  readonly url: string;
  readonly method: HttpMethods;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly abortSignal: AbortSignal;
  readonly allowInsecureConnection: boolean;
}

// A request as Microsoft's pipeline takes it. Their own functions for that are not imported, because Node would load all of the
// pipeline once more: their client loads it as CommonJS, whoever imports the client.
export function armRequest({ headers, body, ...sent }: Sent): PipelineRequest {
  const request: PipelineRequest = { ...sent, headers: new Headers(headers), timeout: 0, withCredentials: false, requestId: randomUUID() };
  if (body !== undefined) request.body = body;
  return request;
}

// Names of any case, each kept as it was written.
class Headers implements HttpHeaders {
  readonly #values = new Map<string, readonly [name: string, value: string]>();

  constructor(headers: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(headers)) this.set(name, value);
  }

  get(name: string): string | undefined {
    return this.#values.get(name.toLowerCase())?.[1];
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string | number | boolean): void {
    this.#values.set(name.toLowerCase(), [name, String(value).trim().replace(/[\r\n]/gu, "")]);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  toJSON({ preserveCase = false }: { readonly preserveCase?: boolean } = {}): Record<string, string> {
    return Object.fromEntries([...this.#values].map(([lower, [name, value]]) => [preserveCase ? name : lower, value]));
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return [...this.#values.values()].map(([name, value]): [string, string] => [name, value]).values();
  }
}
