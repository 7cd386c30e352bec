import { startEmulator, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";

describe("an option of startEmulator that there is not", () => {
  it("is refused, with those that there are", async () => {
    await expect(startEmulator({ engien: "process" } as StartEmulatorOptions)).rejects.toThrow(/^Expected `options` to have only known names, got `engien`\. Known are engine, .*stopGraceInMs\.$/u);
  });

  it.each([["docker", "`\"docker\"` (string)"], [null, "`null` (null)"], [5, "`5` (number)"], [["docker"], "(array)"]])("is refused where it is no object of options: %o", async (options, shown) => {
    const failure: unknown = await startEmulator(options as never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect((failure as Error).message).toMatch(/^Expected `options` to be an object of options, such as \{ engine: "docker" \}, got /u);
    expect((failure as Error).message).toContain(shown);
  });

  it("is refused among the assumptions, too", async () => {
    await expect(startEmulator({ assumptions: { foo: "bar" } } as StartEmulatorOptions)).rejects.toThrow(/^Expected `assumptions` to have only known names, got `foo`\. Known are terminatedLogs, .*outOfMemory\.$/u);
  });
});
