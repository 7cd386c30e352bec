import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { emulatorCommand } from "./emulator-command.js";
import { sweepCommand } from "./sweep-command.js";

/** `aci-lifecycle`, with all of its commands. */
export function programOf(): Command {
  return new Command("aci-lifecycle")
    .description("Run containers on Azure Container Instances, and test without Azure.")
    .version(packageJson.version)
    .addCommand(emulatorCommand())
    .addCommand(sweepCommand());
}
