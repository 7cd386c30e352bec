import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { emulatorCommand } from "../../src/cli/emulator-command.js";
import { send } from "../emulator/arm.js";

describe("aci-lifecycle emulator", () => {
  afterEach(() => vi.restoreAllMocks());

  // Resolves once the command has said how to use it.
  function output(): { readonly lines: string[]; readonly told: Promise<void> } {
    const lines: string[] = [];
    const told = new Promise<void>((resolve) => {
      vi.spyOn(console, "log").mockImplementation((line: string) => {
        lines.push(line);
        if (line.startsWith("export ACI_EMULATOR_TOKEN=") || line.startsWith(". ")) resolve();
      });
    });
    return { lines, told };
  }

  it("tells engine, endpoint and environment, serves, and stops when it is told to", async () => {
    const { lines, told } = output();
    const running = emulatorCommand().parseAsync(["--engine", "process"], { from: "user" });
    await told;
    const exported = Object.fromEntries(lines.flatMap((line) => (/^export (\w+)=(.*)$/.exec(line) ?? []).slice(1, 3).join("=") || []).map((pair) => pair.split("=") as [string, string]));
    expect(Object.keys(exported)).toEqual(["AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", "AZURE_LOCATION", "AZURE_TENANT_ID", "AZURE_RESOURCE_MANAGER_ENDPOINT", "ACI_EMULATOR_TOKEN"]);
    expect(lines[0]).toMatch(/process engine.*without isolation/);
    const url = `${exported["AZURE_RESOURCE_MANAGER_ENDPOINT"] ?? ""}/providers/Microsoft.ContainerInstance/operations?api-version=2023-05-01`;
    const headers = { authorization: `Bearer ${exported["ACI_EMULATOR_TOKEN"] ?? ""}` };
    expect((await send(url, "GET", headers, undefined)).status).toBe(200);
    process.emit("SIGTERM");
    await running;
    await expect(send(url, "GET", headers, undefined)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("keeps everything in the folder of --state, so that the next one is used in the same way", async () => {
    const folder = await mkdtemp(join(tmpdir(), "command-"));
    try {
      const tokens: (string | undefined)[] = [];
      for (let start = 0; start < 2; start++) {
        const { lines, told } = output();
        const running = emulatorCommand().parseAsync(["--engine", "process", "--state", folder], { from: "user" });
        await told;
        expect(lines[0]).toContain(`Its state is kept in ${folder}; containers end with it`);
        tokens.push(lines.find((line) => line.startsWith("export ACI_EMULATOR_TOKEN=")));
        process.emit("SIGTERM");
        await running;
      }
      expect(tokens[0]).toBe(tokens[1]);
      expect(JSON.parse(await readFile(join(folder, "state.json"), "utf8"))).toMatchObject({ engine: "process", token: tokens[0]?.split("=")[1] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("writes the certificate that it serves https with", async () => {
    const folder = await mkdtemp(join(tmpdir(), "command-"));
    try {
      const { told } = output();
      const running = emulatorCommand().parseAsync(["--engine", "process", "--https", "--certificate", join(folder, "cert.pem"), "--shares", join(folder, "shares")], { from: "user" });
      await told;
      expect(await readFile(join(folder, "cert.pem"), "utf8")).toMatch(/^-----BEGIN CERTIFICATE-----/);
      process.emit("SIGINT");
      await running;
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("tells a line that sets clients up in a shell, whatever their folder is called", async () => {
    const place = await mkdtemp(join(tmpdir(), "command-"));
    const folder = join(place, "o'brien's $HOME");
    try {
      const { lines, told } = output();
      const running = emulatorCommand().parseAsync(["--engine", "process", "--clients", folder], { from: "user" });
      await told;
      const { stdout } = await promisify(execFile)("sh", ["-c", `${lines.at(-1) ?? ""}; printf %s "$AZURE_CONFIG_DIR"`]);
      expect(stdout).toBe(join(folder, "azure"));
      process.emit("SIGINT");
      await running;
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it.each([["--engine", "sandbox"], ["--port", "x"], ["--port", "70000"], ["--pace", "slow"], ["--certificate", "cert.pem"]])("refuses %s %s", async (...flags) => {
    const command = emulatorCommand().exitOverride().configureOutput({ writeErr: () => undefined });
    await expect(command.parseAsync(flags, { from: "user" })).rejects.toThrow(/not a port|Allowed choices|'--certificate <file>' needs '--https'/);
  });
});
