import { describe, expect, it } from "vitest";
import { specHash } from "../../../src/jobs/spec/job-identity.js";
import type { ContainerJobSpec } from "../../../src/jobs/spec/job-spec.js";
import { isWithheld, withhold } from "../../../src/jobs/spec/withhold.js";
import { secretsIn } from "../../../src/internal/redact.js";

// All places where a raw ARM property can hold a secret.
const withSecret = (secret: string): ContainerJobSpec => ({
  image: "a",
  environment: { password: "plain", arm: { secureValue: secret } },
  containerArm: { environmentVariables: [{ name: "TOKEN", secureValue: secret }] },
  sidecars: [{ name: "side", image: "b", arm: { environmentVariables: [{ name: "TOKEN", secureValue: secret }] } }],
  initContainers: [{ name: "prepare", image: "c", arm: { environmentVariables: [{ name: "TOKEN", secureValue: secret }] } }],
  arm: {
    zones: ["1"],
    properties: {
      imageRegistryCredentials: [{ server: "s", username: "u", password: secret }],
      volumes: [{ name: "v", secret: { file: secret } }, { name: "w", azureFile: { shareName: "s", storageAccountKey: secret } }],
      diagnostics: { logAnalytics: { workspaceId: "w", workspaceKey: secret } },
    },
  },
});

describe("a spec with secrets among its raw ARM properties", () => {
  it("is kept without them, and with all else", () => {
    const kept = withhold(withSecret("s3cr3t"));
    expect(JSON.stringify(kept)).not.toContain("s3cr3t");
    expect(isWithheld(kept)).toBe(true);
    expect(kept).toMatchObject({ environment: { password: "plain" }, containerArm: { environmentVariables: [{ name: "TOKEN" }] }, arm: { zones: ["1"], properties: { imageRegistryCredentials: [{ server: "s", username: "u" }] } } });
    expect(withhold(kept)).toEqual(kept);
  });

  it("is the same spec with other secrets", () => {
    expect(specHash(withSecret("one"))).toBe(specHash(withSecret("two")));
  });

  it("is kept as it is where there are none", () => {
    const spec: ContainerJobSpec = { image: "a", arm: { zones: ["1"], properties: { secret: "no", volumes: [{ name: "v", emptyDir: {} }] } }, tags: { secureValue: "x" } };
    expect(withhold(spec)).toEqual(spec);
    expect(isWithheld(withhold(spec))).toBe(false);
  });

  it("tells them all to who hides them", () => {
    expect(secretsIn(withSecret("s3cr3t"))).toEqual(Array.from({ length: 8 }, () => "s3cr3t"));
  });
});
