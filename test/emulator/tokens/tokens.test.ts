import { ClientSecretCredential, ManagedIdentityCredential } from "@azure/identity";
import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { arm, send } from "../arm.js";
import { expiredToken, Tokens } from "../../../src/emulator/tokens/tokens.js";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("a token", () => {
  const tokens = new Tokens("the secret of this emulator");
  it("is let in until it expires, and only if it was made with the secret", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    const { text, expiresInS } = tokens.issue("https://management.azure.com", "me", now);
    expect(tokens.refuse(`Bearer ${text}`, now + 1000)).toBeUndefined();
    expect(tokens.refuse(`bearer ${text}`, now + 1000)).toBeUndefined();
    expect(tokens.refuse(`Bearer ${text}`, now + expiresInS * 1000)).toEqual(expiredToken(now + expiresInS * 1000, now + expiresInS * 1000));
    const [head, claims, signature] = text.split(".");
    const forged = Buffer.from(JSON.stringify({ exp: 9e9 })).toString("base64url");
    for (const wrong of [`${head}.${forged}.${signature}`, `${head}.${claims}.`, `${head}.${claims}`, "..", "x", new Tokens("another secret of 20").issue("a", "b", now).text]) {
      expect(tokens.refuse(`Bearer ${wrong}`, now)?.code, wrong).toBe("InvalidAuthenticationToken");
    }
    expect(tokens.refuse(`Basic ${text}`, now)?.code).toBe("InvalidAuthenticationToken");
    expect(tokens.refuse(undefined)?.code).toBe("AuthenticationFailed");
  });
});

describe("the token endpoints", () => {
  let emulator: Emulator;
  let secret: string;
  beforeAll(async () => {
    emulator = await startEmulator({ engine: scripted({}), https: true });
    secret = emulator.environment["ACI_EMULATOR_TOKEN"] ?? "";
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  });
  afterAll(async () => {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    await emulator.close();
  });
  afterEach(() => vi.unstubAllEnvs());
  const use = async (token: string): Promise<number> => (await send(`${emulator.endpoint}/subscriptions?api-version=2022-12-01`, "GET", { authorization: `Bearer ${token}` }, undefined)).status;

  it("serve a service principal of @azure/identity whose secret is the emulator's token", async () => {
    const credential = new ClientSecretCredential("11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222", secret, { authorityHost: emulator.endpoint, disableInstanceDiscovery: true });
    const { token } = await credential.getToken("https://management.azure.com/.default");
    expect(await use(token)).toBe(200);
    const wrong = new ClientSecretCredential("11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222", "another", { authorityHost: emulator.endpoint, disableInstanceDiscovery: true });
    await expect(wrong.getToken("https://management.azure.com/.default")).rejects.toThrow(/AADSTS7000215/);
  });

  it("serve a managed identity of @azure/identity by endpoint and header", async () => {
    vi.stubEnv("IDENTITY_ENDPOINT", `${emulator.endpoint}/emulator/identity/token`);
    vi.stubEnv("IDENTITY_HEADER", secret);
    const { token } = await new ManagedIdentityCredential().getToken("https://management.azure.com/.default");
    expect(await use(token)).toBe(200);
  });

  it("serve the older clients by path, and nobody without the secret", async () => {
    const ask = (path: string, method = "POST", headers: Record<string, string> = {}) => send(`${emulator.endpoint}${path}`, method, { ...FORM, ...headers }, method === "POST" ? "resource=https%3A%2F%2Fmanagement.core.windows.net%2F" : undefined);
    const given = await ask(`/emulator/identity/${secret}/token`);
    expect(given.body).toMatchObject({ token_type: "Bearer", resource: "https://management.core.windows.net/" });
    expect(JSON.stringify(emulator.requests)).not.toContain(secret);
    for (const path of ["/emulator/identity/wrong/token", "/emulator/identity/undefined/token"]) expect((await ask(path)).status).toBe(401);
    expect((await ask("/emulator/identity/token", "GET")).status).toBe(401);
    expect((await ask("/adfs/oauth2/token")).status).toBe(401);
    expect((await ask(`/emulator/identity/${secret}/token`, "POST", { origin: "https://example.org" })).status).toBe(403);
  });

  it("are found by discovery, in the old form and the new", async () => {
    const get = async (path: string) => (await send(`${emulator.endpoint}${path}`, "GET", {}, undefined)).body as unknown;
    expect(await get("/adfs/.well-known/openid-configuration")).toMatchObject({ token_endpoint: `${emulator.endpoint}/adfs/oauth2/token` });
    expect(await get("/some-tenant/v2.0/.well-known/openid-configuration")).toMatchObject({ token_endpoint: `${emulator.endpoint}/some-tenant/oauth2/token` });
    expect(await get("/metadata/endpoints?api-version=2015-01-01")).toMatchObject({ authentication: { loginEndpoint: `${emulator.endpoint}/` } });
    expect(await get("/metadata/endpoints?api-version=2022-09-01")).toMatchObject([{ resourceManager: emulator.endpoint, authentication: { identityProvider: "AAD" } }]);
  });

  it("open nothing else", async () => {
    for (const path of ["/subscriptions?api-version=2022-12-01", "/nothing?api-version=1", "/emulator/faults"]) {
      expect((await send(`${emulator.endpoint}${path}`, "GET", {}, undefined)).status).toBe(401);
    }
    expect((await arm(emulator, "GET", "/tenants")).status).toBe(200);
  });
});
