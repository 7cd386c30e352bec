import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Emulator } from "aci-lifecycle/emulator";
import { shellWord } from "./shell-word.js";

const CLOUD = "AciEmulator";
const AUDIENCE = "https://management.core.windows.net/";

/**
 * Writes what Microsoft's own clients need to talk to an emulator, and answers the file that sets it all up in a shell: a
 * certificate to trust, a configuration of the Azure CLI that is logged in already, and the variables of both.
 */
export async function writeClientFiles(emulator: Emulator, folder: string): Promise<string> {
  const home = resolve(folder);
  const azure = join(home, "azure");
  await mkdir(azure, { recursive: true, mode: 0o700 });
  const certificate = join(home, "certificate.pem");
  const variables = { ...emulator.environment, ...clientVariables(emulator, certificate, azure) };
  const files = {
    [certificate]: emulator.certificate ?? "",
    [join(azure, "clouds.config")]: cloudsConfig(emulator.endpoint),
    [join(azure, "config")]: `[cloud]\nname = ${CLOUD}\n\n[core]\ncollect_telemetry = no\nonly_show_errors = true\n`,
    [join(azure, "azureProfile.json")]: profile(emulator.environment),
    [join(home, "env.sh")]: Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}\n`).join(""),
  };
  for (const [path, text] of Object.entries(files)) await writeFile(path, text, { mode: 0o600 });
  return join(home, "env.sh");
}

// The Azure CLI and its web sockets, Python, Node: each is told of the certificate by a variable of its own.
function clientVariables({ endpoint, environment }: Emulator, certificate: string, azure: string): Record<string, string> {
  const token = environment["ACI_EMULATOR_TOKEN"] ?? "";
  return {
    AZURE_CONFIG_DIR: azure,
    REQUESTS_CA_BUNDLE: certificate,
    WEBSOCKET_CLIENT_CA_BUNDLE: certificate,
    SSL_CERT_FILE: certificate,
    NODE_EXTRA_CA_CERTS: certificate,
    MSI_ENDPOINT: `${endpoint}/emulator/identity/${token}/token`,
    IDENTITY_ENDPOINT: `${endpoint}/emulator/identity/token`,
    IDENTITY_HEADER: token,
  };
}

function cloudsConfig(endpoint: string): string {
  const endpoints = {
    endpoint_resource_manager: endpoint,
    endpoint_management: endpoint,
    endpoint_active_directory: endpoint,
    endpoint_active_directory_resource_id: AUDIENCE,
    endpoint_active_directory_graph_resource_id: endpoint,
    endpoint_microsoft_graph_resource_id: endpoint,
    suffix_storage_endpoint: "core.windows.net",
    suffix_acr_login_server_endpoint: ".azurecr.io",
  };
  return `[${CLOUD}]\n${Object.entries(endpoints).map(([name, value]) => `${name} = ${value}\n`).join("")}`;
}

// Logged in as the managed identity of the machine, which asks `MSI_ENDPOINT` for its tokens.
function profile(environment: Readonly<Record<string, string>>): string {
  const tenantId = environment["AZURE_TENANT_ID"] ?? "";
  const subscription = {
    id: environment["AZURE_SUBSCRIPTION_ID"] ?? "",
    name: "Emulator",
    state: "Enabled",
    user: { name: "systemAssignedIdentity", type: "servicePrincipal", assignedIdentityInfo: "MSI" },
    isDefault: true,
    tenantId,
    homeTenantId: tenantId,
    environmentName: CLOUD,
    managedByTenants: [],
  };
  return JSON.stringify({ installationId: tenantId, subscriptions: [subscription] });
}
