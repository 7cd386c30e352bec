import http from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ArmOptions } from "../../src/azure/arm-client.js";
import { AzureClock } from "../../src/azure/azure-clock.js";
import { createGateway } from "../../src/azure/create-gateway.js";
import type { ContainerGroupSpec } from "../../src/container-group.js";
import { isAciError } from "../../src/errors.js";
import type { Gateway } from "../../src/gateway.js";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly body: unknown;
}
type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown } | "reset" | "silence";

const SPEC: ContainerGroupSpec = { name: "g", location: "westus", containers: [{ name: "c", image: "alpine", environment: { KEY: { secureValue: "s3cr3t-env" } } }] };
let answers: Answer[];
let seen: Seen[];
let server: http.Server;
let endpoint: string;

beforeEach(async () => {
  [answers, seen] = [[], []];
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      seen.push({ method: request.method ?? "", url: request.url ?? "", token: request.headers.authorization, body: text === "" ? undefined : (JSON.parse(text) as unknown) });
      const answer = answers.shift() ?? { status: 200, body: {} };
      if (answer === "reset") request.socket.destroy();
      else if (answer !== "silence") response.writeHead(answer.status, answer.headers).end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const gateway = (more: Pick<ArmOptions, "requestTimeoutInMs" | "azureClock"> = {}): Gateway =>
  createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint, credential: { getToken: () => Promise.resolve({ token: "s3cr3t-token", expiresOnTimestamp: Date.now() + 3_600_000 }) }, ...more });
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

describe("the gateway", () => {
  it("shows no secret that an answer repeats", async () => {
    const message = `The value s3cr3t-env (${Buffer.from("s3cr3t-env").toString("base64")}) is no good`;
    answers.push({ status: 400, body: { error: { code: "InvalidParameter", message } } });
    const error = await failure(gateway().put(SPEC, {}));
    expect(error).toMatchObject({ serviceCode: "InvalidParameter", serviceText: "The value [secret] ([secret]) is no good" });
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/s3cr3t-env|czNjcjN0LWVudg/u);
  });

  it("sends one request for each verb, with the token", async () => {
    const azure = gateway();
    const group = { id: "/g", name: "g", location: "westus", properties: { provisioningState: "Succeeded" } };
    answers = [{ status: 201, headers: { "azure-asyncoperation": `${endpoint}/op?a=b&t=%2F` }, body: group }, { status: 200, body: group }, { status: 200, body: { value: [group], nextLink: `${endpoint}/more?x=1` } }, { status: 200, body: { value: [] } }, { status: 200, body: group }, { status: 200, body: { content: "hi\n" } }, { status: 204 }, { status: 202, headers: { location: `${endpoint}/op2` } }, { status: 204 }, { status: 200, body: { webSocketUri: "wss://x", password: "p" } }, { status: 202 }, { status: 200, body: { value: [{ name: { value: "StandardCores" }, currentValue: 1, limit: 10 }] } }, { status: 200, body: { status: "Pending", properties: { events: [] } } }];
    expect(await azure.put(SPEC, {})).toMatchObject({ operationUrl: `${endpoint}/op?a=b&t=%2F`, snapshot: { groupName: "g" } });
    await azure.get("g", {});
    const page = await azure.list(undefined, {});
    await azure.list(page.next, {});
    await azure.patchTags("g", { a: "b" }, {});
    expect(await azure.readLogs("g", "c", { tail: 5, isStamped: true })).toBe("hi\n");
    await azure.stop("g", {});
    expect(await azure.start("g", {})).toEqual({ operationUrl: `${endpoint}/op2` });
    await azure.restart("g", {});
    expect(await azure.exec("g", "c", { command: "ls", rows: 24, columns: 80 })).toEqual({ url: "wss://x", password: "p" });
    expect(await azure.delete("g", {})).toBe("accepted");
    expect(await azure.usages("westus", {})).toEqual([{ resource: "StandardCores", used: 1, limit: 10 }]);
    expect(await azure.readOperation(`${endpoint}/op?a=b&t=%2F`, {})).toEqual({ status: "Pending", events: [] });
    const base = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups";
    const version = "?api-version=2023-05-01";
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `PUT ${base}/g${version}`,
      `GET ${base}/g${version}`,
      `GET ${base}${version}`,
      "GET /more?x=1",
      `PATCH ${base}/g${version}`,
      `GET ${base}/g/containers/c/logs${version}&tail=5&timestamps=true`,
      `POST ${base}/g/stop${version}`,
      `POST ${base}/g/start${version}`,
      `POST ${base}/g/restart${version}`,
      `POST ${base}/g/containers/c/exec${version}`,
      `DELETE ${base}/g${version}`,
      `GET /subscriptions/s/providers/Microsoft.ContainerInstance/locations/westus/usages${version}`,
      "GET /op?a=b&t=%2F",
    ]);
    expect(new Set(seen.map(({ token }) => token))).toEqual(new Set(["Bearer s3cr3t-token"]));
  });

  it("knows the time by Azure's clock from its answers, and goes by its own until the first and where one tells none", async () => {
    let now = Date.UTC(2026, 0, 1, 9);
    const azureClock = new AzureClock({ now: () => now });
    const azure = gateway({ azureClock });
    expect(azureClock.now()).toBe(now);
    const group = { id: "/g", name: "g", location: "westus" };
    answers = [{ status: 200, headers: { date: "Thu, 01 Jan 2026 10:20:30 GMT" }, body: group }, { status: 200, headers: { date: "soon" }, body: { value: [] } }];
    await azure.get("g", {});
    now += 1000;
    await azure.list(undefined, {});
    expect(azureClock.now()).toBe(Date.UTC(2026, 0, 1, 10, 20, 31));
    expect(azureClock.behindInMs).toBe(-4_830_000);
  });

  it("is told the time by refusals, too", async () => {
    const azureClock = new AzureClock({ now: () => Date.UTC(2026, 0, 1, 9) });
    answers = [{ status: 404, headers: { date: "Thu, 01 Jan 2026 10:00:00 GMT" }, body: {} }];
    expect(await failure(gateway({ azureClock }).get("g", {}))).toMatchObject({ statusCode: 404 });
    expect(azureClock.behindInMs).toBe(-3_600_000);
  });

  it("is told no time by an answer that takes a minute to be heard, but what it may be by when it was asked and heard", async () => {
    let now = Date.UTC(2026, 0, 1, 9, 0, 30);
    const azureClock = new AzureClock({ now: () => now });
    const azure = gateway({ azureClock });
    const behind: number[] = [];
    for (const [date, inMs] of [["09:00:31", 60_000], ["09:10:00", 60_000], ["09:02:30", 0]] as const) {
      answers = [{ status: 200, headers: { date: `Thu, 01 Jan 2026 ${date} GMT` }, body: { value: [] } }];
      const listed = azure.list(undefined, {});
      now += inMs;
      await listed;
      behind.push(azureClock.behindInMs);
    }
    // Between 30 s before and one after; between 7.5 min and 8.5 ahead; the same within a second.
    expect(behind).toEqual([0, -450_000, -999]);
  });

  it("is as far behind as its answers show, which are in whole seconds", () => {
    const now = Date.UTC(2026, 0, 1, 9, 0, 0, 900);
    const behind = (date: string): number => {
      const azureClock = new AzureClock({ now: () => now });
      azureClock.ask()(`Thu, 01 Jan 2026 ${date} GMT`);
      return azureClock.behindInMs;
    };
    expect(["09:00:00", "08:59:59", "08:59:58", "08:59:50", "09:00:01", "09:01:00"].map(behind)).toEqual([0, 901, 1901, 9901, -100, -59_100]);
  });

  it("lists the groups of the resource group with the times of their creation", async () => {
    const azure = gateway();
    const listed = { id: "/g", name: "g", location: "westus", tags: { a: "b" }, createdTime: "2026-01-01T00:00:00.0000000Z" };
    answers = [{ status: 200, body: { value: [listed], nextLink: `${endpoint}/more?x=1` } }, { status: 200, body: { value: [] } }, { status: 200, body: { value: [] } }];
    const group = { id: "/g", groupName: "g", location: "westus", tags: { a: "b" }, createdAt: listed.createdTime };
    expect(await azure.listCreated(undefined, {})).toEqual({ items: [group], next: `${endpoint}/more?x=1` });
    expect(await azure.listCreated(`${endpoint}/more?x=1`, {})).toEqual({ items: [] });
    await azure.listCreated(undefined, { groupName: "g" });
    const filter = "resourceType eq 'Microsoft.ContainerInstance/containerGroups' and resourceGroup eq 'r'";
    const first = (more = ""): string => `/subscriptions/s/resources?$filter=${filter}${more}&$expand=createdTime&api-version=2021-04-01`;
    expect(seen.map(({ url }) => decodeURIComponent(url))).toEqual([first(), "/more?x=1", first(" and name eq 'g'")]);
  });

  it.each<[string, Answer]>([
    ["500", { status: 500, body: { error: { code: "InternalServerError", message: "Encountered an internal server error." } } }],
    ["503 with Retry-After", { status: 503, headers: { "retry-after": "0" }, body: "<html>busy</html>" }],
    ["429 with Retry-After", { status: 429, headers: { "retry-after": "0" }, body: {} }],
    ["a reset connection", "reset"],
  ])("never sends a PUT again after %s", async (_name, answer) => {
    answers = [answer];
    expect(isAciError(await failure(gateway().put(SPEC, {})))).toBe(true);
    expect(seen).toHaveLength(1);
  });

  it("sends no token to another host, be it a page, an operation or a redirect", async () => {
    const azure = gateway();
    await expect(azure.readOperation("https://evil.example/op", {})).rejects.toMatchObject({ code: "ACI_REQUEST_FAILED", message: expect.stringContaining("another host") as string });
    await expect(azure.list("http://127.0.0.2:1/more", {})).rejects.toThrow("another host");
    answers = [{ status: 307, headers: { location: `${endpoint}/elsewhere` } }];
    await expect(azure.get("g", {})).rejects.toMatchObject({ statusCode: 307 });
    expect(seen).toHaveLength(1);
    expect(() => createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint: "http://azure.example" })).toThrow("`endpoint`");
  });

  it("gives up a request that is not answered, as one that may have had its effect", async () => {
    answers = ["silence"];
    await expect(gateway({ requestTimeoutInMs: 50 }).put(SPEC, {})).rejects.toMatchObject({ transport: "ETIMEDOUT", mayHaveStarted: true, isRetryable: true });
  });

  it("rejects with the caller's reason when the caller aborts", async () => {
    answers = ["silence"];
    const controller = new AbortController();
    const getting = failure(gateway().get("g", { abortSignal: controller.signal }));
    controller.abort(new Error("enough"));
    expect(await getting).toEqual(new Error("enough"));
    await expect(gateway().get("g", { abortSignal: controller.signal })).rejects.toThrow("enough");
  });

  it("waits for an operation to its end and answers it, failed or not", async () => {
    answers = [{ status: 200, body: { status: "Failed", properties: { events: [{ name: "InsufficientCapacity.", message: "none left", type: "Warning", count: 1 }] } } }];
    expect(await gateway().awaitOperation(`${endpoint}/op`, {})).toMatchObject({ status: "Failed", events: [{ kind: "InsufficientCapacity.", text: "none left" }] });
  });

  it("takes a good answer that is not JSON for none at all, whatever it says it is, and shows nothing of it", async () => {
    for (const type of ["application/json", "text/html"]) {
      answers = [{ status: 201, headers: { "content-type": type }, body: '{"name":"g","properties":{"secret":"s3cr3t-env' }];
      const error = await failure(gateway().put(SPEC, {}));
      expect(error, type).toMatchObject({ code: "ACI_REQUEST_FAILED", transport: "EBADBODY", isRetryable: true, mayHaveStarted: true });
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain("s3cr3t");
    }
  });

  it("believes no good answer that is not what was asked for, least of all that something is gone", async () => {
    for (const body of [undefined, {}, [], { value: [] }, "null"]) {
      answers = [{ status: 200, ...(body !== undefined && { body }) }];
      expect(await failure(gateway().get("g", {}))).toMatchObject({ transport: "EBADBODY", isRetryable: true });
    }
    for (const body of [undefined, {}, { name: "g" }]) {
      answers = [{ status: 200, ...(body !== undefined && { body }) }, { status: 200, ...(body !== undefined && { body }) }];
      expect(await failure(gateway().list(undefined, {}))).toMatchObject({ transport: "EBADBODY", isRetryable: true });
      expect(await failure(gateway().listCreated(undefined, {}))).toMatchObject({ transport: "EBADBODY", isRetryable: true });
    }
  });

  it("shows no token that an answer repeats, good or bad, nor one that it was given before", async () => {
    const body = { error: { code: "s3cr3t-token", message: "Bearer s3cr3t-token is no good" } };
    answers = [{ status: 403, headers: { "x-ms-request-id": "s3cr3t-token" }, body }, { status: 200, body: { status: "Failed", error: { message: "with s3cr3t-token" } } }];
    const error = await failure(gateway().get("g", {}));
    expect(error).toMatchObject({ serviceCode: "[secret]", serviceText: "Bearer [secret] is no good", requestId: "[secret]" });
    expect(await gateway().readOperation("/operation", {})).toMatchObject({ errorText: "with [secret]" });
    let asked = 0;
    const credential = { getToken: () => (asked++ === 0 ? Promise.resolve({ token: "s3cr3t-token", expiresOnTimestamp: 0 }) : Promise.reject(new Error("s3cr3t-token is over"))) };
    const moody = createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint, credential });
    answers = [{ status: 200, body: { name: "g" } }];
    await moody.get("g", {});
    expect(await failure(moody.get("g", {}))).toMatchObject({ message: expect.stringContaining("[secret] is over") as unknown });
  });

  it("keeps secrets out of whatever it throws", async () => {
    answers = [{ status: 400, body: { error: { code: "BadRequest", message: "no" } } }, "reset"];
    for (let i = 0; i < 2; i++) {
      const error = await failure(gateway().put(SPEC, {}));
      expect(inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error)).not.toContain("s3cr3t");
    }
    const credential = { getToken: () => Promise.reject(Object.assign(new Error("no login"), { name: "CredentialUnavailableError" })) };
    await expect(createGateway({ subscriptionId: "s", resourceGroup: "r", endpoint, credential }).get("g", {})).rejects.toMatchObject({ code: "ACI_CREDENTIAL", transport: "noCredential" });
  });

  it.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": " 7 " }, 7000],
    [{ "retry-after-ms": "250", "retry-after": "7" }, 250],
    [{ "x-ms-retry-after-ms": "100" }, 100],
    [{ "retry-after": "Tue, 24 Nov 2026 10:00:30 GMT", date: "Tue, 24 Nov 2026 10:00:00 GMT" }, 30_000],
    [{ "retry-after": "Tue, 24 Nov 2026 09:00:00 GMT", date: "Tue, 24 Nov 2026 10:00:00 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("reads how long to wait from %j", async (headers, expected) => {
    answers = [{ status: 429, headers, body: {} }];
    expect(((await failure(gateway().get("g", {}))) as { retryAfterInMs?: number }).retryAfterInMs).toBe(expected);
  });

  it.each([
    [{ error: { code: "DeploymentFailed", message: "x", details: [{ code: "ContainerGroupQuotaReached", message: "quota 'ContainerGroups' exceeded" }] } }, { serviceCode: "ContainerGroupQuotaReached", code: "ACI_QUOTA_EXCEEDED" }],
    [{ status: "Failed", error: { code: "ResourceOperationFailure", message: "x", details: [{ message: "The requested resource is not available in the location 'x'" }] } }, { code: "ACI_CAPACITY" }],
    ["not json", { serviceCode: undefined, code: "ACI_REQUEST_FAILED", statusCode: 409 }],
    [null, { code: "ACI_REQUEST_FAILED" }],
  ])("finds the service's own words in %j", async (body, expected) => {
    answers = [{ status: 409, headers: { "x-ms-request-id": "westus:1" }, body }];
    expect(await failure(gateway().get("g", {}))).toMatchObject({ requestId: "westus:1", ...expected });
  });
});
