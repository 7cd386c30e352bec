import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { longPoll, resolvePauses } from "../../src/storage/long-poll.js";

const PAUSES = resolvePauses({});

describe("a long poll", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks with growing pauses until time is up, and once more then", async () => {
    const askedAt: number[] = [];
    const since = performance.now();
    const ask = async (): Promise<never[]> => (askedAt.push(performance.now() - since), []);
    const polling = longPoll(ask, { waitInMs: 9000 }, PAUSES);
    await vi.advanceTimersByTimeAsync(9000);
    expect(await polling).toEqual([]);
    expect(askedAt).toEqual([0, 250, 750, 1750, 3750, 5750, 7750, 9000]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks once where there is no time", async () => {
    const ask = vi.fn(async () => []);
    expect(await longPoll(ask, { waitInMs: 0 }, PAUSES)).toEqual([]);
    expect(ask).toHaveBeenCalledOnce();
  });

  it("answers at once what there is", async () => {
    expect(await longPoll(async () => [1], { waitInMs: 60_000 }, PAUSES)).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("rejects with the signal's reason, and leaves neither timer nor listener", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    const polling = longPoll(async () => [], { waitInMs: 60_000, abortSignal: signal }, PAUSES);
    const failed = expect(polling).rejects.toBe("enough");
    await vi.advanceTimersByTimeAsync(1000);
    controller.abort("enough");
    await failed;
    expect(vi.getTimerCount()).toBe(0);
    // The last is removed by its own abort.
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([3, 2]);
    await expect(longPoll(async () => [1], { waitInMs: 0, abortSignal: signal }, PAUSES)).rejects.toBe("enough");
  });

  it("rejects with the reason where the abort has ended a request, and with a failure where it has not", async () => {
    const controller = new AbortController();
    const broken = longPoll(async () => (controller.abort("enough"), Promise.reject(new Error("AbortError"))), { waitInMs: 1000, abortSignal: controller.signal }, PAUSES);
    await expect(broken).rejects.toBe("enough");
    await expect(longPoll(() => Promise.reject(new Error("no table")), { waitInMs: 1000 }, PAUSES)).rejects.toThrow("no table");
  });
});
