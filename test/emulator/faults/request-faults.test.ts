import { scripted, startEmulator, VirtualClock, type Emulator, type FaultRule } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

describe("a fault that a request meets", () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  beforeEach(async () => {
    clock = new VirtualClock();
    emulator = await startEmulator({ engine: scripted({ hello: async (c) => (c.print("hi\n"), await c.sleep(1e6), 0) }, { clock }) });
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("hello") });
    await clock.advance(1_000);
  });
  afterEach(() => emulator.close());
  const get = (path = "containerGroups/g"): ReturnType<typeof arm> => arm(emulator, "GET", path);

  it("answers a success and does nothing", async () => {
    for (const on of ["delete", "stop"] as const) emulator.inject({ on, answer: "undone" });
    const deleted = await arm(emulator, "DELETE", "containerGroups/g");
    expect([deleted.status, deleted.body.name]).toEqual([200, "g"]);
    expect((await arm(emulator, "POST", "containerGroups/g/stop")).status).toBe(204);
    expect((await get()).body.properties.instanceView.state).toBe("Running");
  });

  it("answers what was true before", async () => {
    emulator.inject({ on: ["get", "list"], after: 2, times: 2, answer: "stale" });
    expect([(await get()).status, (await get("containerGroups")).body.value.length]).toEqual([200, 1]);
    await arm(emulator, "DELETE", "containerGroups/g");
    expect([(await get()).status, (await get("containerGroups")).body.value.length]).toEqual([200, 1]);
    expect([(await get()).status, (await get("containerGroups")).body.value.length]).toEqual([404, 0]);
  });

  it("answers that a group is not there which was not read before", async () => {
    emulator.inject({ on: ["get", "list"], times: 2, answer: "stale" });
    expect([(await get()).body.error.code, (await get("containerGroups")).body.value]).toEqual(["ResourceNotFound", []]);
  });

  it("answers empty and late logs, and a token that is over", async () => {
    const logs = "containerGroups/g/containers/main/logs";
    emulator.inject({ on: "logs", answer: "emptyLogs" });
    expect((await get(logs)).body).toEqual({ content: "" });
    emulator.inject({ on: "logs", untilInMs: 5_000, times: Infinity, answer: "logNotAvailable" });
    expect((await get(logs)).body.error.code).toBe("ContainerLogNotAvailable");
    await clock.advance(5_000);
    expect((await get(logs)).body.content).toBe("hi\n");
    emulator.inject({ on: "get", answer: "expiredToken" });
    const expired = await get();
    expect([expired.status, expired.body.error.code, expired.headers["www-authenticate"]]).toEqual([401, "ExpiredAuthenticationToken", expect.stringContaining("Bearer") as string]);
  });

  it("strikes from and until the times that it says", async () => {
    emulator.inject({ on: "get", fromInMs: 10_000, untilInMs: 20_000, times: Infinity, answer: "unavailable" });
    const statuses: number[] = [];
    for (let step = 0; step < 3; step++) {
      statuses.push((await get()).status);
      await clock.advance(10_000);
    }
    expect(statuses).toEqual([200, 503, 200]);
  });

  it("strikes by chance, the same way for the same seed", async () => {
    const strikes = async (seed: number): Promise<string> => {
      await using other = await startEmulator({ engine: scripted({}), seed, faults: [{ on: "list", probability: 0.5, times: Infinity, answer: "internal" }] });
      const statuses: number[] = [];
      for (let request = 0; request < 40; request++) statuses.push((await arm(other, "GET", "containerGroups")).status);
      return statuses.join();
    };
    const [first, same, different] = [await strikes(7), await strikes(7), await strikes(8)];
    expect(first).toBe(same);
    expect(first).not.toBe(different);
    const struck = first.split(",").filter((status) => status === "500").length;
    expect(struck).toBeGreaterThan(8);
    expect(struck).toBeLessThan(32);
  });

  it("is set, listed and removed by the admin route too", async () => {
    const rule: FaultRule = { on: "get", name: "g", times: 2, answer: "capacity" };
    expect((await arm(emulator, "POST", "/emulator/faults", { apiVersion: "", body: rule })).status).toBe(204);
    expect((await get()).status).toBe(409);
    expect((await arm(emulator, "GET", "/emulator/faults", { apiVersion: "" })).body.value).toEqual([{ ...rule, struck: 1 }]);
    await arm(emulator, "DELETE", "/emulator/faults", { apiVersion: "" });
    expect((await get()).status).toBe(200);
  });

  it.each([
    [{ on: "get" }, /`answer`/],
    [{ on: "everything", answer: "reset" }, /`on`/],
    [{ on: "get", answer: "reset", times: -1 }, /`times`/],
    [{ on: "get", answer: "reset", probability: 2 }, /`probability`/],
    [{ on: "get", answer: { status: 200, code: "a", message: "b" } }, /`answer.status`/],
    [{ on: "get", answer: "reset", happens: "lost" }, /either/],
    [{ happens: "rain" }, /`happens`/],
    [{ on: "get", answer: "reset", colour: "red" }, /colour/],
    ["reset", /object/],
  ])("is refused where it is none: %j", async (rule, message) => {
    expect(() => emulator.inject(rule as FaultRule)).toThrow(message);
    const refused = await arm(emulator, "POST", "/emulator/faults", { apiVersion: "", body: typeof rule === "string" ? JSON.stringify(rule) : rule });
    expect([refused.status, refused.body.error.code]).toEqual([400, "InvalidFault"]);
  });
});
