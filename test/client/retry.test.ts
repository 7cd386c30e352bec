import { describe, expect, it } from "vitest";
import { FakeAzure } from "../jobs/fake-azure.js";

// Fails the first requests and notes when each was sent.
function failing(azure: FakeAzure, ...facts: readonly Parameters<FakeAzure["fault"]>[0][]): number[] {
  const sent: number[] = [];
  azure.before = () => {
    const fault = facts[sent.length];
    sent.push(azure.clock.now());
    if (fault !== undefined) throw azure.fault(fault);
  };
  return sent;
}

describe("a primitive that meets a passing fault", () => {
  it("is sent again when the service said, by the client's own clock", async () => {
    const azure = new FakeAzure();
    const sent = failing(azure, { statusCode: 429, retryAfterInMs: 7000 }, { statusCode: 429, retryAfterInMs: 40_000 });
    expect(await azure.until(azure.client().list().next())).toMatchObject({ done: true });
    expect([(sent[1] ?? 0) - (sent[0] ?? 0), (sent[2] ?? 0) - (sent[1] ?? 0)]).toEqual([7000, 40_000]);
  });

  it("is sent four times at the most, with growing pauses", async () => {
    const azure = new FakeAzure();
    const sent = failing(azure, ...Array.from({ length: 9 }, () => ({ statusCode: 503 })));
    await expect(azure.until(azure.client().get("g"))).rejects.toMatchObject({ statusCode: 503 });
    expect(sent).toHaveLength(4);
    expect((sent[3] ?? 0) - (sent[0] ?? 0)).toBeGreaterThanOrEqual(1750);
    expect((sent[3] ?? 0) - (sent[0] ?? 0)).toBeLessThanOrEqual(3500);
  });

  it("is left to the caller where the service asks for more than a minute, or it will not pass", async () => {
    const azure = new FakeAzure();
    failing(azure, { statusCode: 429, retryAfterInMs: 61_000 });
    await expect(azure.until(azure.client().get("g"))).rejects.toMatchObject({ retryAfterInMs: 61_000 });
    failing(azure, { statusCode: 403, serviceCode: "AuthorizationFailed" });
    await expect(azure.until(azure.client().get("g"))).rejects.toMatchObject({ statusCode: 403 });
  });

  it("stops waiting when it is aborted", async () => {
    const azure = new FakeAzure();
    const sent = failing(azure, { statusCode: 429, retryAfterInMs: 50_000 });
    const abort = new AbortController();
    const getting = azure.client().get("g", { abortSignal: abort.signal });
    void azure.clock.sleep(1000).then(() => abort.abort(new Error("enough")));
    await expect(azure.until(getting)).rejects.toThrow("enough");
    expect(azure.clock.now() - (sent[0] ?? 0)).toBe(1000);
  });

  it("asks nobody where it is given what is no signal", async () => {
    const azure = new FakeAzure();
    const notOne = new AbortController() as unknown as AbortSignal;
    await expect(azure.client().get("g", { abortSignal: notOne })).rejects.toThrow(/^Expected `abortSignal` to be an AbortSignal/u);
    await expect(azure.client().delete("g", { abortSignal: notOne })).rejects.toThrow(TypeError);
    expect(azure.requests).toEqual([]);
  });
});
