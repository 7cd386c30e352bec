// A process that works at a job, or sweeps, until it is killed. Where it is to stop by itself it says so by a line on stdout,
// and stands there. It never ends.
import { AciClient, ContainerJobError, folderStore, resumeContainerJob, runContainerJob, startContainerJob, sweep, webhook, type ContainerJobSpec, type JobHandle, type JobStore, type LogSink } from "aci-lifecycle";
import { KILL_WEBHOOK, mailboxIn } from "./kill-webhook.js";
import type { StoreStop } from "./points.js";
import { stopWithin } from "./stop-within.js";

export interface ChildInput {
  readonly work: "run" | "start" | "resume" | "sweep";
  readonly spec?: ContainerJobSpec | undefined;
  readonly handle?: JobHandle | undefined;
  readonly folder?: string | undefined;
  readonly stop?: StoreStop | undefined;
  readonly tail?: "read" | "stop" | undefined;
  /** Whether it waits for a call of the container. */
  readonly isWebhook?: boolean | undefined;
}

const { work, spec = { image: "" }, handle = { key: "" }, folder, stop, tail, isWebhook } = JSON.parse(process.argv[2] ?? "{}") as ChildInput;
const client = AciClient.fromEnvironment();
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
setInterval(() => undefined, 60_000);

function stand(): Promise<never> {
  say({ stands: true });
  return new Promise(() => undefined);
}

// Stops at a write of the store: before it, within it, or when it is on the disk.
function stopping(store: JobStore, { phase, at }: StoreStop): JobStore {
  return {
    ...store,
    async write(key, value, ifVersion) {
      const isIt = (value as unknown as { state: { phase: string } }).state.phase === phase;
      if (isIt && at === "before") await stand();
      if (isIt) stopWithin(at, stand);
      const version = await store.write(key, value, ifVersion);
      return isIt && at === "after" && version !== undefined ? stand() : version;
    },
  };
}

// A job that failed has been done, if its process is not killed in time.
function exceptForItsResult(error: unknown): void {
  if (!(error instanceof ContainerJobError)) throw error;
}

const kept = folder === undefined ? undefined : folderStore(folder);
const store = kept && stop ? stopping(kept, stop) : kept;
const logSink: LogSink | undefined = tail && { write: () => (tail === "stop" ? stand() : undefined) };
const completion = isWebhook === true ? webhook({ ...KILL_WEBHOOK, mailbox: mailboxIn(folder ?? "") }) : undefined;
const options = { store, logSink, completion };
if (work === "run") await runContainerJob(client, spec, { ...options, reject: false });
if (work === "start") say({ handle: await startContainerJob(client, spec, options) });
if (work === "resume") await (await resumeContainerJob(client, handle, options)).pollUntilDone().catch(exceptForItsResult);
if (work === "sweep") await sweep(client);
