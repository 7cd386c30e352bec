import { isLoopback } from "../internal/loopback.js";
import { expectObject } from "../lifecycle/expect.js";
import type { AciClientOptions } from "./options.js";

// The one place that reads environment variables. What the caller gives comes first.
export function optionsFromEnvironment(options: Partial<AciClientOptions>): AciClientOptions {
  expectObject("options", options);
  const { env } = process;
  const endpoint = options.endpoint ?? env["AZURE_RESOURCE_MANAGER_ENDPOINT"];
  const emulator = options.credential === undefined ? emulatorCredential(endpoint, env["ACI_EMULATOR_TOKEN"]) : undefined;
  return {
    ...options,
    subscriptionId: options.subscriptionId ?? required("subscriptionId", "AZURE_SUBSCRIPTION_ID"),
    resourceGroup: options.resourceGroup ?? required("resourceGroup", "AZURE_RESOURCE_GROUP"),
    location: options.location ?? required("location", "AZURE_LOCATION"),
    ...(endpoint !== undefined && { endpoint }),
    // A request to an emulator costs nothing.
    ...(emulator && { credential: emulator, requestBudget: options.requestBudget ?? "unlimited" }),
  };
}

function required(field: string, variable: string): string {
  const value = process.env[variable];
  if (value !== undefined && value !== "") return value;
  throw new TypeError(`Expected \`${field}\` to be given, or ${variable} to be set in the environment, got neither.`);
}

// The emulator's token goes to this machine only. Over plain http nobody else is here.
function emulatorCredential(endpoint: string | undefined, token: string | undefined): AciClientOptions["credential"] {
  if (endpoint === undefined || !URL.canParse(endpoint)) return undefined;
  const url = new URL(endpoint);
  if (!isLoopback(url)) return undefined;
  if (token === undefined && url.protocol === "http:") throw new TypeError(`Expected \`credential\` to be given, or ACI_EMULATOR_TOKEN to be set in the environment, for an emulator at ${endpoint}, got neither.`);
  if (token === undefined) return undefined;
  return { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
}
