import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../src/budget/token-bucket.js";
import { Turns } from "../../src/budget/turns.js";
import type { Turn } from "../../src/gateway.js";
import { VirtualClock } from "../../src/internal/clock.js";

interface Gone {
  readonly name: string;
  readonly at: number;
}

function setUp(perSecond = 1): { clock: VirtualClock; bucket: TokenBucket; gone: Gone[]; ask: (name: string, turn?: Partial<Turn> & { since?: number }, signal?: AbortSignal) => void } {
  const clock = new VirtualClock(0);
  const bucket = new TokenBucket({ burst: 1, perSecond });
  const turns = new Turns(bucket);
  const gone: Gone[] = [];
  bucket.take(0);
  const ask = (name: string, turn?: Partial<Turn> & { since?: number }, signal?: AbortSignal): void => {
    const whole = turn && { urgency: turn.urgency ?? ((now: number): number => now - (turn.since ?? 0)), latest: turn.latest ?? Infinity };
    turns.take(clock, whole, signal).then(
      () => gone.push({ name, at: clock.now() }),
      (error: unknown) => gone.push({ name: `${name}: ${String(error)}`, at: clock.now() }),
    );
  };
  return { clock, bucket, gone, ask };
}
const names = (gone: readonly Gone[]): string[] => gone.map(({ name }) => name);

describe("the order of requests that wait", () => {
  it("is that in which they came, and looks come after all others", async () => {
    const { clock, gone, ask } = setUp();
    ask("look", {});
    ask("delete");
    ask("logs");
    await clock.advance(10_000);
    expect(gone).toEqual([{ name: "delete", at: 1000 }, { name: "logs", at: 2000 }, { name: "look", at: 3000 }]);
  });

  it("is by urgency among looks, as it is when there is a turn", async () => {
    const { clock, gone, ask } = setUp();
    ask("falls", { urgency: (now) => 5000 - now });
    ask("rises", { urgency: (now) => now });
    ask("flat", { urgency: () => 4999 });
    await clock.advance(1000);
    expect(names(gone)).toEqual(["flat"]);
    await clock.advance(10_000);
    expect(names(gone)).toEqual(["flat", "falls", "rises"]);
  });

  it("lets a look that has just come go first if it is more urgent", async () => {
    const { clock, gone, ask } = setUp();
    for (let index = 0; index < 5; index++) ask(`old-${index}`, { urgency: () => index });
    await clock.advance(1000);
    ask("new", { urgency: () => 3.5 });
    await clock.advance(10_000);
    expect(names(gone)).toEqual(["old-4", "new", "old-3", "old-2", "old-1", "old-0"]);
  });

  it("serves each once, whoever comes after some were served", async () => {
    const { clock, bucket, gone, ask } = setUp();
    for (let index = 0; index < 5; index++) ask(`old-${index}`, { urgency: () => index, latest: index === 0 ? 3500 : Infinity });
    await clock.advance(2000);
    expect(names(gone)).toEqual(["old-4", "old-3"]);
    // More urgent than who was served, and as urgent as who waits.
    ask("most", { urgency: () => 9 });
    ask("same", { urgency: () => 2 });
    await clock.advance(1500);
    // Its time is over, whatever its turn. It is paid for by those who come next.
    expect(gone.slice(2)).toEqual([{ name: "most", at: 3000 }, { name: "old-0", at: 3500 }]);
    await clock.advance(20_000);
    expect(gone.slice(4)).toEqual([{ name: "old-2", at: 5000 }, { name: "same", at: 6000 }, { name: "old-1", at: 7000 }]);
    expect(bucket.waitInMs(clock.now())).toBe(0);
    // Nobody is left, and all who come have their turn at once.
    ask("later", {});
    await clock.advance(0);
    expect(gone.at(-1)).toEqual({ name: "later", at: clock.now() });
  });

  it("lets nobody wait for those who were served while others still wait for a turn that does not come", async () => {
    const { clock, gone, ask } = setUp();
    const leaving = new AbortController();
    ask("goes", { urgency: () => 2 });
    ask("leaves", { urgency: () => 1 }, leaving.signal);
    await clock.advance(1000);
    leaving.abort(new Error("enough"));
    await clock.advance(5000);
    ask("free", {});
    await clock.advance(0);
    expect(names(gone)).toEqual(["goes", "leaves: Error: enough", "free"]);
  });

  it("puts looks in order anew, as their urgency changes while they wait", async () => {
    const { clock, gone, ask } = setUp(1000);
    for (let index = 0; index < 200; index++) ask(`early-${index}`, { urgency: (now) => (now < 70 ? 1000 + index : index) });
    for (let index = 0; index < 200; index++) ask(`late-${index}`, { urgency: (now) => (now < 70 ? index : 1000 + index) });
    await clock.advance(500);
    const places = names(gone);
    expect(places).toHaveLength(400);
    expect(places.slice(0, 60).every((name) => name.startsWith("early"))).toBe(true);
    expect(places.indexOf("late-199")).toBeLessThan(140);
  });

  it("is round robin where the urgency is how long one has waited", async () => {
    const { clock, gone, ask } = setUp(10);
    for (let index = 0; index < 300; index++) ask(String(index), { since: index - 300 });
    await clock.advance(60_000);
    expect(names(gone)).toEqual(Array.from({ length: 300 }, (_unused, index) => String(index)));
  });

  it("does not keep a look beyond its latest time, and makes up for it", async () => {
    const { clock, gone, ask } = setUp(0.1);
    ask("late", { latest: 2000, urgency: () => 0 });
    ask("other", { urgency: () => 1 });
    await clock.advance(60_000);
    expect(gone).toEqual([{ name: "late", at: 2000 }, { name: "other", at: 20_000 }]);
  });

  it("keeps looks, and nothing else, while Azure wants a pause", async () => {
    const { clock, bucket, gone, ask } = setUp(1000);
    bucket.throttle(0, 30_000);
    ask("look", {});
    ask("late", { latest: 10_000 });
    ask("logs");
    await clock.advance(60_000);
    expect(names(gone)).toEqual(["logs", "late", "look"]);
    expect(gone[0]?.at).toBeLessThan(10);
    expect(gone.slice(1).map(({ at }) => at)).toEqual([10_000, 30_000]);
  });

  it("forgets who is called away", async () => {
    const { clock, gone, ask } = setUp();
    const controller = new AbortController();
    ask("first", undefined, controller.signal);
    ask("look", {}, controller.signal);
    ask("second");
    controller.abort("stop");
    await clock.advance(10_000);
    expect(gone).toEqual([{ name: "first: stop", at: 0 }, { name: "look: stop", at: 0 }, { name: "second", at: 1000 }]);
    expect(clock.nextWakeAt).toBeUndefined();
  });
});

describe("whoever gives turns", () => {
  it("comes to an end at any rate, by a clock that counts from 1970", async () => {
    const clock = new VirtualClock();
    const turns = new Turns(new TokenBucket({ burst: 1, perSecond: 20 / 3 }));
    let given = 0;
    const all = Promise.all(Array.from({ length: 2000 }, () => turns.take(clock, undefined, undefined).then(() => given++)));
    for (let steps = 0; given < 2000 && steps < 5000; steps++) await clock.advance((clock.nextWakeAt ?? clock.now()) - clock.now());
    expect(given).toBe(2000);
    await all;
  });

  it("does so no longer than somebody waits", async () => {
    const { clock, bucket, gone, ask } = setUp(1000);
    bucket.throttle(0, 60_000);
    ask("late", { latest: 10_000 });
    await clock.advance(10_000);
    expect(names(gone)).toEqual(["late"]);
    expect(clock.nextWakeAt).toBeUndefined();
  });

  it("leaves no timer behind when nobody wants one any more", async () => {
    const { clock, ask } = setUp(0.001);
    const controller = new AbortController();
    ask("look", {}, controller.signal);
    expect(clock.nextWakeAt).toBeDefined();
    controller.abort("stop");
    await clock.advance(0);
    await clock.advance(0);
    expect(clock.nextWakeAt).toBeUndefined();
  });
});
