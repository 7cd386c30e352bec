import { scripted, startEmulator, VirtualClock, type Emulator } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import recorded from "../recordings/other-clients.json" with { type: "json" };
import { arm, follow, type ArmResponse } from "../arm.js";
import { byKind, compare } from "./compare.js";

const GROUP = {
  location: "eastus",
  tags: { key: "value" },
  properties: {
    osType: "Linux",
    containers: [{ name: "bez-test-ci", properties: { image: "nginx", ports: [{ port: 80 }], resources: { requests: { memoryInGB: 1.5, cpu: 1.0 } } } }],
  },
};

const serving = async (c: { sleep(ms: number): Promise<void>; print(text: string): void }): Promise<number> => {
  c.print("one\ntwo\nthree\n");
  await c.sleep(1e9);
  return 0;
};

async function started(): Promise<{ emulator: Emulator; clock: VirtualClock; ask: (method: string, below: string, apiVersion: string, body?: unknown) => Promise<ArmResponse> }> {
  const clock = new VirtualClock();
  const emulator = await startEmulator({ engine: scripted({ nginx: serving }, { clock }), location: "eastus", pace: "recorded" });
  const ask = (method: string, below: string, apiVersion: string, body?: unknown): Promise<ArmResponse> =>
    arm(emulator, method, `containerGroups/bez-test-cg${below}`, { apiVersion, ...(body === undefined ? {} : { body }) });
  await ask("PUT", "", "2021-07-01", GROUP);
  await clock.advance(60_000);
  return { emulator, clock, ask };
}

// The headers of an answer that say something, by kind.
function headersOf({ headers }: ArmResponse, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, byKind(headers[name.toLowerCase()])]));
}

describe("what PowerShell and the .NET client saw", () => {
  it("of stop: 204 with the recorded headers, at once, repeatable, and a group without instance views", async () => {
    const { emulator, ask } = await started();
    const [first, after] = recorded.stop as unknown as [{ headers: Record<string, string> }, { body: { id: string; properties: object } }];
    const stopped = await ask("POST", "/stop", "2021-07-01");
    expect(stopped.status).toBe(204);
    for (const name of Object.keys(first.headers)) expect(stopped.headers[name.toLowerCase()], name).toBeDefined();
    for (const name of ["azure-asyncoperation", "location", "retry-after"]) expect(stopped.headers[name]).toBeUndefined();
    const fixed = ["Cache-Control", "Pragma", "Expires", "Strict-Transport-Security", "X-Content-Type-Options"];
    expect(headersOf(stopped, fixed)).toEqual(Object.fromEntries(fixed.map((name) => [name, first.headers[name]])));
    const { body } = await ask("GET", "", "2021-07-01");
    expect(compare(after.body.properties, body.properties)).toEqual([]);
    expect((await ask("POST", "/stop", "2021-07-01")).status).toBe(204);
    await emulator.close();
  });

  it("of start: an operation for a stopped group, old events kept; nothing for one that runs", async () => {
    const { emulator, clock, ask } = await started();
    const running = await ask("POST", "/start", "2021-07-01");
    expect([running.status, running.headers["azure-asyncoperation"]]).toEqual([204, undefined]);
    await ask("POST", "/stop", "2020-11-01");
    const start = await ask("POST", "/start", "2020-11-01");
    expect(start.status).toBe(recorded.start[0]?.status);
    const url = start.headers["azure-asyncoperation"];
    expect(start.headers["x-ms-request-id"]).toBe(`eastus:${/operations\/([^?]+)/.exec(url ?? "")?.[1]}`);
    expect((await follow(emulator, url)).body).toMatchObject({ status: "Pending" });
    await clock.advance(60_000);
    const done = (await follow(emulator, url)).body;
    expect(done.status).toBe("Succeeded");
    expect(done.properties.events.find(({ name }) => name === "Started")?.count).toBe(2);
    const { properties } = (await ask("GET", "", "2020-11-01")).body;
    expect(properties.containers[0].properties.instanceView).toMatchObject({ restartCount: 0, currentState: { state: "Running" } });
    await emulator.close();
  });

  it("of restart: Updating while it goes, a second one at once, and the end of both by stop", async () => {
    const { emulator, clock, ask } = await started();
    const restart = await ask("POST", "/restart", "2021-09-01");
    expect(restart.status).toBe(204);
    expect((await follow(emulator, restart.headers["azure-asyncoperation"])).body.status).toBe("Updating");
    expect((await ask("GET", "", "2021-09-01")).body.properties.provisioningState).toBe("Updating");
    expect((await ask("POST", "/restart", "2021-09-01")).status).toBe(204);
    await clock.advance(1_000);
    await ask("POST", "/stop", "2021-09-01");
    const { properties } = (await ask("GET", "", "2021-09-01")).body;
    const { body } = recorded.restart_then_stop;
    expect(properties.provisioningState).toBe(body.provisioningState);
    expect(properties.instanceView.state).toBe(body.groupState);
    const view = properties.containers[0].properties.instanceView;
    expect(compare(body.instanceView.currentState, view?.currentState)).toEqual([]);
    await emulator.close();
  });

  it("of tags: replaced, on a stopped group too", async () => {
    const { emulator, ask } = await started();
    await ask("POST", "/stop", "2021-09-01");
    const patched = await ask("PATCH", "", "2021-09-01", recorded.patch_tags.request);
    expect([patched.status, patched.body.tags]).toEqual([recorded.patch_tags.status, recorded.patch_tags.tagsAfter]);
    await emulator.close();
  });

  it("of attach and of the last lines of a log", async () => {
    const { emulator, ask } = await started();
    const attach = await ask("POST", "/containers/bez-test-ci/attach", "2021-07-01");
    expect(attach.status).toBe(200);
    expect(byKind(attach.body)).toEqual({ webSocketUri: "<host>/logstream/sessionId/<guid>?api-version=1.0", password: "<password>" });
    expect((await ask("GET", "/containers/bez-test-ci/logs?tail=2", "2021-07-01")).body).toEqual({ content: "two\nthree\n" });
    await emulator.close();
  });

  it("of a delete: 200 with the group as it was", async () => {
    const { emulator, ask } = await started();
    const { body } = await ask("GET", "", "2024-05-01-preview");
    const deleted = await ask("DELETE", "", "2024-05-01-preview");
    expect([deleted.status, deleted.body]).toEqual([recorded.delete.status, body]);
    await emulator.close();
  });

  it("of a group under 2024-05-01-preview: the keys that it adds", async () => {
    const { emulator, ask } = await started();
    const { properties } = (await ask("GET", "", recorded.get_2024.api)).body;
    expect(properties).toMatchObject({ isCreatedFromStandbyPool: false });
    expect(properties.containers[0].properties).toMatchObject({ configMap: recorded.get_2024.addedKeys["containers[].properties.configMap"] });
    await emulator.close();
  });

  it("of usages, capabilities, operations and the provider", async () => {
    const { emulator, clock } = await started();
    const { subscriptionId } = emulator.clientOptions;
    const below = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerInstance`;
    const get = async (path: string, apiVersion: string): Promise<ArmResponse["body"]> => (await arm(emulator, "GET", path, { apiVersion })).body;
    const usages = (await get(`${below}/locations/eastus/usages`, "2024-05-01-preview")).value as unknown as readonly { readonly name: { readonly value: string } }[];
    expect(usages.map(({ name }) => name.value)).toEqual(recorded.usages_2024.names);
    const sample = JSON.parse(JSON.stringify(recorded.usages_2024.sample).replace("{sub}", subscriptionId)) as object;
    expect(usages[0]).toEqual({ ...sample, currentValue: 1, limit: 100 });
    const capabilities = (await get(`${below}/locations/eastus/capabilities`, "2021-03-01")).value as unknown as readonly { readonly capabilities: object }[];
    const withoutSizes = (rows: readonly { readonly capabilities: object }[]) => rows.map((row) => ({ ...row, capabilities: Object.keys(row.capabilities) }));
    expect(withoutSizes(capabilities)).toEqual(withoutSizes(recorded.capabilities.body.value));
    const operations = (await get("/providers/Microsoft.ContainerInstance/operations", "2020-11-01")).value;
    expect(operations.map(({ name }) => name)).toEqual(recorded.operations_list.names);
    const provider = (await get(below, "2019-10-01")) as unknown as { readonly resourceTypes: readonly { readonly resourceType: string; readonly capabilities?: string }[] };
    expect(provider).toMatchObject({ registrationState: recorded.provider.registrationState, registrationPolicy: recorded.provider.registrationPolicy });
    expect(provider.resourceTypes.map(({ resourceType }) => resourceType)).toEqual(recorded.provider.resourceTypes);
    expect(provider.resourceTypes[0]?.capabilities).toBe(recorded.provider["containerGroups.capabilities"]);
    expect(clock.now()).toBeGreaterThan(0);
    await emulator.close();
  });

  it("of a container group profile: made and deleted at once, and taken over by a group", async () => {
    const { emulator } = await started();
    const { api } = recorded.profile_2025;
    const profile = await arm(emulator, "PUT", "containerGroupProfiles/small", { apiVersion: api, body: GROUP });
    expect([profile.status, profile.headers["azure-asyncoperation"]]).toEqual([recorded.profile_2025.put.status, undefined]);
    expect(profile.body.properties).toMatchObject({ revision: 1 });
    expect(profile.body.properties.containers[0].properties).toMatchObject({ configMap: { keyValuePairs: {} } });
    const made = await arm(emulator, "PUT", "containerGroups/from-profile", { apiVersion: "2025-09-01", body: { location: "eastus", properties: { containerGroupProfile: { id: profile.body.id, revision: 1 } } } });
    expect([made.status, made.body.properties.containers[0].name]).toEqual([201, "bez-test-ci"]);
    const unknown = await arm(emulator, "PUT", "containerGroups/other", { apiVersion: "2025-09-01", body: { location: "eastus", properties: { containerGroupProfile: { id: `${profile.body.id}x` } } } });
    expect(unknown.body.error.code).toBe("ContainerGroupProfileNotFound");
    const again = await arm(emulator, "PUT", "containerGroupProfiles/small", { apiVersion: api, body: GROUP });
    expect([again.status, (await arm(emulator, "GET", "containerGroupProfiles/small/revisions", { apiVersion: api })).body.value.length]).toEqual([200, 2]);
    const deleted = await arm(emulator, "DELETE", "containerGroupProfiles/small", { apiVersion: api });
    expect([deleted.status, deleted.body]).toEqual([recorded.profile_2025.delete.status, undefined]);
    expect((await arm(emulator, "DELETE", "containerGroupProfiles/small", { apiVersion: api })).status).toBe(204);
    await emulator.close();
  });
});
