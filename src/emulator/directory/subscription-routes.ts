import { TENANT_ID } from "../tokens/tokens.js";
import { pageOf } from "../handlers/page.js";
import type { Handler } from "../server/call.js";

// Every subscription that a client names is there; a list has the emulator's own.
export const getSubscription: Handler = ({ parts }) => ({ status: 200, body: subscription(parts["subscription"] ?? "") });

export const listSubscriptions: Handler = (call) => ({ status: 200, body: pageOf(call, [call.azure.settings.subscriptionId], subscription) });

export const listTenants: Handler = (call) => ({
  status: 200,
  body: pageOf(call, [TENANT_ID], (tenantId) => ({ id: `/tenants/${tenantId}`, tenantId, displayName: "Emulator", tenantCategory: "Home" })),
});

export const listLocations: Handler = (call) => ({
  status: 200,
  body: pageOf(call, [call.azure.settings.location], (location) => ({
    id: `/subscriptions/${call.parts["subscription"] ?? ""}/locations/${location}`,
    name: location,
    displayName: location,
    regionalDisplayName: location,
    metadata: { regionType: "Physical", regionCategory: "Recommended" },
  })),
});

function subscription(subscriptionId: string): Record<string, unknown> {
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId,
    tenantId: TENANT_ID,
    displayName: "Emulator",
    state: "Enabled",
    subscriptionPolicies: { locationPlacementId: "Public_2014-09-01", quotaId: "PayAsYouGo_2014-09-01", spendingLimit: "Off" },
  };
}
