// Starts the emulator's command, hands on the environment that it prints, and ends it.
import { once } from "node:events";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { root } from "./run.mjs";

const NAMES = ["ACI_EMULATOR_TOKEN", "AZURE_RESOURCE_MANAGER_ENDPOINT", "AZURE_LOCATION", "AZURE_RESOURCE_GROUP", "AZURE_SUBSCRIPTION_ID"];

export async function withEmulator(engine, use) {
  const emulator = spawn("node", [`${root}/dist/cli.js`, "emulator", "--engine", engine], { stdio: ["ignore", "pipe", "inherit"] });
  const end = () => emulator.kill("SIGTERM");
  // A command that fails ends this process at once.
  process.once("exit", end);
  try {
    return await use(await printed(emulator.stdout));
  } finally {
    process.off("exit", end);
    end();
    if (emulator.exitCode === null) await once(emulator, "exit");
  }
}

async function printed(output) {
  const environment = {};
  for await (const line of createInterface({ input: output })) {
    const [, name, value] = /^export ([A-Z_]+)=(\S+)$/u.exec(line) ?? [];
    if (name !== undefined) environment[name] = value;
    if (NAMES.every((needed) => needed in environment)) return environment;
  }
  throw new Error("The emulator has ended before it said where it answers.");
}
