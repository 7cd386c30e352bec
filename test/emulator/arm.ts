import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Emulator } from "aci-lifecycle/emulator";

export interface ArmResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: ArmBody;
}

/** Every field that any answer has; which of them are there is what tests look at. */
export interface ArmBody {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly location: string;
  readonly tags: Record<string, string>;
  readonly createdTime: string;
  readonly properties: GroupProperties;
  readonly error: { readonly code: string; readonly message: string };
  readonly value: readonly ArmBody[];
  readonly nextLink: string;
  readonly content: string;
  readonly webSocketUri: string;
  readonly password: string;
}

export interface GroupProperties {
  readonly provisioningState: string;
  readonly events: readonly EventBody[];
  readonly instanceView: { readonly state: string; readonly events: readonly EventBody[] };
  readonly containers: readonly [ContainerBody, ...ContainerBody[]];
  readonly initContainers: readonly ContainerBody[];
  readonly ipAddress: { readonly ip: string };
  readonly volumes: unknown;
}

export interface EventBody {
  readonly name: string;
  readonly message: string;
  readonly count: number;
}

export interface ContainerBody {
  readonly name: string;
  readonly properties: {
    readonly environmentVariables: unknown;
    readonly resources: { readonly requests: unknown };
    readonly instanceView?: { readonly currentState: StateBody; readonly previousState?: StateBody; readonly restartCount: number; readonly events: readonly EventBody[] };
  };
}

interface StateBody {
  readonly state: string;
  readonly exitCode?: number;
}

export interface ArmRequest {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly apiVersion?: string;
}

/** Sends one request as a client would; `path` begins below the emulator's resource group, or with `/subscriptions`. */
export function arm(emulator: Pick<Emulator, "endpoint" | "clientOptions" | "environment">, method: string, path: string, options: ArmRequest = {}): Promise<ArmResponse> {
  const { subscriptionId, resourceGroup } = emulator.clientOptions;
  const prefix = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance`;
  const whole = path.startsWith("/") ? path : `${prefix}/${path}`;
  const url = `${emulator.endpoint}${whole}${whole.includes("?") ? "&" : "?"}${options.apiVersion === "" ? "" : `api-version=${options.apiVersion ?? "2023-05-01"}`}`;
  return send(url, method, { authorization: `Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}`, ...options.headers }, options.body);
}

/** Follows the URL that an answer names. */
export function follow(emulator: Emulator, url: string | undefined): Promise<ArmResponse> {
  return send(url ?? "", "GET", { authorization: `Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}` }, undefined);
}

export function send(url: string, method: string, headers: Record<string, string>, body: unknown): Promise<ArmResponse> {
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const content = text === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
    const request = url.startsWith("https:") ? httpsRequest : httpRequest;
    const outgoing = request(url, { method, agent: false, headers: { ...content, ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const answer = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, body: (answer === "" ? undefined : JSON.parse(answer)) as ArmBody });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

/** A group body with one container; the parts given replace those of it. */
export function groupBody(image: string, properties: object = {}, container: object = {}): { readonly location: string; readonly properties: object } {
  const resources = { requests: { cpu: 1, memoryInGB: 1.5 } };
  return {
    location: "westeurope",
    properties: { osType: "Linux", restartPolicy: "Never", containers: [{ name: "main", properties: { image, resources, ...container } }], ...properties },
  };
}
