import { scripted, startEmulator, VirtualClock } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { assignedIdentities } from "../../../src/emulator/identity/assigned.js";
import { GroupIdentity } from "../../../src/emulator/identity/group-identity.js";
import { Tokens } from "../../../src/emulator/tokens/tokens.js";
import { arm, groupBody, send } from "../arm.js";

const tokens = new Tokens("the secret of this emulator");
const of = (type: string, ...ids: string[]): GroupIdentity => new GroupIdentity(assignedIdentities("/g", { type, userAssignedIdentities: Object.fromEntries(ids.map((id) => [id, {}])) }), tokens, "deployment");
const ASKS = { host: "169.254.169.254", metadata: "true" };
const ask = (identity: GroupIdentity, query: string, headers: Record<string, string> = ASKS, method = "GET", path = "/metadata/identity/oauth2/token"): unknown => {
  const { status, body } = identity.metadata({ method, url: `${path}?${query}`, headers });
  return status === 200 ? "token" : [status, (body as { error_description?: string }).error_description];
};
const good = "api-version=2018-02-01&resource=https://vault.azure.net";

describe("the metadata service", () => {
  it("refuses what the service refuses", () => {
    const one = of("SystemAssigned");
    expect(ask(one, good)).toBe("token");
    expect(ask(one, good, { host: "169.254.169.254:80", metadata: "TRUE" })).toBe("token");
    for (const host of ["metadata.example", "169.254.169.254:8080", "169.254.169.254.example", ""]) expect(ask(one, good, { ...ASKS, host })).toEqual([400, "Invalid hostname"]);
    expect(ask(one, good, { metadata: "true" })).toEqual([400, "Invalid hostname"]);
    expect(ask(one, good, { host: ASKS.host })).toEqual([400, "Required metadata header not specified"]);
    expect(ask(one, good, { ...ASKS, "x-forwarded-for": "1.2.3.4" })).toEqual([400, "Required metadata header not specified"]);
    expect(ask(one, "resource=x")).toEqual([400, "Required query variable 'api-version' is missing"]);
    expect(ask(one, "api-version=2018-02-01")).toEqual([400, "Required audience parameter not specified"]);
    for (const character of ["x", "%01"]) {
      expect(ask(one, `api-version=2018-02-01&resource=${character.repeat(2048)}`)).toBe("token");
      expect(ask(one, `api-version=2018-02-01&resource=${character.repeat(2049)}`)).toEqual([400, "The audience parameter is too long"]);
    }
    expect(ask(one, good, ASKS, "POST")).toEqual([405, undefined]);
    for (const path of ["/metadata/instance", "//evil/metadata/identity/oauth2/token", "http://[", "*"]) expect(ask(one, good, ASKS, "GET", path)).toEqual([404, undefined]);
  });

  it("has a token only for an identity of the group, and asks which if there are several", () => {
    const [id, other] = assignedIdentities("/g", { type: "UserAssigned", userAssignedIdentities: { "/one": {}, "/two": {} } });
    for (const name of ["client_id", "clientid"]) expect(ask(of("UserAssigned", "/one"), `${good}&${name}=${id?.clientId ?? ""}`)).toBe("token");
    for (const name of ["principalId", "object_id"]) expect(ask(of("UserAssigned", "/one"), `${good}&${name}=${id?.principalId ?? ""}`)).toBe("token");
    for (const name of ["mi_res_id", "msi_res_id"]) expect(ask(of("UserAssigned", "/one"), `${good}&${name}=/ONE`)).toBe("token");
    expect(ask(of("UserAssigned", "/one"), `${good}&client_id=${other?.clientId ?? ""}`)).toEqual([400, "Identity not found"]);
    expect(ask(of("UserAssigned", "/one"), good)).toBe("token");
    expect(ask(of("UserAssigned", "/one", "/two"), good)).toEqual([400, expect.stringMatching(/^Multiple user assigned identities exist/)]);
    expect(ask(of("SystemAssigned, UserAssigned", "/one", "/two"), good)).toBe("token");
    expect(assignedIdentities("/g", { type: "None", userAssignedIdentities: { "/one": {} } })).toEqual([]);
    // What is declared with another type is not had.
    expect(assignedIdentities("/g", { type: "SystemAssigned", userAssignedIdentities: { "/one": {} } })).toHaveLength(1);
  });
});

describe("the identity of a scripted group", () => {
  it("is had at an endpoint with a secret that is told nobody, and that is worthless when the group is gone", async () => {
    const clock = new VirtualClock();
    const seen: Readonly<Record<string, string>>[] = [];
    const engine = scripted(
      {
        look: async (c) => {
          seen.push(c.environment);
          await c.sleep(1000);
          return 0;
        },
      },
      { clock },
    );
    await using emulator = await startEmulator({ engine });
    await arm(emulator, "PUT", "containerGroups/none", { body: groupBody("look") });
    await arm(emulator, "PUT", "containerGroups/g", { body: { ...groupBody("look", {}, { environmentVariables: [{ name: "A", value: "b" }] }), identity: { type: "SystemAssigned" } } });
    await clock.advance(0);
    const [bare, given = {}] = seen;
    expect(bare).toEqual({});
    expect(Object.keys(given)).toEqual(["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "A"]);
    const { IDENTITY_ENDPOINT: endpoint = "", IDENTITY_HEADER: secret = "" } = given;
    const get = (header: string): ReturnType<typeof send> => send(`${endpoint}?api-version=2019-08-01&resource=https://management.azure.com`, "GET", { "x-identity-header": header }, undefined);
    const { status, body } = await get(secret);
    expect(status).toBe(200);
    const { access_token: token } = body as unknown as { access_token: string };
    const told = await send(`${emulator.endpoint}${(await arm(emulator, "GET", "containerGroups/g")).body.id}?api-version=2023-05-01`, "GET", { authorization: `Bearer ${token}` }, undefined);
    expect(told.status).toBe(200);
    const { oid } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { oid: string };
    expect((told.body as unknown as { identity: { principalId: string } }).identity.principalId).toBe(oid);
    const state = await arm(emulator, "GET", "/emulator/state");
    expect(JSON.stringify([told.body, state.body, emulator.requests, emulator.groups()])).not.toContain(secret);
    expect((await get(secret.replace(/^./, "x"))).status).toBe(401);
    await arm(emulator, "DELETE", "containerGroups/g");
    await clock.advance(0);
    expect((await get(secret)).status).toBe(401);
  });
});
