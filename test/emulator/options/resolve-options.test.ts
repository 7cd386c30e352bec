import { startEmulator, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";

describe("an option of startEmulator that there is not", () => {
  it("is refused, with those that there are", async () => {
    await expect(startEmulator({ engien: "process" } as StartEmulatorOptions)).rejects.toThrow(/^Expected `options` to have only known names, got `engien`\. Known are engine, .*stopGraceInMs\.$/u);
  });

  it("is refused among the assumptions, too", async () => {
    await expect(startEmulator({ assumptions: { foo: "bar" } } as StartEmulatorOptions)).rejects.toThrow(/^Expected `assumptions` to have only known names, got `foo`\. Known are terminatedLogs, .*outOfMemory\.$/u);
  });
});
