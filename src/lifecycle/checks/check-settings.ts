import type { AddressSpec, GroupSettings, IdentitySpec, LogAnalyticsSpec, RegistrySpec } from "../../container-spec.js";
import { expectBoolean, expectFields, expectKeys, expectList, expectObject, expectText, expectWords, fail } from "../expect.js";
import { checkPorts } from "./check-ports.js";
import { checkSecret } from "./check-secret.js";

const TEXTS = ["location", "subnetId", "priority", "osType"] as const;

// Checks what a group has apart from its containers and volumes.
export function checkSettings(settings: GroupSettings): void {
  for (const field of TEXTS) if (settings[field] !== undefined) expectText(field, settings[field]);
  if (settings.arm !== undefined) expectObject("arm", settings.arm);
  checkAddress(settings.address);
  checkIdentity(settings.identity);
  expectList("registries", settings.registries);
  settings.registries?.forEach((registry, i) => checkRegistry(`registries[${i}]`, registry));
  checkLogAnalytics(settings.logAnalytics);
  checkTags(settings.tags);
}

function checkAddress(address: AddressSpec | undefined): void {
  if (address === undefined) return;
  expectKeys("address", address, ["ports", "dnsLabel", "type"]);
  checkPorts("address.ports", address.ports);
  for (const field of ["dnsLabel", "type"] as const) if (address[field] !== undefined) expectText(`address.${field}`, address[field]);
}

// One without any field is right: it says that there is none.
function checkIdentity(identity: IdentitySpec | undefined): void {
  if (identity === undefined) return;
  expectKeys("identity", identity, ["isSystemAssigned", "userAssigned"]);
  expectBoolean("identity.isSystemAssigned", identity.isSystemAssigned);
  expectWords("identity.userAssigned", identity.userAssigned);
}

function checkRegistry(field: string, registry: RegistrySpec): void {
  expectFields(field, registry, ["server", "username", "password", "identity"]);
  expectText(`${field}.server`, registry.server);
  if (!("password" in registry)) { expectText(`${field}.identity`, registry.identity); return; }
  expectText(`${field}.username`, registry.username);
  checkSecret(`${field}.password`, registry.password);
}

function checkLogAnalytics(logAnalytics: LogAnalyticsSpec | undefined): void {
  if (logAnalytics === undefined) return;
  expectKeys("logAnalytics", logAnalytics, ["workspaceId", "workspaceKey", "logType"]);
  expectText("logAnalytics.workspaceId", logAnalytics.workspaceId);
  checkSecret("logAnalytics.workspaceKey", logAnalytics.workspaceKey);
  if (logAnalytics.logType !== undefined) expectText("logAnalytics.logType", logAnalytics.logType);
}

function checkTags(tags: GroupSettings["tags"]): void {
  if (tags === undefined) return;
  expectObject("tags", tags);
  for (const [name, value] of Object.entries<unknown>(tags)) {
    if (name.toLowerCase().startsWith("aci-lifecycle-")) fail("tags", "tags without names that begin with `aci-lifecycle-`", name);
    const rule = "a string of at most 256 characters";
    if (typeof value !== "string") fail(`tags.${name}`, rule, value, "type");
    if (value.length > 256) fail(`tags.${name}`, rule, value);
  }
}
