import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { count, duration, moment, money, percent, rough, tick } from "../../../src/pools/pool-report/page/format.js";
import { FORMAT } from "../../../src/pools/pool-report/page/script/format.js";

// The page's script writes them by itself.
const script = runInNewContext(`${FORMAT}; ({ duration, money, tick })`) as { duration: typeof duration; money: typeof money; tick: typeof tick };

describe("numbers in a report", () => {
  it.each([
    [0, "0.0s"],
    [49, "0.0s"],
    [9949, "9.9s"],
    [9950, "10s"],
    [59_499, "59s"],
    [59_500, "1m 00s"],
    [185_000, "3m 05s"],
    [3_599_500, "1h 00m"],
    [7_620_000, "2h 07m"],
    [360_000_000, "100h 00m"],
    [4_000_000_000, "1,111h 06m"],
  ])("has %d ms as %s", (ms, text) => {
    expect([duration(ms), script.duration(ms)]).toEqual([text, text]);
  });

  it.each([
    [0, "0"],
    [0.000_046, "0.000046"],
    [0.0012, "0.0012"],
    [0.066_49, "0.066"],
    [0.314, "0.31"],
    [12.4, "12.40"],
  ])("has %d USD as %s", (amount, text) => {
    expect([money(amount), script.money(amount)]).toEqual([text, text]);
  });

  it.each([
    [0, "0"],
    [5, "5s"],
    [0.5, "0.5s"],
    [120, "2m"],
    [150, "2m 30s"],
    [5400, "1h 30m"],
    [7200, "2h"],
  ])("has %d s on an axis as %s", (seconds, text) => {
    expect([tick(seconds), script.tick(seconds)]).toEqual([text, text]);
  });

  it("groups digits, and leaves those out that do not matter", () => {
    expect([999, 1000, 1_234_567].map(count)).toEqual(["999", "1,000", "1,234,567"]);
    expect([0, 0.44, 7, 99.94, 99.96, 1310.4].map(rough)).toEqual(["0", "0.4", "7", "99.9", "100", "1,310"]);
    expect([0, 0.004, 0.996, 1].map(percent)).toEqual(["0%", "<1%", "100%", "100%"]);
  });

  it("names the day once", () => {
    const at = Date.parse("2026-11-26T23:59:58.700Z");
    expect([moment(at), moment(at + 1000, at), moment(at + 1500, at)]).toEqual(["2026-11-26 23:59:59", "2026-11-27 00:00:00", "2026-11-27 00:00:00"]);
    expect(moment(at, at - 5000)).toBe("23:59:59");
  });
});
