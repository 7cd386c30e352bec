import { describe, expect, it } from "vitest";
import { bySessions, ensureServer, memoryStore, RequestBudget, ServerPool, sweep, type ContainerSnapshot, type EnsureServerOptions, type Server, type ServerSpec, type Snapshot } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const HOUR = 3_600_000;
const SPEC = { key: "sheet-4711", image: "sheets:2" };
const ENSURED = { id: "sheet-4711", groupName: expect.stringMatching(/^aci-k-[0-9a-f]{16}$/u) as string };

function azureOf(): FakeAzure {
  const azure = new FakeAzure();
  azure.runsInMs = 1e12;
  return azure;
}
const ensure = (azure: FakeAzure, options: EnsureServerOptions = {}, spec: ServerSpec & { key: string } = SPEC): Promise<Server> => ensureServer(azure.client(), spec, options);
const deadOf = (snapshot: Snapshot): Snapshot => ({ ...snapshot, state: "Stopped" });

describe("ensureServer", () => {
  it("starts the server of a key, and finds it again with one look", async () => {
    const azure = azureOf();
    const server = await azure.until(ensure(azure));
    expect(server).toEqual({ ...ENSURED, ports: [] });
    expect(azure.puts).toMatchObject([{ restartPolicy: "Always", containers: [{ name: "main", image: "sheets:2", environment: { ACI_SERVER_ID: "sheet-4711" } }] }]);
    azure.requests.length = 0;
    expect(await ensure(azure)).toEqual(server);
    expect(azure.requests).toEqual(["get"]);
  });

  it("is one server for fifty callers at once, in any processes, and another for another key or owner", async () => {
    const azure = azureOf();
    const servers = await azure.until(Promise.all(Array.from({ length: 50 }, () => ensure(azure))));
    expect(new Set(servers.map(({ groupName }) => groupName)).size).toBe(1);
    expect([...azure.groups.keys()]).toEqual([servers[0]?.groupName]);
    // Byte for byte the same: Azure takes two of them for one.
    expect(new Set(azure.puts.map((put) => JSON.stringify(put))).size).toBe(1);
    await azure.until(ensure(azure, {}, { ...SPEC, key: "sheet-4712" }));
    await azure.until(ensureServer(azure.client({ owner: "others" }), SPEC));
    expect(azure.groups.size).toBe(3);
  });

  it("sends one create for all who ask one client at once, each of which counts for Azure's quota", async () => {
    const azure = azureOf();
    const client = azure.client();
    const servers = await azure.until(Promise.all(Array.from({ length: 50 }, () => ensureServer(client, SPEC))));
    expect(new Set(servers.map(({ groupName }) => groupName)).size).toBe(1);
    expect(azure.puts).toHaveLength(1);
  });

  it("goes on for the others where the one whose create they wait for is stopped, and tells all of a refusal", async () => {
    const azure = azureOf();
    const client = azure.client();
    const stop = new AbortController();
    azure.before = (verb) => {
      if (verb === "put" && !stop.signal.aborted) stop.abort(new Error("stopped"));
      if (verb === "put" && azure.puts.length === 0 && azure.requests.filter((one) => one === "put").length === 1) throw stop.signal.reason;
    };
    const [first, second] = await azure.until(Promise.allSettled([ensureServer(client, SPEC, { abortSignal: stop.signal }), ensureServer(client, SPEC)]));
    expect([first, second]).toMatchObject([{ status: "rejected", reason: { message: "stopped" } }, { status: "fulfilled", value: ENSURED }]);

    azure.requests.length = 0;
    azure.before = (verb) => {
      if (verb === "put") throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    const refused = await azure.until(Promise.allSettled([1, 2, 3].map(() => ensureServer(client, { ...SPEC, key: "other" }))));
    for (const one of refused) expect(one).toMatchObject({ status: "rejected", reason: { serviceCode: "AuthorizationFailed" } });
    expect(azure.requests.filter((verb) => verb === "put")).toHaveLength(1);
  });

  it("sends none that another process has sent while it waited for its turn", async () => {
    const azure = azureOf();
    const client = azure.client({ requestBudget: new RequestBudget({ createsPerFiveMinutes: 1, createsPerHour: 20 }) });
    await azure.until(ensureServer(client, { ...SPEC, key: "the-first" }));
    const waiting = ensureServer(client, SPEC);
    await azure.clock.advance(60_000);
    expect(azure.puts).toHaveLength(1);
    await azure.until(ensure(azure));
    expect(await azure.until(waiting)).toMatchObject(ENSURED);
    await expect(azure.until(ensureServer(client, { ...SPEC, key: "another" }, { startTimeoutInMs: 30_000 }))).rejects.toMatchObject({ code: "ACI_SERVER_NOT_READY", message: expect.stringContaining("waits for its turn") as string });
    await azure.clock.advance(600_000);
    expect(azure.puts).toHaveLength(2);
  });

  it("waits until it answers, and says why if it does not", async () => {
    const azure = azureOf();
    const since = azure.clock.now();
    let asked = 0;
    await azure.until(ensure(azure, { isHealthy: () => ++asked === 4 }));
    expect([asked, azure.puts.length]).toEqual([4, 1]);
    expect(azure.clock.now() - since).toBeLessThan(30_000);
    await expect(azure.until(ensure(azure, { isHealthy: () => Promise.reject(new Error("no")), startTimeoutInMs: 60_000 }))).rejects.toMatchObject({ code: "ACI_SERVER_NOT_READY", message: expect.stringContaining("it does not answer") as string });
    await expect(azure.until(ensure(azure, { isHealthy: () => new Promise<boolean>(() => undefined), startTimeoutInMs: 60_000 }))).rejects.toMatchObject({ code: "ACI_SERVER_NOT_READY" });
    expect(azure.groups.size).toBe(1);
  });

  const at = (second: number): { readonly type: string; readonly count: number; readonly firstAt: string; readonly lastAt: string } => ({ type: "Normal", count: 1, firstAt: "", lastAt: `2026-01-01T00:00:0${second}Z` });
  const pulling = { kind: "Pulling", text: 'pulling image "sheets:2"', ...at(0) };
  const failed = { kind: "Failed", text: 'Failed to pull image "sheets:2": not found', ...at(1), type: "Warning" };
  const backOff = { kind: "BackOff", text: 'Back-off pulling image "sheets:2"', ...at(2) };
  const looped = { restartCount: 3, currentState: { state: "Waiting", detail: "CrashLoopBackOff: Back-off 20s restarting failed" }, previousState: { state: "Terminated", exitCode: 1, detail: "Error" } };
  const LOOPED = "it ended with exit code 1, and it was started again 3 times; it is Waiting (CrashLoopBackOff: Back-off 20s restarting failed)";

  it.each<[string, Partial<Snapshot>, Partial<ContainerSnapshot>, string]>([
    ["its image cannot be pulled", { provisioningState: "Pending", state: "Pending" }, { events: [pulling, failed, backOff] }, 'its group is Pending, Pending; container "main": Failed to pull image "sheets:2": not found'],
    ["its image could be pulled at last, and it ends at once", {}, { ...looped, events: [pulling, failed, backOff, { kind: "Pulled", text: "Pulled", ...at(3) }] }, `its group is Succeeded, Running; container "main": ${LOOPED}`],
    ["it ends at once", {}, looped, `its group is Succeeded, Running; container "main": ${LOOPED}`],
    ["it ended just now", {}, { currentState: { state: "Terminated", exitCode: 0, detail: "Completed" } }, 'its group is Succeeded, Running; container "main": it ended with exit code 0 ['],
    ["it is said not to be well", {}, { restartCount: 1, currentState: { state: "Waiting" }, events: [{ kind: "Unhealthy", text: "Liveness probe failed", ...at(1), type: "Warning" }] }, 'container "main": Liveness probe failed; it was started again 1 time; it is Waiting ['],
    ["a volume cannot be mounted", { provisioningState: "Pending", state: undefined, events: [{ kind: "FailedMount", text: "no such share", ...at(1) }] }, { currentState: undefined }, "its group is Pending, without a state; no such share"],
    ["its init container fails", { initContainers: [{ containerName: "prepare", image: "a", restartCount: 0, currentState: { state: "Terminated", exitCode: 2 }, events: [] }] }, {}, 'container "prepare": it ended with exit code 2'],
    ["it has only begun", { initContainers: [{ containerName: "prepare", image: "a", restartCount: 0, currentState: { state: "Terminated", exitCode: 0 }, events: [] }] }, { events: [pulling] }, 'its group is Succeeded, Running; container "main": it is Waiting ['],
    ["it runs for a moment, between its ends", {}, { ...looped, currentState: { state: "Running" } }, 'it does not answer; container "main": it ended with exit code 1, and it was started again 3 times ['],
  ])("says why it is not ready: %s", async (_why, ofGroup, ofContainer, text) => {
    const azure = azureOf();
    azure.look = (snapshot) => ({ ...snapshot, ...ofGroup, containers: snapshot.containers.map((container) => ({ ...container, currentState: { state: "Waiting" }, ...ofContainer })) });
    const failure: unknown = await azure.until(ensure(azure, { isHealthy: () => false, startTimeoutInMs: 8000 })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ACI_SERVER_NOT_READY" });
    expect(`${(failure as Error).message} [`).toContain(text);
  });

  it.each(["Failed", "Repairing", "Unhealthy"])("finds a server whose container runs, though its group is %s", async (provisioningState) => {
    const azure = azureOf();
    const server = await azure.until(ensure(azure));
    azure.look = (snapshot) => ({ ...snapshot, provisioningState });
    azure.requests.length = 0;
    expect(await ensure(azure)).toEqual(server);
    expect(azure.requests).toEqual(["get"]);
  });

  it("refuses a server that was made by another spec, and a name that is somebody else's", async () => {
    const azure = azureOf();
    const { groupName } = await azure.until(ensure(azure));
    await expect(ensure(azure, {}, { ...SPEC, image: "sheets:3" })).rejects.toMatchObject({ code: "ACI_SERVER_CONFLICT" });
    await expect(ensure(azure, {}, { ...SPEC, restartPolicy: "OnFailure" })).rejects.toMatchObject({ code: "ACI_SERVER_CONFLICT" });
    const group = azure.groups.get(groupName);
    if (group !== undefined) group.tags = { "aci-lifecycle-owner": "default" };
    await expect(ensure(azure)).rejects.toMatchObject({ code: "ACI_NAME_CONFLICT" });
    expect(azure.puts).toHaveLength(1);
  });

  it.each([["without a store", undefined], ["with one", memoryStore()]])("replaces a server that has died, under its name, %s", async (_name, store) => {
    const azure = azureOf();
    const { groupName } = await azure.until(ensure(azure));
    const dead = new Set([azure.groups.get(groupName)]);
    azure.look = (snapshot) => (dead.has(azure.groups.get(snapshot.groupName)) ? deadOf(snapshot) : snapshot);
    const servers = await azure.until(Promise.all(Array.from({ length: 5 }, () => ensure(azure, { store }))));
    expect(new Set(servers.map((server) => server.groupName))).toEqual(new Set([groupName]));
    expect(azure.groups.size).toBe(1);
    // With a store one process alone removes it.
    const deletes = azure.requests.filter((verb) => verb === "delete").length;
    if (store === undefined) expect(deletes).toBeGreaterThanOrEqual(1);
    else expect(deletes).toBe(1);
  });

  it("replaces a server whose provisioning failed, and not one that has run and is begun anew", async () => {
    const azure = azureOf();
    const waiting = { state: "Waiting" };
    const failed = new Set<unknown>();
    azure.look = (snapshot) => {
      if (failed.size === 0) failed.add(azure.groups.get(snapshot.groupName));
      const isFailed = failed.has(azure.groups.get(snapshot.groupName));
      return isFailed ? { ...snapshot, provisioningState: "Failed", containers: snapshot.containers.map((container) => ({ ...container, currentState: waiting })) } : snapshot;
    };
    const since = azure.clock.now();
    await azure.until(ensure(azure, { store: memoryStore() }));
    expect([azure.puts.length, azure.groups.size]).toEqual([2, 1]);
    expect(azure.clock.now() - since).toBeLessThan(120_000);

    azure.requests.length = 0;
    azure.look = (snapshot) => ({ ...snapshot, provisioningState: "Failed", containers: snapshot.containers.map((container) => ({ ...container, restartCount: 1, currentState: waiting })) });
    await expect(azure.until(ensure(azure, { store: memoryStore(), startTimeoutInMs: 60_000 }))).rejects.toMatchObject({ code: "ACI_SERVER_NOT_READY" });
    expect(azure.requests).not.toContain("delete");
  });

  // How a delete goes: at once, after a while, or with its answer lost.
  it.each<[string, number | undefined, boolean]>([["at once", undefined, false], ["at once, its answer lost", undefined, true], ["after 300 ms", 300, false], ["after 3 s", 3000, false], ["after 12 s", 12_000, false]])("deletes no server that has taken the place of a dead one, where deletes are done %s", async (_name, deletesInMs, isLost) => {
    for (let round = 0; round < 20; round++) {
      const azure = azureOf();
      const store = memoryStore();
      await azure.until(ensure(azure));
      const dead = new Set([...azure.groups.values()]);
      azure.look = (snapshot) => (dead.has(azure.groups.get(snapshot.groupName) as never) ? deadOf(snapshot) : snapshot);
      azure.deletesInMs = deletesInMs;
      let lost = isLost ? 0 : Infinity;
      azure.after = (verb) => {
        if (verb === "delete" && lost++ === 0) throw azure.fault({ transport: "ECONNRESET" });
      };
      const late = async (caller: number): Promise<unknown> => {
        await azure.clock.sleep(caller * (137 + round * 61));
        const { groupName } = await ensure(azure, { store });
        return azure.groups.get(groupName);
      };
      const servers = await azure.until(Promise.all([0, 1, 2, 3, 4].map(late)));
      await azure.clock.advance(60_000);
      expect(new Set(servers), `round ${round}`).toEqual(new Set(azure.groups.values()));
      expect(azure.puts).toHaveLength(2);
    }
  });

  it("takes no longer than it may, where a dead server is not to be deleted", async () => {
    const azure = azureOf();
    await azure.until(ensure(azure));
    azure.look = deadOf;
    azure.deletesInMs = 1e9;
    const since = azure.clock.now();
    await expect(azure.until(ensure(azure, { startTimeoutInMs: 60_000, store: memoryStore() }))).rejects.toMatchObject({ code: "ACI_SERVER_NOT_READY" });
    expect(azure.clock.now() - since).toBe(60_000);
    azure.before = (verb) => {
      if (verb === "delete") throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    await expect(azure.until(ensure(azure))).rejects.toMatchObject({ serviceCode: "AuthorizationFailed" });
  });

  it("makes no storm of creates of a server that dies at once", async () => {
    const azure = azureOf();
    azure.look = deadOf;
    await expect(azure.until(ensure(azure))).rejects.toMatchObject({ code: "ACI_SERVER_NOT_READY", message: expect.stringContaining("it is stopped") as string });
    expect(azure.puts.length).toBeGreaterThan(1);
    expect(azure.puts.length).toBeLessThan(7);
  });

  it("looks for a create whose answer was lost, and does not send it again over a group that one look misses", async () => {
    const azure = azureOf();
    let lost = 0;
    azure.after = (verb) => {
      if (verb === "put" && lost++ === 0) throw azure.fault({ transport: "ECONNRESET" });
    };
    const { groupName } = await azure.until(ensure(azure));
    expect(azure.puts).toHaveLength(1);
    let missed = 0;
    azure.before = (verb) => {
      if (verb === "get" && missed++ < 2) throw azure.fault({ statusCode: 404, serviceCode: "ResourceNotFound" });
    };
    expect((await azure.until(ensure(azure))).groupName).toBe(groupName);
    expect(azure.puts).toHaveLength(1);
  });

  it("passes on what Azure refuses the create with, and what the caller stops it with", async () => {
    const azure = azureOf();
    azure.before = (verb) => {
      if (verb === "put") throw azure.fault({ statusCode: 409, serviceCode: "ContainerGroupQuotaReached", serviceText: "quota" });
    };
    await expect(azure.until(ensure(azure))).rejects.toMatchObject({ code: "ACI_QUOTA_EXCEEDED" });
    azure.before = () => undefined;
    const controller = new AbortController();
    const waiting = ensure(azure, { abortSignal: controller.signal });
    const failed = expect(azure.until(waiting)).rejects.toBe("enough");
    controller.abort("enough");
    await failed;
  });

  it("is left to a sweep when nobody has asked for it for so long, and not before", async () => {
    const azure = azureOf();
    const { groupName } = await azure.until(ensure(azure, { idleTimeoutInMs: HOUR }));
    for (let asked = 0; asked < 6; asked++) {
      await azure.clock.advance(HOUR * 0.9);
      await azure.until(ensure(azure, { idleTimeoutInMs: HOUR }));
      expect((await azure.until(sweep(azure.client()))).counts).toMatchObject({ alive: 1, deleted: 0 });
    }
    expect(azure.puts).toHaveLength(1);
    expect(azure.groups.get(groupName)?.tags).toMatchObject({ "aci-lifecycle-owner": "default", "aci-lifecycle-key": groupName.slice(6) });
    await azure.clock.advance(1.2 * HOUR);
    expect((await azure.until(sweep(azure.client()))).counts).toMatchObject({ deleted: 1 });
  });

  it.each([20, -20])("keeps its lease by Azure's clock, which is %s minutes ahead", async (minutes) => {
    const azure = azureOf();
    azure.aheadInMs = (minutes * HOUR) / 60;
    const options = { idleTimeoutInMs: HOUR / 6 };
    await azure.until(ensure(azure, options));
    azure.requests.length = 0;
    for (let asked = 0; asked < 12; asked++) {
      await azure.clock.advance(HOUR / 15);
      await azure.until(ensure(azure, options));
      expect((await azure.until(sweep(azure.client(), { graceInMs: 0 }))).counts).toMatchObject({ alive: 1, deleted: 0 });
    }
    expect(azure.requests.filter((verb) => verb === "patchTags").length).toBeLessThan(7);
    await azure.clock.advance(HOUR / 5);
    expect((await azure.until(sweep(azure.client(), { graceInMs: 0 }))).counts).toMatchObject({ deleted: 1 });
  });

  it.each<[unknown, RegExp]>([
    [{ image: "sheets" }, /`key`/u],
    [{ key: "", image: "sheets" }, /`key`/u],
    [{ key: "a" }, /`image`/u],
    [{ key: "a", image: "sheets", restartPolicy: "Never" }, /restartPolicy/u],
    [{ key: "a", image: "sheets", files: {} }, /`files`/u],
    [{ key: "a", image: "sheets", ports: [{ port: 0 }] }, /ports/u],
    [undefined, /^Expected `spec` to be an object, got `undefined` \(undefined\)\.$/u],
    [null, /^Expected `spec` to be an object, got `null` \(null\)\.$/u],
    ["sheets", /^Expected `spec` to be an object, got string\.$/u],
  ])("refuses %o", async (spec, text) => {
    const azure = azureOf();
    await expect(ensureServer(azure.client(), spec as never)).rejects.toThrow(text);
    expect(azure.requests).toEqual([]);
  });

  it.each<[object, EnsureServerOptions["isHealthy"], RegExp | undefined]>([
    [{}, { http: 8080 }, /^Expected `address` to be given where `isHealthy` asks a port: without an address nobody reaches it\.$/u],
    [{ ports: [{ port: 8080 }] }, { tcp: 8080 }, /^Expected `address` to be given/u],
    [{ ports: [{ port: 8080 }], address: {} }, { http: 8080 }, undefined],
    [{ ports: [{ port: 8080 }], address: {} }, { http: 80 }, /^Expected `isHealthy\.http` to be a TCP port that the address opens, one of `8080`, got `80` \(number\)\.$/u],
    [{ ports: [{ port: 8080, protocol: "UDP" }], address: {} }, { tcp: 8080 }, /^Expected `isHealthy\.tcp` to be a TCP port that the address opens, which has none, got `8080` \(number\)\.$/u],
    [{ ports: [{ port: 8080 }], address: { ports: [{ port: 80 }] } }, { tcp: 8080 }, /one of `80`/u],
    [{ ports: [{ port: 80 }], sidecars: [{ name: "proxy", image: "proxy", ports: [{ port: 8080 }] }], address: {} }, { tcp: 8080 }, undefined],
    [{ subnetId: "/subnets/a" }, { tcp: 8080 }, undefined],
    [{ ports: [{ port: 8080 }], address: {}, files: undefined }, { http: 8080 }, undefined],
    [{ arm: { properties: { ipAddress: {} } } }, { tcp: 8080 }, undefined],
    [{}, () => true, undefined],
  ])("asks %o by %o only where it can be reached, and so does a pool", async (spec, isHealthy, text) => {
    const azure = azureOf();
    const stop = AbortSignal.abort("it was taken");
    const failure: unknown = await ensure(azure, { isHealthy, abortSignal: stop }, { ...SPEC, ...spec }).catch((error: unknown) => error);
    const pool = (): ServerPool => new ServerPool(azure.client(), { name: "arena", server: { image: "sheets:2", ...spec }, scaling: bySessions({ capacityPerServer: 1 }), store: memoryStore(), isHealthy });
    if (text === undefined) {
      expect(failure).toBe("it was taken");
      expect(pool).not.toThrow();
    } else {
      expect((failure as Error).message).toMatch(text);
      expect(pool).toThrow(text);
    }
  });

  it.each<[object | null, RegExp]>([
    [{ isHealthy: "yes" }, /isHealthy/u],
    [{ isHealthy: {} }, /isHealthy/u],
    [{ isHealthy: { tcp: 80, http: 80 } }, /isHealthy/u],
    [{ isHealthy: { tcp: 99999 } }, /65535/u],
    [{ isHealthy: { http: 80, path: "x" } }, /path/u],
    [{ startTimeoutInMs: 0 }, /startTimeoutInMs/u],
    [{ timeout: 1 }, /timeout/u],
    [null, /^Expected `options` to be an object, got `null`/u],
    [{ abortSignal: new AbortController() }, /^Expected `abortSignal` to be an AbortSignal/u],
    [{ secrets: { key: "value" } }, /^Expected `secrets` to be a function, got object\.$/u],
    [{ store: {} }, /^Expected `store` to be a JobStore/u],
  ])("refuses options %o", async (options, text) => {
    await expect(ensure(azureOf(), options as EnsureServerOptions)).rejects.toThrow(text);
  });
});
