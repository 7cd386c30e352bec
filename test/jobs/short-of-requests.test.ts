import { describe, expect, it } from "vitest";
import { partsOf } from "../../src/client/parts.js";
import { RequestBudget, runContainerJob, type AciClient, type CompletionStrategy, type Signal } from "../../src/index.js";
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

  async receive(_job: unknown, { abortSignal }: { readonly waitInMs: number; readonly abortSignal: AbortSignal }): Promise<readonly Signal[]> {
    this.isListenedTo++;
    try {
      if (this.#signals.length === 0) await new Promise<void>((resolve) => {
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
});
