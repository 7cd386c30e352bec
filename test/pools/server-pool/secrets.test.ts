import { describe, expect, it } from "vitest";
import { AciError, bySessions, ensureServer, isAciError, memoryStore, ServerPool } from "../../../src/index.js";
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
});
