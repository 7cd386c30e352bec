import { join } from "node:path";
import { resolveAssumptions } from "./assumptions.js";
import { expectNames } from "./expect-names.js";
import type { AzureSettings } from "../emulated-azure.js";
import type { StartEmulatorOptions } from "../emulator.js";
import type { Engine } from "../engine.js";
import type { FaultRule } from "../faults/fault-rule.js";
import type { Pace } from "./pace.js";

/** The options of an emulator with everything known. */
export interface ResolvedStartEmulatorOptions extends AzureSettings {
  readonly engine: "auto" | "docker" | "process" | Engine;
  readonly host: string;
  readonly port: number;
  readonly isHttps: boolean;
  readonly pace: Pace;
  readonly sharesFolder: string | undefined;
  readonly gitImage: string | undefined;
  readonly stateFolder: string | undefined;
  /** Undefined where it is to be drawn, or is kept. */
  readonly token: string | undefined;
  readonly faults: readonly FaultRule[];
  readonly stopGraceInMs: number;
  readonly seed: number;
}

const OPTIONS: { readonly [Name in keyof Required<StartEmulatorOptions>]: true } = {
  engine: true,
  host: true,
  port: true,
  https: true,
  pace: true,
  sharesFolder: true,
  gitImage: true,
  stateFolder: true,
  location: true,
  subscriptionId: true,
  resourceGroup: true,
  token: true,
  faults: true,
  seed: true,
  assumptions: true,
  limits: true,
  pageSize: true,
  stopGraceInMs: true,
};

/** Fills in the defaults, and refuses what an option cannot be. */
export function resolveStartEmulatorOptions(options: StartEmulatorOptions): ResolvedStartEmulatorOptions {
  expectOptions(options);
  expectNames("options", options, Object.keys(OPTIONS));
  const { https: isHttps = false, pace = "instant", stateFolder, faults = [] } = options;
  const sharesFolder = options.sharesFolder ?? (stateFolder === undefined ? undefined : join(stateFolder, "shares"));
  return { isHttps, pace, sharesFolder, stateFolder, faults, ...resolveAddress(options), ...resolveSettings(options), gitImage: resolveGitImage(options) };
}

function expectOptions(options: unknown): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  const shown = typeof options === "string" ? `"${options}"` : String(options);
  throw new TypeError(`Expected \`options\` to be an object of options, such as { engine: "docker" }, got \`${shown}\` (${options === null ? "null" : Array.isArray(options) ? "array" : typeof options})`);
}

function resolveGitImage({ gitImage, engine = "auto" }: StartEmulatorOptions): string | undefined {
  if (gitImage === undefined) return undefined;
  expect("gitImage", gitImage, /^\w[\w.:/@-]*$/.test(gitImage), "the name of an image");
  expect("gitImage", gitImage, engine === "auto" || engine === "docker", "left out, as only the docker engine clones repositories");
  return gitImage;
}

function resolveAddress(options: StartEmulatorOptions): Pick<ResolvedStartEmulatorOptions, "engine" | "host" | "port" | "token"> {
  const { engine = "auto", host = "127.0.0.1", port = 0, token } = options;
  if (typeof engine === "string") expect("engine", engine, ["auto", "docker", "process"].includes(engine), '"auto", "docker", "process" or an engine');
  // Requests start programs of this machine, so that nobody else may send them.
  expect("host", host, ["127.0.0.1", "::1"].includes(host), '"127.0.0.1" or "::1"');
  expect("port", port, Number.isInteger(port) && port >= 0 && port <= 65535, "a whole number from 0 to 65535");
  expect("token", "(hidden)", token === undefined || /^[\w.~+/=-]{16,}$/.test(token), "at least 16 letters and numbers");
  return { engine, host, port, token };
}

function resolveSettings(options: StartEmulatorOptions): AzureSettings & Pick<ResolvedStartEmulatorOptions, "stopGraceInMs" | "seed"> {
  const { pageSize = 1000, stopGraceInMs = 10_000, seed = 1, limits = "counted" } = options;
  expect("pageSize", pageSize, Number.isInteger(pageSize) && pageSize > 0, "a whole number above 0");
  expect("stopGraceInMs", stopGraceInMs, stopGraceInMs >= 0, "a number of milliseconds");
  expect("seed", seed, Number.isSafeInteger(seed), "a whole number");
  expect("limits", limits, ["counted", "enforced"].includes(limits), '"counted" or "enforced"');
  return {
    pageSize,
    stopGraceInMs,
    location: options.location ?? "westeurope",
    subscriptionId: options.subscriptionId ?? "00000000-0000-0000-0000-000000000000",
    resourceGroup: options.resourceGroup ?? "emulator",
    assumptions: resolveAssumptions(options.assumptions),
    limits,
    seed,
  };
}

function expect(name: string, value: unknown, isRight: boolean, form: string): void {
  if (!isRight) throw new RangeError(`Expected \`${name}\` to be ${form}, got \`${String(value)}\` (${typeof value})`);
}
