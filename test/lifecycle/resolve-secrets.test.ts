import { describe, expect, it } from "vitest";
import type { SecretSource } from "../../src/container-spec.js";
import { resolveSecrets } from "../../src/lifecycle/resolve-secrets.js";

const GROUP = { name: "g", location: "westeurope", containers: [{ name: "main", image: "a", environment: { TOKEN: { secret: "token" } } }] };

describe("resolveSecrets", () => {
  it("takes an empty string for what it is", async () => {
    expect(await resolveSecrets(GROUP, () => "")).toMatchObject({ containers: [{ environment: { TOKEN: { secureValue: "" } } }] });
  });

  it.each([
    ["undefined", () => undefined],
    ["a promise of undefined", () => Promise.resolve(undefined)],
    ["null", (() => null) as unknown as SecretSource],
    ["an object", (() => ({ value: "s3cr3t" })) as unknown as SecretSource],
  ])("sends nothing in the place of a secret that is %s", async (_what, secrets) => {
    const error: unknown = await resolveSecrets(GROUP, secrets).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS" });
    expect(String(error)).toMatch(/The secret "token" could not be resolved: `secrets` gave (undefined|null|object)/u);
    expect(String(error)).not.toContain("s3cr3t");
  });
});
