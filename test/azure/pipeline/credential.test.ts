import type { AccessToken } from "@azure/core-auth";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createGateway } from "../../../src/azure/create-gateway.js";
import type { Gateway } from "../../../src/gateway.js";

const SPEC = { name: "g", location: "westus", containers: [{ name: "c", image: "alpine" }] };
const TOKEN: AccessToken = { token: "t", expiresOnTimestamp: Date.now() + 3_600_000 };
let requests: string[];
let plain: string;
const server = http.createServer(({ method = "" }, response) => {
  requests.push(method);
  response.end(JSON.stringify({ name: "g" }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  plain = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
// Only those timers stand still that a program sets: sockets have their own.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  requests = [];
});
afterEach(() => vi.useRealTimers());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const TIMEOUT_IN_MS = 60_000;
const over = (endpoint: string, getToken: () => Promise<AccessToken>): Gateway =>
  createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint, credential: { getToken }, requestTimeoutInMs: TIMEOUT_IN_MS });
// What comes of a request that nobody answers in its time.
async function tooLate(request: Promise<unknown>): Promise<unknown> {
  const failure = request.then(() => undefined, (error: unknown) => error);
  await vi.advanceTimersByTimeAsync(TIMEOUT_IN_MS);
  return failure;
}

describe("a credential that never answers", () => {
  // Plain http has a policy of our own, https that of Azure, which keeps one question for all requests. Nothing listens there.
  it.each(["http", "https"])("fails the request in its time, of which nothing was sent, and not the next one (%s)", async (scheme) => {
    let isHanging = true;
    const gateway = over(scheme === "http" ? plain : "https://127.0.0.1:1", () => (isHanging ? new Promise(() => undefined) : Promise.resolve(TOKEN)));
    expect(await tooLate(gateway.put(SPEC, {}))).toMatchObject({ code: "ACI_CREDENTIAL", transport: "noCredential", isRetryable: true, mayHaveStarted: false });
    expect(requests).toEqual([]);
    isHanging = false;
    if (scheme === "http") await expect(gateway.get("g", {})).resolves.toMatchObject({ groupName: "g" });
    // The question that never is answered is given up in the same time.
    else await expect(gateway.get("g", {})).rejects.toMatchObject({ transport: "ECONNREFUSED" });
  });

  it("leaves the caller free to go", async () => {
    const leaving = new AbortController();
    const asked = over(plain, () => new Promise(() => undefined)).get("g", { abortSignal: leaving.signal });
    leaving.abort(new Error("the user left"));
    await expect(asked).rejects.toThrow("the user left");
  });

  it("sends nothing when it answers after all", async () => {
    let answer: (token: AccessToken) => void = () => undefined;
    let asked = 0;
    const gateway = over(plain, () => (asked++ === 0 ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(TOKEN)));
    expect(await tooLate(gateway.put(SPEC, {}))).toMatchObject({ transport: "noCredential" });
    answer(TOKEN);
    await gateway.get("g", {});
    expect(requests).toEqual(["GET"]);
  });
});

describe("a credential that fails", () => {
  const failures: readonly [string, () => Promise<AccessToken>][] = [
    ["with an error of its own", () => Promise.reject(new Error("no login"))],
    ["with a mistake", () => Promise.reject(new TypeError("no login"))],
    ["with a network's error", () => Promise.reject(Object.assign(new Error("no login"), { code: "ECONNREFUSED" }))],
    ["with no error", () => Promise.reject("no login")],
    ["with Microsoft's", () => Promise.reject(Object.assign(new Error("no login"), { name: "CredentialUnavailableError" }))],
  ];

  it.each(failures.flatMap(([how, getToken]) => ["http", "https"].map((scheme) => [how, scheme, getToken] as const)))("%s has sent nothing, and says so (%s)", async (_how, scheme, getToken) => {
    const gateway = over(scheme === "http" ? plain : "https://127.0.0.1:1", getToken);
    await expect(gateway.put(SPEC, {})).rejects.toMatchObject({ code: "ACI_CREDENTIAL", transport: "noCredential", mayHaveStarted: false, message: expect.stringContaining("no login") as string });
    expect(requests).toEqual([]);
  });

  it("after it has given a token is told from one that never has", async () => {
    let isDown = false;
    const credential = { getToken: () => (isDown ? Promise.reject(new Error("no answer")) : Promise.resolve(TOKEN)) };
    const gateway = createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint: plain, credential });
    await gateway.get("g", {});
    isDown = true;
    await expect(gateway.put(SPEC, {})).rejects.toMatchObject({ code: "ACI_CREDENTIAL", transport: "credential", isRetryable: true });
    // Whichever client it was.
    const other = createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint: plain, credential });
    await expect(other.get("g", {})).rejects.toMatchObject({ transport: "credential" });
  });

  it.each(["http", "https"])("to give a token says so (%s)", async (scheme) => {
    const gateway = over(scheme === "http" ? plain : "https://127.0.0.1:1", () => Promise.resolve(null) as unknown as Promise<AccessToken>);
    await expect(gateway.put(SPEC, {})).rejects.toMatchObject({ code: "ACI_CREDENTIAL", message: expect.stringContaining("gave no token") as string });
  });

  it.each(["http", "https"])("was asked for a token for the endpoint (%s)", async (scheme) => {
    const asked: unknown[] = [];
    const endpoint = scheme === "http" ? plain : "https://127.0.0.1:1";
    const gateway = over(endpoint, ((scopes: unknown) => (asked.push([scopes].flat()), Promise.reject(new Error("no login")))) as never);
    await expect(gateway.get("g", {})).rejects.toThrow("no login");
    expect(asked).toEqual([[`${endpoint}/.default`]]);
  });
});
