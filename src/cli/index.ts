#!/usr/bin/env node
import { Command } from "commander";
import { emulatorCommand } from "./emulator-command.js";
import { sweepCommand } from "./sweep-command.js";

const program = new Command("aci-lifecycle").description("Run containers on Azure Container Instances, and test without Azure.");
program.addCommand(emulatorCommand());
program.addCommand(sweepCommand());
await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
