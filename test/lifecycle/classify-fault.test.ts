import { describe, expect, it } from "vitest";
import { classifyFault, errorCodeOf, type FaultFacts } from "../../src/lifecycle/faults/classify-fault.js";

const CAPACITY = "The requested resource is not available in the location 'westus' at this moment. Please retry with a different resource request or in another location.";
const QUOTA = "Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'StandardCores' exceeded in region 'eastus'. Limit: '10', Usage: '10' Requested: '1'.";

describe("classifyFault", () => {
  it.each<[FaultFacts, string, boolean, boolean, string]>([
    [{ statusCode: 409, serviceCode: "ServiceUnavailable", serviceText: CAPACITY }, "capacity", false, false, "other"],
    [{ statusCode: 409, serviceCode: "InsufficientCapacity.", serviceText: "" }, "capacity", false, false, "other"],
    [{ statusCode: 400, serviceCode: "ContainerGroupQuotaReached", serviceText: QUOTA }, "quota", false, false, "waitForQuota"],
    [{ statusCode: 409, serviceCode: "ServiceUnavailable", serviceText: QUOTA }, "quota", false, false, "waitForQuota"],
    [{ statusCode: 429, serviceCode: "TooManyRequests" }, "throttled", true, false, "same"],
    [{ statusCode: 409, serviceCode: "ContainerGroupTransitioning" }, "transitioning", true, false, "same"],
    [{ statusCode: 400, serviceCode: "containergrouptransitioning" }, "transitioning", true, false, "same"],
    [{ statusCode: 409, serviceCode: "ServiceAssociationLinkNotReady" }, "transitioning", true, false, "same"],
    [{ statusCode: 409, serviceCode: "RegistryErrorResponse" }, "registry", true, false, "same"],
    [{ statusCode: 400, serviceCode: "InaccessibleImage" }, "image", false, false, "never"],
    [{ statusCode: 409, serviceCode: "ContainerGroupStopped" }, "stopped", false, false, "never"],
    [{ statusCode: 500, serviceCode: "InternalServerError" }, "service", true, true, "same"],
    [{ statusCode: 504, serviceCode: "GatewayTimeout" }, "service", true, true, "same"],
    [{ statusCode: 503 }, "service", true, true, "same"],
    [{ statusCode: 501 }, "rejected", false, false, "never"],
    [{ statusCode: 404, serviceCode: "ResourceNotFound" }, "absent", false, false, "never"],
    [{ statusCode: 404, serviceCode: "ContainerGroupNotFound" }, "absent", false, false, "never"],
    // The service says what it does not find; this is somebody's page on the way to it.
    [{ statusCode: 404 }, "service", true, true, "same"],
    [{ statusCode: 404, serviceCode: "ResourceGroupNotFound" }, "rejected", false, false, "never"],
    [{ statusCode: 404, serviceCode: "SubscriptionNotFound" }, "rejected", false, false, "never"],
    [{ statusCode: 404, serviceCode: "ContainerLogNotAvailable" }, "notReady", true, false, "same"],
    [{ statusCode: 401, serviceCode: "ExpiredAuthenticationToken" }, "credential", true, false, "same"],
    [{ statusCode: 401 }, "credential", true, false, "same"],
    [{ transport: "credential" }, "credential", true, false, "same"],
    [{ transport: "ECONNRESET" }, "transport", true, true, "same"],
    [{ transport: "ETIMEDOUT" }, "transport", true, true, "same"],
    [{ transport: "ECONNREFUSED" }, "transport", true, false, "same"],
    [{ statusCode: 403, serviceCode: "AuthorizationFailed" }, "rejected", false, false, "never"],
  ])("%j is %s", (facts, kind, isRetryable, mayHaveStarted, location) => {
    expect(classifyFault(facts)).toEqual({ kind, isRetryable, mayHaveStarted, location });
  });

  it("tells a credential that has never given a token", () => {
    expect(classifyFault({ transport: "noCredential" })).toEqual({ kind: "credential", isRetryable: true, mayHaveStarted: false, location: "same", isWithoutToken: true });
  });

  it.each([
    [5000, 5000],
    [-1, 0],
    [NaN, 0],
    [1e12, 3_600_000],
  ])("takes a wait of %d ms as %d", (given, taken) => {
    expect(classifyFault({ statusCode: 429, retryAfterInMs: given }).retryAfterInMs).toBe(taken);
  });
});

describe("errorCodeOf", () => {
  it("has a code for each action of the caller", () => {
    expect((["absent", "quota", "capacity", "credential", "transport"] as const).map(errorCodeOf)).toEqual(["ACI_NOT_FOUND", "ACI_QUOTA_EXCEEDED", "ACI_CAPACITY", "ACI_CREDENTIAL", "ACI_REQUEST_FAILED"]);
  });
});
