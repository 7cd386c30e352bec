import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("docs/errors.md", () => {
  it("has a row for each code that there is, and for no other", () => {
    const [type = ""] = /export type AciErrorCode =[^;]*;/u.exec(read("src/errors.ts")) ?? [];
    const codes = [...type.matchAll(/"(ACI_\w+)"/gu)].map((match) => match[1]);
    const rows = [...read("docs/errors.md").matchAll(/^\| `(ACI_\w+)` \|/gmu)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(10);
    expect(rows.sort()).toEqual(codes.sort());
  });
});
