import { setTimeout as delay } from "node:timers/promises";
import type { AccessToken } from "@azure/core-auth";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createGateway } from "../../../src/azure/create-gateway.js";
import type { Gateway } from "../../../src/gateway.js";

const SPEC = { name: "g", location: "westus", containers: [{ name: "c", image: "alpine" }] };
const TOKEN: AccessToken = { token: "t", expiresOnTimestamp: Date.now() + 3_600_000 };
let requests = 0;
let plain: string;
const server = http.createServer((_request, response) => {
  requests++;
  response.end(JSON.stringify({ name: "g" }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  plain = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  requests = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const over = (endpoint: string, getToken: () => Promise<AccessToken>): Gateway =>
  createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint, credential: { getToken }, requestTimeoutInMs: 50 });

describe("a credential that never answers", () => {
  // Plain http has a policy of our own, https that of Azure, which keeps one question for all requests. Nothing listens there.
  it.each(["http", "https"])("fails the request in its time, of which nothing was sent, and not the next one (%s)", async (scheme) => {
    let isHanging = true;
    const gateway = over(scheme === "http" ? plain : "https://127.0.0.1:1", () => (isHanging ? new Promise(() => undefined) : Promise.resolve(TOKEN)));
    await expect(gateway.put(SPEC, {})).rejects.toMatchObject({ code: "ACI_CREDENTIAL", transport: "credential", isRetryable: true, mayHaveStarted: false });
    expect(requests).toBe(0);
    isHanging = false;
    if (scheme === "http") await expect(gateway.get("g", {})).resolves.toMatchObject({ groupName: "g" });
    // The question that never is answered is given up a moment after the request that asked it.
    else await vi.waitFor(() => expect(gateway.get("g", {})).rejects.toMatchObject({ transport: "ECONNREFUSED" }));
  });

  it("leaves the caller free to go", async () => {
    const leaving = new AbortController();
    const asked = over(plain, () => new Promise(() => undefined)).get("g", { abortSignal: leaving.signal });
    leaving.abort(new Error("the user left"));
    await expect(asked).rejects.toThrow("the user left");
  });

  it("sends nothing when it answers after all", async () => {
    let answer: (token: AccessToken) => void = () => undefined;
    const gateway = over(plain, () => new Promise((resolve) => (answer = resolve)));
    await expect(gateway.put(SPEC, {})).rejects.toMatchObject({ transport: "credential" });
    answer(TOKEN);
    await delay(20);
    expect(requests).toBe(0);
  });
});
