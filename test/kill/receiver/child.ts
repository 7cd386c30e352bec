// A process that receives, and stands still at the point that is named until it is killed.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { webhook, type Mailbox } from "aci-lifecycle";
import { createSignalReceiver, nodeListener } from "aci-lifecycle/http";
import { fileMailbox } from "../../completion/file-mailbox.js";

/** Where: before anything is read, before, within or after the signal is kept, before or after the answer is sent. */
export type ReceiverStop = "arrived" | "beforePut" | "halfPut" | "afterPut" | "beforeAnswer" | "answered";

export interface ReceiverInput {
  readonly folder: string;
  readonly port: number;
  readonly secret: string;
  readonly stop?: ReceiverStop | undefined;
}

const { folder, port, secret, stop } = JSON.parse(process.argv[2] ?? "{}") as ReceiverInput;
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

async function standAt(point: ReceiverStop): Promise<void> {
  if (stop !== point) return;
  say({ stands: true });
  await new Promise(() => undefined);
}

const kept = fileMailbox(folder, () => standAt("halfPut"));
const mailbox: Mailbox = {
  ...kept,
  async put(signal) {
    await standAt("beforePut");
    await kept.put(signal);
    await standAt("afterPut");
  },
};
const strategy = webhook({ url: `http://127.0.0.1:${port}/`, secret, mailbox });
const listener = nodeListener(createSignalReceiver(strategy, { onSignal: () => standAt("beforeAnswer") }));
const server = createServer((request, response) => {
  response.once("finish", () => void standAt("answered"));
  void standAt("arrived").then(() => listener(request, response));
});
server.listen(port, "127.0.0.1", () => say({ port: (server.address() as AddressInfo).port }));
