import type { Mailbox, WebhookCall, WebhookOptions, WebhookStrategy } from "aci-lifecycle";
import type { ScriptedContainer } from "aci-lifecycle/emulator";
import { fileMailbox } from "../../completion/file-mailbox.js";

/** How both lives of a job wait for its container. The address is nobody's: the test itself takes the calls. */
export const KILL_WEBHOOK = { url: "http://127.0.0.1:1/", secret: "the secret of the kills, long enough", report: "container", safetyIntervalInMs: 10_000 } as const satisfies WebhookOptions;

/** Beside the store. */
export function mailboxIn(folder: string): Mailbox {
  return fileMailbox(`${folder}-mailbox`);
}

/** Tells of an end, as the container does. A call of another number is another one, even about the same. */
export async function tellEnd(receiver: WebhookStrategy, { environment }: Pick<ScriptedContainer, "environment">, number: number): Promise<void> {
  const headers: Readonly<Record<string, string>> = { authorization: `Bearer ${environment["ACI_JOB_CALLBACK_TOKEN"] ?? ""}`, "webhook-id": `call-${number}` };
  const call: WebhookCall = { query: new URL(environment["ACI_JOB_CALLBACK_URL"] ?? "").searchParams, header: (name) => headers[name], body: Buffer.from('{"type":"job.ended"}') };
  const { status } = await receiver.accept(call);
  if (status !== 204) throw new Error(`a call was answered ${status}`);
}
