import { scripted, startEmulator, VirtualClock } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

describe("the resources of a subscription", () => {
  it("are its groups with the times at which they were made, by filter", async () => {
    const clock = new VirtualClock();
    await using emulator = await startEmulator({ engine: scripted({ hello: () => 0 }, { clock }) });
    const { subscriptionId } = emulator.clientOptions;
    await arm(emulator, "PUT", "containerGroups/a", { body: { ...groupBody("hello"), tags: { owner: "me", it: "isn't" } } });
    await arm(emulator, "PUT", "containerGroups/b", { body: groupBody("hello") });
    const find = async (filter: string, more = ""): Promise<readonly unknown[]> => (await arm(emulator, "GET", `/subscriptions/${subscriptionId}/resources?$filter=${encodeURIComponent(filter)}${more}`, { apiVersion: "2021-04-01" })).body.value;
    expect((await find("resourceType eq 'Microsoft.ContainerInstance/containerGroups'", "&$expand=createdTime"))[0]).toEqual({
      id: `/subscriptions/${subscriptionId}/resourceGroups/emulator/providers/Microsoft.ContainerInstance/containerGroups/a`,
      name: "a",
      type: "Microsoft.ContainerInstance/containerGroups",
      location: "westeurope",
      tags: { owner: "me", it: "isn't" },
      createdTime: "2026-01-01T00:00:00.0000000Z",
      changedTime: "2026-01-01T00:00:00.0000000Z",
    });
    expect(await find("name eq 'b' and resourceGroup eq 'emulator'")).toHaveLength(1);
    expect(await find("resourceType eq 'Microsoft.Compute/virtualMachines'")).toHaveLength(0);
    expect(await find("tagName eq 'owner' and tagValue eq 'me'")).toHaveLength(1);
    expect(await find("tagName eq 'it' and tagValue eq 'isn''t'")).toHaveLength(1);
    expect(await find("tagName eq 'owner' and tagValue eq 'you'")).toHaveLength(0);
    expect((await arm(emulator, "GET", `/subscriptions/${subscriptionId}/resources?$filter=nonsense`)).body.error.code).toBe("InvalidFilterInQueryString");
  });

  it("are answered with the time of the emulator's own clock", async () => {
    const clock = new VirtualClock();
    await using emulator = await startEmulator({ engine: scripted({ hello: () => 0 }, { clock }) });
    await clock.advance(90_000);
    expect((await arm(emulator, "GET", "containerGroups")).headers["date"]).toBe("Thu, 01 Jan 2026 00:01:30 GMT");
  });
});
