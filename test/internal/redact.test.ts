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

  it("knows a secret in the middle of base64, escaped by .NET, for HTML and twice for JSON, and each of these in a URL", () => {
    const secret = "k3y+/=&<'>\"\\é-9f1c4b";
    const json = JSON.stringify(secret).slice(1, -1);
    const dotnet = "k3y\\u002B/=\\u0026\\u003C\\u0027\\u003E\\u0022\\\\\\u00E9-9f1c4b";
    expect(JSON.parse(`"${dotnet}"`)).toBe(secret);
    const base64 = [0, 1, 2].map((shift) => Buffer.from(`${"x".repeat(shift)}${secret} and more`).toString("base64"));
    const written = [secret, json, JSON.stringify(json).slice(1, -1), dotnet, "k3y+/=&amp;&lt;&#39;&gt;&quot;\\é-9f1c4b", ...base64];
    for (const text of [...written, ...written.map(encodeURIComponent)]) {
      const left = redact(`before ${text} after`, [secret]);
      expect(left).toMatch(/^before \w*\[secret\].* after$/u);
      expect(left).not.toMatch(/9f1c4b|OWYxYzRi|k3y/u);
    }
  });

  it("takes half a character for what becomes of it", () => {
    expect(redact("of \uD800abc", ["\uD800abc"])).toBe("of [secret]");
  });

  it("takes the longer of two secrets first, and leaves alone what is too short to be told", () => {
    expect(redact("password1234 password", ["password", "password1234"])).toBe("[secret] [secret]");
    expect(redact("exit code 1", ["1"])).toBe("exit code 1");
  });
});

it("secretsIn finds secure values at any depth", () => {
  expect(secretsIn({ a: [{ secureValue: "one" }], b: { c: { secureValue: "two" }, secureValue: 3 }, d: null })).toEqual(["one", "two"]);
});
