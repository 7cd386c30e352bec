import { pageOf } from "../handlers/page.js";
import type { Handler } from "../server/call.js";

const PROVIDER = "Microsoft.ContainerInstance";

const API_VERSIONS = ["2025-09-01", "2024-05-01-preview", "2023-05-01", "2022-10-01-preview", "2022-09-01", "2021-10-01", "2021-09-01", "2021-07-01", "2021-03-01", "2020-11-01", "2019-12-01", "2018-10-01"];

// The resource types and operations below are those that the service listed in 2021.
const TYPES = [
  "containerGroups",
  "serviceAssociationLinks",
  "locations",
  "locations/capabilities",
  "locations/usages",
  "locations/operations",
  "locations/operationresults",
  "operations",
  "locations/cachedImages",
  "locations/deleteVirtualNetworkOrSubnets",
];

const OPERATIONS = [
  "register/action",
  "containerGroups/read",
  "containerGroups/write",
  "containerGroups/delete",
  "containerGroups/restart/action",
  "containerGroups/stop/action",
  "containerGroups/start/action",
  "containerGroups/detectors/read",
  "containerGroups/containers/logs/read",
  "containerGroups/containers/buildlogs/read",
  "containerGroups/containers/exec/action",
  "containerGroups/containers/attach/action",
  "locations/operationResults/read",
  "containerGroups/operationResults/read",
  "locations/cachedImages/read",
  "locations/capabilities/read",
  "locations/usages/read",
  "containerGroups/providers/Microsoft.Insights/metricDefinitions/read",
  "containerGroups/providers/Microsoft.Insights/diagnosticSettings/read",
  "containerGroups/providers/Microsoft.Insights/diagnosticSettings/write",
  "locations/deleteVirtualNetworkOrSubnets/action",
  "locations/operations/read",
  "operations/read",
];

/** The provider as ARM describes it. It is always registered, so registering it changes nothing. */
export const getProvider: Handler = ({ azure, parts }) => {
  const locations = [azure.settings.location];
  const resourceTypes = TYPES.map((resourceType) => ({
    resourceType,
    locations: resourceType === "operations" ? [] : locations,
    apiVersions: API_VERSIONS,
    ...(resourceType === "containerGroups" ? { capabilities: "SystemAssignedResourceIdentity, SupportsTags, SupportsLocation" } : {}),
  }));
  const id = `/subscriptions/${parts["subscription"] ?? ""}/providers/${PROVIDER}`;
  return { status: 200, body: { id, namespace: PROVIDER, resourceTypes, registrationState: "Registered", registrationPolicy: "RegistrationRequired" } };
};

export const listProviderOperations: Handler = (call) => ({
  status: 200,
  body: pageOf(call, OPERATIONS, (operation) => {
    const [resource = "", ...words] = operation.split("/");
    return {
      name: `${PROVIDER}/${operation}`,
      display: { provider: "Microsoft Container Instance", resource, operation: words.join(" "), description: operation },
      origin: "User",
    };
  }),
});
