import type { JobView, LookView, WebhookCall } from "../../src/index.js";

export const SECRET = "the secret of the tests, long enough";

export const JOB: JobView = { key: "job 1/ä", attempt: 2, groupName: "aci-8a7b2c3d4e5f6071-2", kind: "k", image: "i", command: ["work", "a b"], osType: "Linux" };

export function looking(more: Partial<LookView> = {}): LookView {
  return { job: JOB, phase: "starting", acceptedForInMs: 0, unseenForInMs: 0, looks: 0, signals: {}, earlierRuns: [], ...more };
}

/** A call as a server hands it on. */
export function callOf({ query, headers = {}, body = "" }: { readonly query: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Uint8Array }): WebhookCall {
  return { query: new URLSearchParams(query), header: (name) => headers[name], body: typeof body === "string" ? Buffer.from(body) : body };
}
