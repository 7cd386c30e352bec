import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../src/budget/token-bucket.js";

// How many requests go in so many seconds, if each goes as soon as it may.
function sentIn(bucket: TokenBucket, from: number, seconds: number): number {
  let sent = 0;
  for (let now = from; ; now += bucket.waitInMs(now)) {
    if (bucket.waitInMs(now) > 0) continue;
    if (now > from + seconds * 1000) return sent;
    bucket.take(now);
    sent++;
  }
}

describe("a bucket of requests", () => {
  it("gives a burst at once, and then so many each second", () => {
    const bucket = new TokenBucket({ burst: 200, perSecond: 20 });
    expect(sentIn(bucket, 0, 0)).toBe(200);
    expect(sentIn(bucket, 1, 10)).toBe(200);
    expect(sentIn(bucket, 3_600_000, 0)).toBe(200);
  });

  it("makes up for what was taken before it was there", () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 });
    for (let taken = 0; taken < 4; taken++) bucket.take(0);
    expect(bucket.waitInMs(0)).toBe(4000);
  });

  it("is empty and half as fast after a 429, and as fast as before five minutes later", () => {
    const bucket = new TokenBucket({ burst: 200, perSecond: 20 });
    bucket.throttle(0, undefined);
    expect(sentIn(bucket, 0, 1)).toBeCloseTo(10, -1);
    expect(sentIn(bucket, 300_000, 0)).toBe(200);
    expect(sentIn(bucket, 300_001, 10)).toBe(200);
  });

  it("takes many refusals at once for one, and gets no slower than a sixteenth", () => {
    const many = new TokenBucket({ burst: 200, perSecond: 20 });
    for (let count = 0; count < 100; count++) many.throttle(0, undefined);
    expect(many.waitInMs(0)).toBeCloseTo(100, 5);
    for (let now = 1000; now <= 20_000; now += 1000) many.throttle(now, undefined);
    expect(many.waitInMs(20_000)).toBeCloseTo(800, 5);
  });

  it("pauses what can wait for as long as Azure asks, up to a minute", () => {
    const bucket = new TokenBucket({ burst: 200, perSecond: 20 });
    expect(bucket.pauseInMs(0)).toBe(0);
    bucket.throttle(0, 7000);
    expect(bucket.pauseInMs(3000)).toBe(4000);
    bucket.throttle(0, 3_600_000);
    expect(bucket.pauseInMs(0)).toBe(60_000);
  });

  it("leaves a fifth of a burst to others when Azure says how many are left for all", () => {
    const bucket = new TokenBucket({ burst: 200, perSecond: 20 });
    bucket.limit(0, 11_999);
    expect(bucket.waitInMs(0)).toBe(0);
    bucket.limit(0, 45);
    expect(sentIn(bucket, 0, 0)).toBe(5);
  });

  it("does not take for empty what is all that one principal ever has, whatever rate was hoped for", () => {
    const bucket = new TokenBucket({ burst: 3000, perSecond: 300 });
    bucket.limit(0, 249);
    expect(sentIn(bucket, 0, 0)).toBe(199);
  });
});
