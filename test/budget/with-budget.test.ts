import { describe, expect, it } from "vitest";
import { createGateway } from "../../src/azure/create-gateway.js";
import type { ArmAnswer, ArmRequest } from "../../src/azure/arm-client.js";
import { headroomIn } from "../../src/azure/headroom.js";
import type { Ledger } from "../../src/budget/ledger.js";
import { ledgerOf, RequestBudget, type RequestBudgetOptions } from "../../src/budget/request-budget.js";
import { withBudget } from "../../src/budget/with-budget.js";
import { AciError } from "../../src/errors.js";
import { VirtualClock } from "../../src/internal/clock.js";

const headers = (all: Record<string, string> = {}): ArmAnswer["headers"] => ({ get: (name) => all[name] });
const group = (name: string): { name: string; containers: []; location: string } => ({ name, containers: [], location: "westeurope" });

const ledger = (options?: RequestBudgetOptions): Ledger => ledgerOf(new RequestBudget(options)) as Ledger;

function setUp(budget: Ledger, answer: (request: ArmRequest, now: number) => ArmAnswer = () => ({ status: 200, headers: headers(), body: { name: "g", properties: { containers: [] } } })) {
  const clock = new VirtualClock(0);
  const sent: { method: string; at: number }[] = [];
  const send = async (request: ArmRequest): Promise<ArmAnswer> => {
    sent.push({ method: request.method, at: clock.now() });
    return answer(request, clock.now());
  };
  return { clock, sent, gateway: withBudget(createGateway({ subscriptionId: "s", resourceGroup: "r" }, { send }), budget, clock) };
}

describe("a gateway with a budget", () => {
  it("sends no more creates than ACI takes in five minutes and an hour", async () => {
    const { clock, sent, gateway } = setUp(ledger({ createsPerFiveMinutes: 3, createsPerHour: 5 }));
    const creates = Promise.all(Array.from({ length: 7 }, (_unused, index) => gateway.put(group(`g-${index}`), {})));
    await clock.advance(3 * 3_600_000);
    await creates;
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 0, 301_000, 301_000, 3_601_000, 3_601_000]);
  });

  it("counts reads, writes and deletes apart", async () => {
    const { clock, sent, gateway } = setUp(ledger({ share: 1, readsPerSecond: 0.1, writesPerSecond: 0.05 }));
    const all = Promise.all([gateway.get("a", {}), gateway.get("b", {}), gateway.delete("a", {}), gateway.delete("b", {}), gateway.patchTags("a", {}, {})]);
    await clock.advance(60_000);
    await all;
    expect(sent.sort((a, b) => a.at - b.at)).toEqual([
      { method: "GET", at: 0 },
      { method: "DELETE", at: 0 },
      { method: "PATCH", at: 0 },
      { method: "GET", at: 10_000 },
      { method: "DELETE", at: 20_000 },
    ]);
  });

  it("slows all of its requests down after a 429", async () => {
    const { clock, sent, gateway } = setUp(ledger({ share: 1 }), (_request, now) => {
      if (now === 0) throw new AciError("throttled", { code: "ACI_REQUEST_FAILED", statusCode: 429, retryAfterInMs: 20_000 });
      return { status: 200, headers: headers(), body: { name: "g", properties: { containers: [] } } };
    });
    await expect(gateway.get("a", {})).rejects.toMatchObject({ statusCode: 429 });
    const look = gateway.get("b", { turn: { urgency: () => 1, latest: Infinity } });
    const logs = gateway.readLogs("a", "a", {});
    await clock.advance(60_000);
    await Promise.all([look, logs]);
    expect(sent.map(({ at }) => at)).toEqual([0, expect.closeTo(80, 0), 20_000]);
  });

  it("sends a create no more after one that was refused until it may", async () => {
    const { clock, sent, gateway } = setUp(ledger(), (_request, now) => {
      if (now === 0) throw new AciError("throttled", { code: "ACI_REQUEST_FAILED", statusCode: 429, retryAfterInMs: 90_000 });
      return { status: 201, headers: headers(), body: { name: "g", properties: { containers: [] } } };
    });
    await expect(gateway.put(group("a"), {})).rejects.toMatchObject({ statusCode: 429 });
    const next = gateway.put(group("b"), {});
    await clock.advance(200_000);
    await next;
    expect(sent.map(({ at }) => at)).toEqual([0, 90_000]);
  });

  it("gives back the turn of a create that was not sent", async () => {
    const { clock, gateway } = setUp(ledger({ createsPerFiveMinutes: 1, share: 1, writesPerSecond: 0.05 }));
    await gateway.patchTags("a", {}, {});
    const abort = new AbortController();
    const refused = gateway.put(group("b"), { abortSignal: abort.signal }).catch((error: unknown) => error);
    await clock.advance(1000);
    abort.abort(new Error("no more"));
    expect(await refused).toMatchObject({ message: "no more" });
    const next = gateway.put(group("c"), {});
    await clock.advance(30_000);
    await next;
  });

  it("goes by what answers say is left", () => {
    const budget = ledger();
    expect(headroomIn(headers({ "x-ms-ratelimit-remaining-subscription-writes": "198", "x-ms-ratelimit-remaining-subscription-resource-requests-pt5m": "1", "x-ms-ratelimit-remaining-subscription-resource-requests-pt1h": "nonsense" }))).toEqual({ requests: 198, inFiveMinutes: 1, inAnHour: undefined });
    budget.creates.take(0, "a");
    budget.learn("writes", 0, { inFiveMinutes: 1 });
    expect(budget.creates.take(1, "b")).toBe(1);
    expect(budget.creates.next(1)).toBe(301_000);
    // Deletes are counted apart.
    budget.learn("deletes", 0, { inFiveMinutes: 50 });
    expect(budget.creates.next(1)).toBe(301_000);
  });

  it.each([
    [{ share: 0 }, RangeError, "share"],
    [{ share: 1.5 }, RangeError, "share"],
    [{ readsPerSecond: "20" }, TypeError, "readsPerSecond"],
    [{ readPerSecond: 20 }, TypeError, "readPerSecond"],
  ])("refuses %j at once", (options, error, field) => {
    expect(() => new RequestBudget(options as never)).toThrow(error);
    expect(() => new RequestBudget(options as never)).toThrow(field);
  });
});
