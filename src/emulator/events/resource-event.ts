import { guid, guidOf } from "../guid.js";
import { TENANT_ID } from "../tokens/tokens.js";

/** What has become of a request on a container group. */
export interface ResourceChange {
  readonly resourceId: string;
  readonly subscriptionId: string;
  /** The last part of the operation's name: `write`, `delete`, `start/action`. */
  readonly operation: string;
  readonly outcome: "Success" | "Failure" | "Cancel";
  readonly method: string;
  readonly url: string;
}

/** An event in Event Grid's own schema. */
export interface ResourceEvent {
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  readonly eventTime: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataVersion: string;
  readonly metadataVersion: string;
}

const PROVIDER = "Microsoft.ContainerInstance";
const STATUS = { Success: "Succeeded", Failure: "Failed", Cancel: "Canceled" } as const;

/** The event that a subscription's topic has for a change. It tells no state of a container: the service has no such event. */
export function resourceEvent(change: ResourceChange, at: number): ResourceEvent {
  const { resourceId, subscriptionId, operation, outcome, method, url } = change;
  const verb = operation === "write" ? "Write" : operation === "delete" ? "Delete" : "Action";
  const operationName = `${PROVIDER}/containerGroups/${operation}`;
  return {
    topic: `/subscriptions/${subscriptionId}`,
    subject: resourceId,
    eventType: `Microsoft.Resources.Resource${verb}${outcome}`,
    eventTime: new Date(at).toISOString().replace("Z", "0000Z"),
    id: guid(),
    data: {
      authorization: { scope: resourceId, action: operationName, evidence: { role: "Subscription Admin" } },
      claims: { appid: guidOf("aci-lifecycle client"), aud: "https://management.core.windows.net/" },
      correlationId: guid(),
      httpRequest: { clientRequestId: "", clientIpAddress: "127.0.0.1", method, url },
      resourceProvider: PROVIDER,
      resourceUri: resourceId,
      operationName,
      status: STATUS[outcome],
      subscriptionId,
      tenantId: TENANT_ID,
    },
    dataVersion: "2",
    metadataVersion: "1",
  };
}

/** The same in the form of CloudEvents 1.0. */
export function cloudEvent({ topic, subject, eventType, eventTime, id, data }: ResourceEvent): Readonly<Record<string, unknown>> {
  return { id, source: topic, specversion: "1.0", type: eventType, subject, time: eventTime, data };
}
