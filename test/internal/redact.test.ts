import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact, secretsIn } from "../../src/internal/redact.js";

describe("redact", () => {
  it("leaves no secret in a text, in any of the forms that it is sent in", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 4, maxLength: 40 }), { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (secrets, words) => {
        const shown = secrets.flatMap((secret) => [secret, JSON.stringify({ secret }), encodeURIComponent(secret), Buffer.from(secret).toString("base64")]);
        const left = redact([...words, ...shown, ...words].join(" | "), secrets);
        for (const secret of secrets) if (!"[secret]".includes(secret) && !words.some((word) => word.includes(secret))) expect(left.split("[secret]").some((part) => part.includes(secret))).toBe(false);
      }),
    );
  });

  it("takes the longer of two secrets first, and leaves alone what is too short to be told", () => {
    expect(redact("password1234 password", ["password", "password1234"])).toBe("[secret] [secret]");
    expect(redact("exit code 1", ["1"])).toBe("exit code 1");
  });
});

it("secretsIn finds secure values at any depth", () => {
  expect(secretsIn({ a: [{ secureValue: "one" }], b: { c: { secureValue: "two" }, secureValue: 3 }, d: null })).toEqual(["one", "two"]);
});
