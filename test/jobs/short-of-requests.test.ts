import { describe, expect, it } from "vitest";
import { SharedLooks } from "../../src/budget/shared-looks.js";
import { partsOf } from "../../src/client/parts.js";
import { RequestBudget, runContainerJob, startContainerJob, stepContainerJob, type AciClient, type CompletionStrategy, type Signal } from "../../src/index.js";
import type { Snapshot } from "../../src/container-group.js";
import type { Turn } from "../../src/gateway.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { image: "busybox:1", key: "k" };

// A client that Azure tells, once, to ask no more for a minute.
function setUp(): { azure: FakeAzure; client: AciClient; throttle: () => void } {
  const azure = new FakeAzure();
  azure.runsInMs = 86_400_000;
  const client = azure.client({ requestBudget: new RequestBudget({ share: 1, readsPerSecond: 1 }) });
  const { budget, clock } = partsOf(client);
  return { azure, client, throttle: () => budget?.throttle("reads", clock.now(), 60_000, false) };
}

// A strategy whose signals come when the test says so, and that looks only then.
class Bell implements CompletionStrategy {
  readonly name = "bell";
  #signals: Signal[] = [];
  #ring = (): void => undefined;
  isListenedTo = 0;

  ring(signal: Signal): void {
    this.#signals.push(signal);
    this.#ring();
  }

  nextCheck({ signals }: Parameters<NonNullable<CompletionStrategy["nextCheck"]>>[0]) {
    return signals.ended === undefined ? { earliestInMs: 5000, latestInMs: 86_400_000 } : { earliestInMs: 0, latestInMs: 0 };
  }

  async receive(_job: unknown, { waitInMs, abortSignal }: { readonly waitInMs: number; readonly abortSignal: AbortSignal }): Promise<readonly Signal[]> {
    this.isListenedTo++;
    try {
      if (this.#signals.length === 0 && waitInMs > 0 && !abortSignal.aborted) await new Promise<void>((resolve) => {
        this.#ring = resolve;
        abortSignal.addEventListener("abort", () => resolve(), { once: true });
      });
      return this.#signals.splice(0);
    } finally {
      this.isListenedTo--;
    }
  }
}

describe("a job whose look waits for its turn", () => {
  it("is left at once when it is let go of", async () => {
    const { azure, client, throttle } = setUp();
    const letGo = new AbortController();
    const outcome = runContainerJob(client, SPEC, { detachSignal: letGo.signal }).catch((error: unknown) => (error as Error).name);
    await azure.clock.advance(60_000);
    throttle();
    await azure.clock.advance(50_000);
    const [at, requests] = [azure.clock.now(), azure.requests.length];
    letGo.abort();
    await azure.clock.advance(0);
    expect(await azure.until(outcome)).toBe("JobDetachedError");
    expect(azure.clock.now()).toBe(at);
    expect(azure.requests).toHaveLength(requests);
  });

  it("is canceled without that look", async () => {
    const { azure, client, throttle } = setUp();
    const cancel = new AbortController();
    const done = runContainerJob(client, SPEC, { abortSignal: cancel.signal, reject: false });
    await azure.clock.advance(60_000);
    throttle();
    await azure.clock.advance(50_000);
    const at = azure.clock.now();
    cancel.abort();
    await azure.clock.advance(0);
    await expect(azure.until(done)).resolves.toMatchObject({ outcome: "canceled" });
    expect(azure.clock.now() - at).toBeLessThan(5000);
  });

  it("looks at once when it is told of its end", async () => {
    const { azure, client, throttle } = setUp();
    const bell = new Bell();
    const running = runContainerJob(client, SPEC, { completion: bell, reject: false });
    await azure.clock.advance(60_000);
    const [group] = azure.puts;
    expect(group).toBeDefined();
    throttle();
    await azure.clock.advance(40_000);
    azure.runsInMs = 60_000;
    const at = azure.clock.now();
    bell.ring({ id: "1", groupName: group?.name ?? "", kind: "ended", source: "bell", at: "" });
    await azure.clock.advance(0);
    await expect(azure.until(running)).resolves.toMatchObject({ outcome: "succeeded" });
    expect(azure.clock.now() - at).toBeLessThan(5000);
    expect(bell.isListenedTo).toBe(0);
  });

  it("is not broken off by a signal where nobody goes on from there: the next step hears it", async () => {
    const { azure, client, throttle } = setUp();
    const bell = new Bell();
    let handle = await azure.until(startContainerJob(client, SPEC, { completion: bell }));
    for (let steps = 0; steps < 5; steps++) {
      ({ handle } = await azure.until(stepContainerJob(client, handle, { completion: bell })));
      await azure.clock.advance(30_000);
    }
    throttle();
    const looking = stepContainerJob(client, handle, { completion: bell });
    await azure.clock.advance(1000);
    bell.ring({ id: "1", groupName: azure.puts[0]?.name ?? "", kind: "ended", source: "bell", at: "" });
    const looks = azure.requests.filter((verb) => verb === "get").length;
    ({ handle } = await azure.until(looking));
    expect(azure.requests.filter((verb) => verb === "get")).toHaveLength(looks + 1);
    expect(await bell.receive(undefined, { waitInMs: 0, abortSignal: AbortSignal.abort() })).toHaveLength(1);
  });

  it("does not wait with another's look that may wait for longer", async () => {
    const looks = new SharedLooks();
    const snapshot = {} as Snapshot;
    const asked: string[] = [];
    const never = (): Promise<Snapshot> => (asked.push("first"), new Promise(() => undefined));
    const at = (latest: number): Turn => ({ urgency: () => 1, latest });
    void looks.look("g", never, { turn: at(1000) });
    void looks.look("g", never, { turn: at(2000) });
    expect(asked).toEqual(["first"]);
    const now = async (): Promise<Snapshot> => (asked.push("now"), snapshot);
    expect(await looks.look("g", now, { turn: at(500) })).toBe(snapshot);
    void looks.look("g", never, { turn: at(1000) });
    expect(await looks.look("g", now)).toBe(snapshot);
    expect(asked).toEqual(["first", "now", "first", "now"]);
  });
});
