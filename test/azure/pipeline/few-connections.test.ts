import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { createPipelineRequest, type PipelineRequest, type PipelineResponse } from "@azure/core-rest-pipeline";
import { beforeEach, expect, it, vi } from "vitest";
import { createGateway } from "../../../src/azure/create-gateway.js";
import type { Gateway } from "../../../src/gateway.js";

beforeEach(() => {
  vi.resetModules();
});

const sent = async (request: PipelineRequest): Promise<PipelineRequest> => {
  const { fewConnections } = await import("../../../src/azure/pipeline/few-connections.js");
  await fewConnections().sendRequest(request, () => Promise.resolve({} as PipelineResponse));
  return request;
};

it("opens no more than 64 connections for a thousand requests at once of two clients", async () => {
  let opened = 0;
  const group = JSON.stringify({ name: "g", location: "westus", properties: { containers: [] } });
  const server = http.createServer((_request, response) => void response.writeHead(200).end(group));
  server.on("connection", () => opened++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credential = { getToken: () => Promise.resolve({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const gateways = ["one", "other"].map((subscriptionId): Gateway => createGateway({ subscriptionId, resourceGroup: "r", endpoint, credential }));
  try {
    const asked = gateways.flatMap((gateway) => Array.from({ length: 500 }, (_unused, index) => gateway.get(`g-${index}`, {})));
    expect((await Promise.all(asked)).length).toBe(1000);
    expect(opened).toBe(64);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it("leaves a request the agent that it has, such as that of a proxy", async () => {
  const request = createPipelineRequest({ url: "https://management.azure.com/" });
  request.agent = new http.Agent();
  const { agent } = request;
  expect((await sent(request)).agent).toBe(agent);
});

it("trusts whom Node's own agent trusts, and leaves one that a program has put in its place to do its work", async () => {
  const { globalAgent } = https;
  globalAgent.options.ca = "a certificate";
  try {
    const { agent } = await sent(createPipelineRequest({ url: "https://management.azure.com/" }));
    expect((agent as https.Agent).options).toMatchObject({ ca: "a certificate", maxSockets: 64 });
    https.globalAgent = new (class extends https.Agent {})();
    expect((await sent(createPipelineRequest({ url: "https://management.azure.com/" }))).agent).toBeUndefined();
  } finally {
    https.globalAgent = globalAgent;
    delete globalAgent.options.ca;
  }
});
