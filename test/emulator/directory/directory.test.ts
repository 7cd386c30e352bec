import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, follow, groupBody } from "../arm.js";

describe("resource groups", () => {
  let emulator: Emulator;
  let base: string;
  beforeEach(async () => {
    emulator = await startEmulator({ engine: scripted({ hello: () => 0 }) });
    base = `/subscriptions/${emulator.clientOptions.subscriptionId}`;
  });
  afterEach(() => emulator.close());
  const ask = (method: string, path: string, body?: unknown): ReturnType<typeof arm> => arm(emulator, method, `${base}${path}`, { apiVersion: "2021-04-01", ...(body === undefined ? {} : { body }) });

  it("exist once they are made: until then nothing can be in them", async () => {
    const group = "/resourceGroups/mine/providers/Microsoft.ContainerInstance/containerGroups/g";
    for (const [method, path] of [["GET", "/resourceGroups/mine"], ["PUT", group], ["GET", group], ["DELETE", "/resourceGroups/mine"]] as const) {
      const refused = await ask(method, path, method === "PUT" ? groupBody("hello") : undefined);
      expect([refused.status, refused.body.error], path).toEqual([404, { code: "ResourceGroupNotFound", message: "Resource group 'mine' could not be found." }]);
    }
    expect((await ask("HEAD", "/resourceGroups/mine")).status).toBe(404);
    const made = await ask("PUT", "/resourcegroups/mine", { location: "northeurope", tags: { a: "b" } });
    expect([made.status, made.body]).toEqual([201, { id: `${base}/resourceGroups/mine`, name: "mine", type: "Microsoft.Resources/resourceGroups", location: "northeurope", tags: { a: "b" }, properties: { provisioningState: "Succeeded" } }]);
    expect((await ask("PUT", "/resourceGroups/MINE", { location: "northeurope" })).status).toBe(200);
    expect((await ask("HEAD", "/resourceGroups/mine")).status).toBe(204);
    expect((await ask("PUT", group, groupBody("hello"))).status).toBe(201);
    expect((await ask("GET", "/resourceGroups")).body.value.map(({ name }) => name)).toEqual(["emulator", "mine"]);
  });

  it("take what is in them along when they are deleted", async () => {
    await ask("PUT", "/resourceGroups/mine", { location: "northeurope" });
    await ask("PUT", "/resourceGroups/mine/providers/Microsoft.ContainerInstance/containerGroups/g", groupBody("hello"));
    const deleted = await ask("DELETE", "/resourceGroups/mine");
    expect(deleted.status).toBe(202);
    let status = 202;
    while (status === 202) ({ status } = await follow(emulator, deleted.headers["location"]));
    expect([status, emulator.groups()]).toEqual([200, []]);
    expect((await ask("GET", "/resourceGroups/mine")).status).toBe(404);
  });

  it("are refused without a location or a name that can be one", async () => {
    expect((await ask("PUT", "/resourceGroups/mine", {})).body.error.code).toBe("LocationRequired");
    expect((await ask("PUT", "/resourceGroups/a%20b", { location: "x" })).body.error.code).toBe("InvalidResourceGroup");
  });

  it("are the emulator's own again after a reset", async () => {
    await ask("PUT", "/resourceGroups/mine", { location: "northeurope" });
    await emulator.reset();
    expect((await ask("GET", "/resourceGroups")).body.value.map(({ name }) => name)).toEqual(["emulator"]);
  });
});

describe("subscriptions", () => {
  it("are told with their tenant, location and provider", async () => {
    await using emulator = await startEmulator({ engine: scripted({}), location: "uksouth" });
    const base = `/subscriptions/${emulator.clientOptions.subscriptionId}`;
    const { body } = await arm(emulator, "GET", "/subscriptions");
    expect(body.value).toMatchObject([{ id: base, state: "Enabled", displayName: "Emulator" }]);
    expect((await arm(emulator, "GET", base)).body).toEqual(body.value[0]);
    expect((await arm(emulator, "GET", `${base}/locations`)).body.value).toMatchObject([{ name: "uksouth" }]);
    expect((await arm(emulator, "POST", `${base}/providers/Microsoft.ContainerInstance/register`)).body).toMatchObject({ registrationState: "Registered" });
    expect((await arm(emulator, "GET", `${base}/resourceGroups/emulator/providers/Microsoft.Network/virtualNetworks/v`)).body.error.code).toBe("ResourceNotFound");
    expect((await arm(emulator, "PUT", `${base}/resourceGroups/emulator/providers/Microsoft.Network/virtualNetworks/v`)).body.error.code).toBe("InvalidResourceType");
    expect((await arm(emulator, "POST", base)).body.error.code).toBe("HttpMethodNotAllowed");
  });
});
