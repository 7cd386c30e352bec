// A process that takes signals of jobs, by a queue or by calls, into a table, until it is killed. Where it is to stop it says so by a line
// on stdout, and stands there. It never ends.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { QueueClient } from "@azure/storage-queue";
import { AciClient, folderStore, runContainerJob, webhook, type ContainerJobSpec, type JobView } from "aci-lifecycle";
import { createSignalReceiver, nodeListener } from "aci-lifecycle/http";
import { storageQueue, tableMailbox, type TableMailbox } from "aci-lifecycle/storage";
import type { Stop } from "./stops.js";

export interface ChildInput {
  readonly connectionString: string;
  readonly queue: string;
  readonly table: string;
  readonly stop: { readonly at: Stop; readonly nth: number };
  /** Waits for signals of these, and does nothing with them. */
  readonly jobs?: readonly JobView[] | undefined;
  /** Or receives calls with this secret, at a port that it says. */
  readonly secret?: string | undefined;
  /** Or runs this, with its handle in a folder. */
  readonly run?: { readonly spec: ContainerJobSpec; readonly folder: string } | undefined;
}

const { connectionString, queue, table, stop, jobs = [], secret, run } = JSON.parse(process.argv[2] ?? "{}") as ChildInput;
const counts = new Map<string, number>();
setInterval(() => undefined, 60_000);

// Stands at the n-th time of its stop, and has everything else stand that comes there later.
async function at(name: Stop): Promise<void> {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  if (name !== stop.at || count < stop.nth) return;
  process.stdout.write('{"stands":true}\n');
  await new Promise(() => undefined);
}

// Takes the place of two methods of Microsoft's client.
// eslint-disable-next-line @typescript-eslint/unbound-method -- They are called with the client that they are asked of.
const { receiveMessages, deleteMessage } = QueueClient.prototype;
QueueClient.prototype.receiveMessages = async function (...given) {
  await at("asked");
  const answer = await receiveMessages.apply(this, given);
  if (answer.receivedMessageItems.length > 0) await at("received");
  return answer;
};
QueueClient.prototype.deleteMessage = async function (...given) {
  const answer = await deleteMessage.apply(this, given);
  await at("deleted");
  return answer;
};

const box = tableMailbox({ connectionString, table });
const mailbox: TableMailbox = {
  ...box,
  async put(signal) {
    await at("keeping");
    await box.put(signal);
    await at("kept");
  },
  async receive(groupName, wait) {
    const signals = await box.receive(groupName, wait);
    if (signals.length > 0) await at("answered");
    return signals;
  },
  async acknowledge(groupName, ids) {
    await at("acknowledging");
    await box.acknowledge(groupName, ids);
    await at("acknowledged");
  },
};
const completion = storageQueue({ connectionString, queue, mailbox, report: "container", visibilityTimeoutInMs: 2000, firstPauseInMs: 50, longestPauseInMs: 200 });
if (secret !== undefined) await serve(secret);
else if (run !== undefined) await runContainerJob(AciClient.fromEnvironment(), run.spec, { completion, store: folderStore(run.folder), reject: false });
else for (;;) for (const job of jobs) await completion.receive?.(job, { waitInMs: 300, abortSignal: new AbortController().signal });

async function serve(secret: string): Promise<void> {
  const receiver = createSignalReceiver(webhook({ url: "http://127.0.0.1/", secret, mailbox }), { onSignal: () => at("telling") });
  const server = createServer(nodeListener(receiver)).listen(0, "127.0.0.1");
  await once(server, "listening");
  process.stdout.write(`{"port":${(server.address() as AddressInfo).port}}\n`);
}
