import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { programOf } from "../../src/cli/program.js";

describe("aci-lifecycle", () => {
  it("tells the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    const written: string[] = [];
    const program = programOf().exitOverride().configureOutput({ writeOut: (text) => void written.push(text) });
    await expect(program.parseAsync(["--version"], { from: "user" })).rejects.toMatchObject({ exitCode: 0 });
    expect(written).toEqual([`${version}\n`]);
  });

  it("has its commands", () => {
    expect(programOf().commands.map((command) => command.name())).toEqual(["emulator", "sweep"]);
  });
});
