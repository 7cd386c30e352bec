import { writeFile } from "node:fs/promises";
import { writeClientFiles } from "./client-files.js";
import { shellWord } from "./shell-word.js";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Assumptions, Emulator } from "aci-lifecycle/emulator";

interface EmulatorFlags {
  readonly engine: "auto" | "docker" | "process";
  readonly port: number;
  readonly https?: true;
  readonly certificate?: string;
  readonly pace: "instant" | "recorded";
  readonly shares?: string;
  readonly state?: string;
  readonly clients?: string;
  readonly gitImage?: string;
  readonly assume: Assumptions;
}

/** `aci-lifecycle emulator`: runs an emulator until it is told to stop. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("Serve the REST API of Azure Container Instances on this machine, with containers that really run.")
    .addOption(new Option("--engine <name>", "what runs the containers; process is no isolation").choices(["auto", "docker", "process"]).default("auto"))
    .option("--port <number>", "the port to listen on; 0 takes a free one", readPort, 0)
    .option("--https", "serve https, with a certificate made for this start")
    .option("--certificate <file>", "where to write that certificate; needs --https or --clients")
    .addOption(new Option("--pace <pace>", "how fast groups move").choices(["instant", "recorded"]).default("instant"))
    .option("--shares <folder>", "the folder under which file shares are folders: <account>/<share>")
    .option("--git-image <image>", "an image that has git, to clone gitRepo volumes in; without it there are none")
    .option("--state <folder>", "keep everything in this folder, also the token, for the next emulator on it; containers of Docker run on")
    .option("--clients <folder>", "serve https, and write what az, Python and Node need to talk to it: source the env.sh in it")
    .option("--assume <name=value>", "what to assume where nobody knows how the service answers; can be repeated", readAssumption, {})
    .action(run);
}

async function run({ shares, state, certificate, clients, assume, ...flags }: EmulatorFlags, command: Command): Promise<void> {
  const isHttps = flags.https ?? clients !== undefined;
  if (certificate !== undefined && !isHttps) command.error("error: option '--certificate <file>' needs '--https' or '--clients <folder>'. Without them there is no certificate.");
  const { startEmulator } = await import("aci-lifecycle/emulator");
  // Listened for before the start, so that a signal in its middle is not lost.
  const told = toldToStop();
  const emulator = await startEmulator({ ...flags, https: isHttps, sharesFolder: shares, stateFolder: state, assumptions: assume });
  try {
    if (certificate !== undefined && emulator.certificate !== undefined) await writeFile(certificate, emulator.certificate);
    const script = clients === undefined ? undefined : await writeClientFiles(emulator, clients);
    tell(emulator, script);
    await told;
  } finally {
    await emulator.close();
  }
}

function tell({ banner, endpoint, pageUrl, environment }: Emulator, script: string | undefined): void {
  console.log(banner);
  console.log(`Look at it: ${pageUrl}`);
  console.log(`It answers at ${endpoint}. To use it from another shell:\n`);
  if (script !== undefined) console.log(`. ${shellWord(script)}`);
  else for (const [name, value] of Object.entries(environment)) console.log(`export ${name}=${value}`);
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function readAssumption(text: string, sofar: Readonly<Record<string, string | number>>): Record<string, string | number> {
  const [name = "", value] = text.split("=");
  if (value === undefined) throw new InvalidArgumentError("It is not of the form name=value.");
  return { ...sofar, [name]: /^\d+$/.test(value) ? Number(value) : value };
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError("It is not a port.");
  return port;
}
