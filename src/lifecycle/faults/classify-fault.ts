import type { AciErrorCode } from "../../errors.js";

/** What a fault means for who has to decide what comes next. */
export interface Fault {
  readonly kind: FaultKind;
  /** The same request may succeed later. */
  readonly isRetryable: boolean;
  /** The request may have had its effect. */
  readonly mayHaveStarted: boolean;
  /** Where another try makes sense. */
  readonly location: "same" | "other" | "waitForQuota" | "never";
  /** The credential has never given a token: it may be that nobody is logged in. */
  readonly isWithoutToken?: true | undefined;
  readonly retryAfterInMs?: number | undefined;
}

export type FaultKind =
  | "absent"
  | "notReady"
  | "throttled"
  | "transitioning"
  | "capacity"
  | "quota"
  | "registry"
  | "image"
  | "stopped"
  | "credential"
  | "transport"
  | "service"
  | "rejected";

/** What can be known of a failed request. */
export interface FaultFacts {
  readonly statusCode?: number | undefined;
  readonly serviceCode?: string | undefined;
  readonly serviceText?: string | undefined;
  /** The system's word. `credential` where one gave no token, `noCredential` where it has never given any. */
  readonly transport?: string | undefined;
  readonly retryAfterInMs?: number | undefined;
}

// The longest wait we take from a server's word: a longer one is a mistake, and deadlines are checked in between.
const LONGEST_RETRY_AFTER_IN_MS = 60 * 60_000;

// The service's codes. Its HTTP status alone decides nothing: 409 is capacity, transition, registry or network.
const KIND_BY_CODE: Readonly<Record<string, FaultKind>> = {
  resourcenotfound: "absent",
  containergroupnotfound: "absent",
  resourcegroupnotfound: "rejected",
  containerlognotavailable: "notReady",
  containergroupdeploymentnotready: "notReady",
  containernotfound: "notReady",
  toomanyrequests: "throttled",
  subscriptionrequeststhrottled: "throttled",
  containergrouptransitioning: "transitioning",
  serviceassociationlinknotready: "transitioning",
  containergroupquotareached: "quota",
  spotprioritycontainergroupquotareached: "quota",
  registryerrorresponse: "registry",
  inaccessibleimage: "image",
  containergroupstopped: "stopped",
  internalservererror: "service",
  gatewaytimeout: "service",
  "insufficientcapacity.": "capacity",
  insufficientcapacity: "capacity",
  expiredauthenticationtoken: "credential",
  invalidauthenticationtoken: "credential",
  authenticationfailed: "credential",
};

const NO_CREDENTIAL = "noCredential";
const CREDENTIALS: readonly string[] = ["credential", NO_CREDENTIAL];

// Says what a failed request means. The one classifier of the library; table and sources in docs/errors.md.
export function classifyFault(facts: FaultFacts): Fault {
  return describe(kindOf(facts), facts);
}

function kindOf(facts: FaultFacts): FaultKind {
  const text = facts.serviceText ?? "";
  if (/quota '[^']*' exceeded/iu.test(text)) return "quota";
  if (/is not available in the location/iu.test(text)) return "capacity";
  return KIND_BY_CODE[(facts.serviceCode ?? "").toLowerCase()] ?? kindByStatus(facts);
}

function kindByStatus({ statusCode, transport, serviceCode }: FaultFacts): FaultKind {
  if (statusCode === undefined) return CREDENTIALS.includes(transport ?? "") ? "credential" : "transport";
  if (statusCode === 401) return "credential";
  // The service names what it does not find. A page without its word comes from something on the way to it.
  if (statusCode === 404) return serviceCode === undefined ? "service" : "rejected";
  if (statusCode === 429) return "throttled";
  return isServiceTrouble(statusCode) ? "service" : "rejected";
}

function isServiceTrouble(statusCode: number): boolean {
  return statusCode === 408 || (statusCode >= 500 && statusCode !== 501 && statusCode !== 505);
}

function describe(kind: FaultKind, facts: FaultFacts): Fault {
  const isRetryable = ["notReady", "throttled", "transitioning", "registry", "transport", "service", "credential"].includes(kind);
  const fault: Fault = {
    kind,
    isRetryable,
    // A refusal that the service itself worded had no effect. A broken connection or a failing gateway says nothing.
    mayHaveStarted: (kind === "transport" && facts.transport !== "ENOTFOUND" && facts.transport !== "ECONNREFUSED") || kind === "service",
    location: kind === "capacity" ? "other" : kind === "quota" ? (isBeyondQuota(facts) ? "never" : "waitForQuota") : isRetryable ? "same" : "never",
    ...(facts.transport === NO_CREDENTIAL && { isWithoutToken: true }),
  };
  return facts.retryAfterInMs === undefined ? fault : { ...fault, retryAfterInMs: sane(facts.retryAfterInMs) };
}

// More was asked for than there will ever be. A limit of no groups at all is what Azure says where it suspects fraud: it
// passes.
function isBeyondQuota({ serviceText = "" }: FaultFacts): boolean {
  const [, limit, requested] = /Limit: '(\d+)'.*Requested: '(\d+)'/u.exec(serviceText) ?? [];
  return limit !== undefined && limit !== "0" && Number(requested) > Number(limit);
}

function sane(ms: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_IN_MS) : 0;
}

// The code of an AciError for a fault.
export function errorCodeOf(kind: FaultKind): AciErrorCode {
  const codes: Partial<Record<FaultKind, AciErrorCode>> = {
    absent: "ACI_NOT_FOUND",
    quota: "ACI_QUOTA_EXCEEDED",
    capacity: "ACI_CAPACITY",
    credential: "ACI_CREDENTIAL",
  };
  return codes[kind] ?? "ACI_REQUEST_FAILED";
}
