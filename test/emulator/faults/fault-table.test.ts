import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

describe("an injected fault", () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ engine: scripted({ hello: () => 0 }), faults: [{ on: "usages", answer: "internal" }] });
  });
  afterEach(() => emulator.close());
  const put = (name = "g"): ReturnType<typeof arm> => arm(emulator, "PUT", `containerGroups/${name}`, { body: groupBody("hello") });

  it("strikes as often as it says, after as many as it says, and only its kind and name", async () => {
    emulator.inject({ on: "create", name: "g", times: 2, after: 1, answer: "capacity" });
    expect((await put("other")).status).toBe(201);
    const answers = [await put(), await put(), await put(), await put()];
    expect(answers.map(({ status }) => status)).toEqual([201, 409, 409, 200]);
    expect(answers[1]?.body.error).toMatchObject({ code: "ServiceUnavailable" });
  });

  it.each([
    ["notFound", 404, "ResourceNotFound"],
    ["capacity", 409, "ServiceUnavailable"],
    ["quota", 400, "ContainerGroupQuotaReached"],
    ["throttled", 429, "TooManyRequests"],
    ["transitioning", 409, "ContainerGroupTransitioning"],
    ["registry", 409, "RegistryErrorResponse"],
    ["internal", 500, "InternalServerError"],
    ["gatewayTimeout", 504, "GatewayTimeout"],
  ] as const)("answers %s as the service does", async (answer, status, code) => {
    emulator.inject({ on: "any", answer });
    const given = await arm(emulator, "GET", "containerGroups/g");
    expect([given.status, given.body.error.code]).toEqual([status, code]);
    expect(given.headers["retry-after"]).toBe(answer === "throttled" ? "1" : undefined);
  });

  it.each(["capacity", "quota"] as const)("names for %s the location of the group, as the create asks or as it has been made", async (answer) => {
    const inNorth = { body: { ...groupBody("hello"), location: "northeurope" } };
    emulator.inject({ on: ["create", "get", "usages"], times: 9, after: 1, answer });
    const told = async (...request: [method: string, path: string, options?: object]): Promise<string> => (await arm(emulator, ...request)).body.error.message;
    expect((await arm(emulator, "PUT", "containerGroups/g", inNorth)).status).toBe(201);
    expect(await told("PUT", "containerGroups/other", inNorth)).toContain("'northeurope'");
    expect(await told("GET", "containerGroups/g")).toContain("'northeurope'");
    expect(await told("GET", "containerGroups/nothing")).toContain("'westeurope'");
    expect(await told("PUT", "containerGroups/third", { body: { ...groupBody("hello"), location: 5 } })).toContain("'westeurope'");
  });

  it("comes before the effect, or hides it", async () => {
    const response = { status: 503, code: "ServerBusy", message: "Busy.", headers: { "Retry-After": "7" } };
    emulator.inject({ on: "create", answer: response });
    expect((await put()).headers["retry-after"]).toBe("7");
    expect(emulator.groups()).toEqual([]);
    emulator.inject({ on: "create", answer: { ...response, isAfterEffect: true } });
    expect((await put()).status).toBe(503);
    expect(emulator.groups()).toHaveLength(1);
  });

  it("breaks the connection before the effect, or after it", async () => {
    emulator.inject({ on: "create", answer: "reset" });
    await expect(put()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(emulator.groups()).toEqual([]);
    emulator.inject({ on: "create", answer: "resetAfter" });
    await expect(put()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(emulator.groups().map(({ name }) => name)).toEqual(["g"]);
    expect(emulator.requests.map(({ status }) => status)).toEqual([0, 0]);
  });

  it("is there from the start where it was given, and gone after a reset", async () => {
    const { subscriptionId } = emulator.clientOptions;
    const usages = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerInstance/locations/westeurope/usages`;
    expect((await arm(emulator, "GET", usages)).status).toBe(500);
    emulator.inject({ on: "any", times: Infinity, answer: "internal" });
    await put();
    await emulator.reset();
    expect([emulator.groups(), emulator.requests]).toEqual([[], []]);
    const { value } = (await arm(emulator, "GET", usages)).body;
    expect(value[0]).toEqual({
      id: `${usages}/ContainerGroups`,
      unit: "Count",
      currentValue: 0,
      limit: 100,
      name: { value: "ContainerGroups", localizedValue: "Container Groups" },
    });
  });
});
