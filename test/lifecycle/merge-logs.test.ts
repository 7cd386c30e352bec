import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogMerger, partStamp, truncationOf } from "../../src/lifecycle/merge-logs.js";

function merge(windows: readonly string[]): { lines: string[]; gaps: number } {
  const merger = new LogMerger();
  let gaps = 0;
  const lines = windows.flatMap((window, i) => {
    const { fresh, isGap } = merger.add(window, i === windows.length - 1);
    gaps += isGap ? 1 : 0;
    return [...fresh];
  });
  return { lines, gaps };
}

describe("LogMerger", () => {
  it("neither drops nor repeats equal lines of a log that grows", () => {
    expect(merge(["a\na\n", "a\na\na\n", "a\na\na\nb\na\n"])).toEqual({ lines: ["a", "a", "a", "b", "a"], gaps: 0 });
  });

  it("joins windows whose beginning was cut off, in the middle of a line too", () => {
    expect(merge(["one\ntwo\nthree\n", "two\nthree\nfour\n", "ee\nfour\nfive\n"])).toEqual({ lines: ["one", "two", "three", "four", "five"], gaps: 0 });
  });

  it("marks where lines are missing", () => {
    expect(merge(["one\ntwo\n", "eight\nnine\n"])).toEqual({ lines: ["one", "two", "eight", "nine"], gaps: 1 });
  });

  it("keeps an unfinished line back until it has ended or the container has", () => {
    expect(merge(["one\ntw", "one\ntwo\nthr", "one\ntwo\nthr"])).toEqual({ lines: ["one", "two", "thr"], gaps: 0 });
  });

  it("takes nothing from an empty window", () => {
    expect(merge(["one\n", "", "one\n"])).toEqual({ lines: ["one"], gaps: 0 });
  });

  it("begins anew after a restart", () => {
    const merger = new LogMerger();
    merger.add("one\n", false);
    merger.reset();
    expect(merger.add("one\n", false)).toEqual({ fresh: ["one"], isGap: false, isCut: false });
    expect(merger.add("one\none\n", true)).toEqual({ fresh: ["one"], isGap: false, isCut: false });
  });

  describe("of a run that is known to have begun anew only after its first lines were read", () => {
    const stamped = (...seconds: readonly number[]): string => seconds.map((second) => `2026-01-01T00:00:${second}Z same\n`).join("");
    const anew = (before: readonly string[], ...after: readonly string[]): readonly unknown[] => {
      const merger = new LogMerger();
      for (const window of before) merger.add(window, false);
      merger.reset();
      return after.map((window) => {
        const { fresh, isGap } = merger.add(window, false);
        return { fresh, isGap };
      });
    };
    const lines = (...seconds: readonly number[]): readonly string[] => stamped(...seconds).trimEnd().split("\n");

    it("takes none of them again, by their stamps", () => {
      expect(anew([stamped(10, 11), stamped(20, 21)], stamped(20, 21, 22), stamped(20, 21, 22, 23))).toEqual([{ fresh: lines(22), isGap: false }, { fresh: lines(23), isGap: false }]);
      expect(anew([stamped(20, 21)], "", stamped(20, 21, 22))).toEqual([{ fresh: [], isGap: false }, { fresh: lines(22), isGap: false }]);
    });

    it("takes none of them again through a window that begins inside a line", () => {
      expect(anew([stamped(10), stamped(20, 21)], stamped(20, 21, 22).slice(5))).toEqual([{ fresh: lines(22), isGap: false }]);
    });

    it("takes a run of which nothing was read as a whole, and marks what is missing later", () => {
      expect(anew([stamped(10, 11)], stamped(20, 21), stamped(30))).toEqual([{ fresh: lines(20, 21), isGap: false }, { fresh: lines(30), isGap: true }]);
    });

    it("marks what is missing before one of which only the end is there, by the limit of a stopped container", () => {
      const end = (stamp: string): string => `${stamp}${"x".repeat(199 - stamp.length)}\n`.repeat(82);
      expect(anew(["one\n"], end(""))).toMatchObject([{ isGap: true }]);
      expect(anew([stamped(10)], end("2026-01-01T00:00:20Z "))).toMatchObject([{ isGap: true }]);
      expect(anew([], end(""))).toMatchObject([{ isGap: false }]);
    });
  });

  it("gives back every log, however its reads are spread", () => {
    const line = fc.stringMatching(/^[ab]{0,3}$/u);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 6 }), (lines, cuts) => {
        const whole = lines.map((text) => `${text}\n`).join("");
        const windows = [...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length].map((end) => whole.slice(0, end));
        expect(merge(windows)).toEqual({ lines, gaps: 0 });
      }),
    );
  });

  it("gives back a log of stamped lines through a window that moves over it, if reads overlap", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("x", "y"), { minLength: 1, maxLength: 80 }), fc.integer({ min: 20, max: 40 }), (texts, size) => {
        const lines = texts.map((text, i) => `${i} ${text}`);
        const windows: string[] = [];
        for (let end = 1; end < lines.length + 10; end += 10) windows.push(`${lines.slice(Math.max(0, end - size), end).join("\n")}\n`);
        expect(merge(windows)).toEqual({ lines, gaps: 0 });
      }),
    );
  });
});

describe("partStamp", () => {
  it("parts the service's stamp from the text, and leaves other lines alone", () => {
    expect(partStamp("2026-01-01T00:00:00.123456789Z hello  world")).toEqual({ at: "2026-01-01T00:00:00.123456789Z", text: "hello  world" });
    expect(partStamp("2026-01-01 hello")).toEqual({ text: "2026-01-01 hello" });
    expect(partStamp("2026-01-01T00:00:00+02:00 ")).toEqual({ at: "2026-01-01T00:00:00+02:00", text: "" });
  });
});

describe("truncationOf", () => {
  it.each([
    ["short\n", false],
    ["x".repeat(3 * 1024 * 1024), false],
    ["x".repeat(4 * 1024 * 1024), true],
    ["x".repeat(16 * 1024), "unknown"],
    ["y\n".repeat(1000), "unknown"],
    ["y\n".repeat(999), false],
  ])("tells what the service's limits let it tell", (text, expected) => {
    expect(truncationOf(text)).toBe(expected);
  });
});
