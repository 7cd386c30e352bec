import { describe, expect, it } from "vitest";
import { AciError, bySessions, ensureServer, isAciError, memoryStore, ServerPool, type JobStore, type SecretSource, type ServerPoolOptions } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const INLINE = "inline-s3cret-value";
const NAMED = "named-s3cret-value";
const SERVER = { image: "arena", environment: { TOKEN: { secureValue: INLINE }, KEY: { secret: "key" } } };
const secrets = (): string => NAMED;

// A pool over an Azure that fails creates with all that it was told, or shows it in events.
function loud(isRefusing: boolean): FakeAzure {
  const azure = new FakeAzure();
  azure.before = (verb, subject) => {
    if (verb === "put" && isRefusing) throw new AciError(`It failed: ${JSON.stringify(subject)}`, { code: "ACI_REQUEST_FAILED", statusCode: 400, serviceCode: "BadRequest" });
  };
  const event = { kind: "Failed", text: `bad values ${INLINE} and ${NAMED}`, type: "Warning", count: 1, firstAt: "", lastAt: "" };
  azure.look = (snapshot) => ({ ...snapshot, provisioningState: "Failed", events: [event], containers: snapshot.containers.map((container) => ({ ...container, currentState: { state: "Waiting" } })) });
  return azure;
}

describe("the secrets of servers", () => {
  it.each([true, false])("are in no report, no row and no error of a pool, whatever the service repeats (refusing: %s)", async (isRefusing) => {
    const azure = loud(isRefusing);
    const store = memoryStore();
    const pool = new ServerPool(azure.client(), { name: "arena", server: SERVER, scaling: bySessions({ capacityPerServer: 1 }), store, min: 1, secrets });
    const shown: unknown[] = [];
    for (let passes = 0; passes < 3; passes++) {
      shown.push(await pool.reconcile());
      for await (const entry of store.list?.("") ?? []) shown.push(entry);
      for await (const server of pool.servers()) shown.push(server);
      await azure.clock.advance(15_000);
    }
    expect(azure.requests).toContain("put");
    const text = JSON.stringify(shown);
    expect(text).toContain(isRefusing ? "BadRequest" : "bad values [secret] and [secret]");
    for (const secret of [INLINE, NAMED]) expect(text).not.toContain(secret);
    expect(JSON.stringify(azure.puts.map(({ tags }) => tags))).not.toContain(INLINE);
  });

  it("are not in why the server of a key is not ready", async () => {
    const azure = loud(false);
    const failure: unknown = await azure.until(ensureServer(azure.client(), { key: "a", ...SERVER }, { secrets, startTimeoutInMs: 60_000 })).catch((error: unknown) => error);
    expect(isAciError(failure) && failure.message).toContain("bad values [secret] and [secret]");
  });

  describe.each<[string, SecretSource]>([["resolves them", secrets], ["cannot resolve them", () => Promise.reject(new Error("the vault is closed"))]])("are not in what another process tells, which %s:", (_name, source) => {
    const isKnown = source === secrets;
    const pool = (azure: FakeAzure, store: JobStore, more: Partial<ServerPoolOptions>): ServerPool => new ServerPool(azure.client(), { name: "arena", server: SERVER, scaling: bySessions({ capacityPerServer: 1 }), store, scaleInCooldownInMs: 0, ...more });

    it("why a server is lost", async () => {
      const azure = loud(false);
      const store = memoryStore();
      await pool(azure, store, { min: 1, secrets }).reconcile();
      const report = await pool(azure, store, { secrets: source }).reconcile();
      expect(report.actions).toMatchObject([{ kind: "lose", because: `its provisioning failed: ${isKnown ? "bad values [secret] and [secret]" : "Failed"}` }]);
      for await (const entry of store.list?.("") ?? []) expect(JSON.stringify(entry)).not.toContain(NAMED);
    });

    it("why a server is not ready, for a pool and for a key", async () => {
      const azure = loud(false);
      const text = `pull failed with ${INLINE} and ${NAMED}`;
      const waiting = { currentState: { state: "Waiting", detail: text }, previousState: { state: "Terminated", exitCode: 1, detail: text } };
      const events = [{ kind: "Normal", text, type: "Normal", count: 1, firstAt: "", lastAt: "" }, { kind: "Failed", text, type: "Warning", count: 1, firstAt: "", lastAt: "" }];
      azure.look = (snapshot) => ({ ...snapshot, provisioningState: "Pending", containers: snapshot.containers.map((container) => ({ ...container, ...waiting, events })) });
      const store = memoryStore();
      await pool(azure, store, { min: 1, secrets }).reconcile();
      await azure.clock.advance(15_000);
      const report = await pool(azure, store, { min: 1, secrets: source, startTimeoutInMs: 8000 }).reconcile();
      const hidden = "pull failed with [secret] and [secret]";
      const why = isKnown ? `container "main": ${hidden}; it ended with exit code 1; it is Waiting (${hidden})` : 'container "main": Failed; it ended with exit code 1; it is Waiting';
      expect(report.actions).toContainEqual(expect.objectContaining({ kind: "lose", because: `it was not ready after 8000 ms: its group is Pending, Running; ${why}` }));
      for await (const entry of store.list?.("") ?? []) expect(JSON.stringify(entry)).not.toMatch(/s3cret/u);
      // One that is there, so that this process has not resolved them for its create.
      await azure.until(ensureServer(azure.client(), { key: "a", ...SERVER }, { secrets, startTimeoutInMs: 1 })).catch(() => undefined);
      const failure: unknown = await azure.until(ensureServer(azure.client(), { key: "a", ...SERVER }, { secrets: source, startTimeoutInMs: 8000 })).catch((error: unknown) => error);
      expect(isAciError(failure) && failure.message).toContain(`its group is Pending, Running; ${why} [`);
    });

    it("what Azure refuses", async () => {
      const azure = new FakeAzure();
      azure.runsInMs = 1e12;
      const store = memoryStore();
      await pool(azure, store, { min: 1, secrets }).reconcile();
      azure.before = (verb) => {
        if (verb === "delete") throw new AciError(`Not with ${NAMED} or ${INLINE}`, { code: "ACI_REQUEST_FAILED", statusCode: 400, serviceCode: "BadRequest" });
      };
      const other = pool(azure, store, { secrets: source });
      const faults: unknown[] = [];
      for (let passes = 0; passes < 4; passes++) {
        await azure.clock.advance(15_000);
        faults.push(...(await other.reconcile()).faults);
      }
      const text = isKnown ? "Not with [secret] or [secret]" : expect.stringContaining("could not be resolved") as string;
      expect(faults[0]).toMatchObject({ request: "delete", fault: { code: "ACI_REQUEST_FAILED", serviceCode: "BadRequest", statusCode: 400, text } });
      expect(JSON.stringify(faults)).not.toMatch(/s3cret/u);
    });

    it("why the server of a key is not ready", async () => {
      const azure = loud(false);
      azure.deletesInMs = 1e9;
      await azure.until(ensureServer(azure.client(), { key: "a", ...SERVER }, { secrets, startTimeoutInMs: 1 })).catch(() => undefined);
      const failure: unknown = await azure.until(ensureServer(azure.client(), { key: "a", ...SERVER }, { secrets: source, startTimeoutInMs: 60_000 })).catch((error: unknown) => error);
      expect(isAciError(failure) && failure.message).toContain(isKnown ? "bad values [secret] and [secret]" : "its provisioning failed: Failed [");
    });
  });

  it("are asked for once by a process, and only where Azure has said something that may be told", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 1e12;
    const store = memoryStore();
    let asked = 0;
    const options = { name: "arena", server: SERVER, scaling: bySessions({ capacityPerServer: 1 }), store };
    const creating = new ServerPool(azure.client(), { ...options, min: 3, secrets });
    await creating.reconcile();
    await azure.clock.advance(15_000);
    await creating.reconcile();
    // One that starts without trouble is told of by no words of Azure's.
    azure.look = (snapshot) => ({ ...snapshot, containers: snapshot.containers.map((container) => ({ ...container, currentState: { state: "Waiting" }, events: [{ kind: "Pulling", text: NAMED, type: "Normal", count: 1, firstAt: "", lastAt: "" }] })) });
    const first = new ServerPool(azure.client(), { ...options, min: 3, secrets: () => (asked++, NAMED) });
    await first.reconcile();
    expect(asked).toBe(0);
    azure.look = (snapshot) => snapshot;
    const looking = new ServerPool(azure.client(), { ...options, min: 3, secrets: () => (asked++, NAMED) });
    await looking.reconcile();
    expect(asked).toBe(0);
    azure.before = (verb) => {
      if (verb === "get") throw azure.fault({ statusCode: 503, serviceCode: "ServiceUnavailable", serviceText: NAMED });
    };
    for (let passes = 0; passes < 3; passes++) expect((await looking.reconcile()).faults).toHaveLength(3);
    expect(asked).toBe(1);
  });

  it("that cannot be resolved are told of by name, where they keep a server from being created", async () => {
    const pool = new ServerPool(new FakeAzure().client(), { name: "arena", server: SERVER, scaling: bySessions({ capacityPerServer: 1 }), store: memoryStore(), min: 1 });
    expect((await pool.reconcile()).faults).toMatchObject([{ request: "create", fault: { code: "ACI_JOB_NEEDS_SECRETS", text: expect.stringContaining('secret "key"') as string } }]);
  });
});
