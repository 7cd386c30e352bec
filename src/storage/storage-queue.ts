import { memoryMailbox, reportingStrategy, type CompletionStrategy, type Environment, type JobView, type ReceiveOptions, type ReportOptions } from "aci-lifecycle";
import type { QueueClient } from "@azure/storage-queue";
import { resolvePauses, type LongPollOptions } from "./long-poll.js";
import { QueueDrain } from "./queue-drain.js";
import { expectName, isAnswer, storageAccount, type StorageAccount, type StorageAccountOptions } from "./storage-account.js";

/** Options of {@link storageQueue}. @public */
export interface StorageQueueOptions extends StorageAccountOptions, ReportOptions, LongPollOptions {
  /** The queue's name. It is made at the first use, if it is not there. @defaultValue `"aci-lifecycle"` */
  readonly queue?: string | undefined;
  /**
   * A shared access signature of the queue that allows adding and nothing else (`sp=a`), for the containers.
   *
   * @defaultValue one that is made with the account's key, which the connection string then must have
   */
  readonly addSas?: string | undefined;
  /**
   * How long a signature that is made here is good for, at least; at most it is twice as long, as all that are made in such a
   * time end together, so that creates that are sent again are equal. A job that runs for longer is looked at now and then, as
   * without messages. An hour to a hundred years. @defaultValue `604_800_000` (7 days)
   */
  readonly sasLifetimeInMs?: number | undefined;
  /**
   * How soon a message comes again whose reader was killed before it had kept it; at least as long as it takes to keep 32.
   *
   * @defaultValue `30_000`
   */
  readonly visibilityTimeoutInMs?: number | undefined;
  /** Told of every message that was deleted unread: `malformed`, or received `tooOften`, more than 20 times. */
  readonly onRefused?: ((refusal: { readonly reason: "malformed" | "tooOften" }) => void) | undefined;
}

const NAME = "storageQueue";
// Every option that is not the account's; one that is missing here does not compile.
const FIELDS = Object.keys({ queue: 0, addSas: 0, sasLifetimeInMs: 0, visibilityTimeoutInMs: 0, onRefused: 0, mailbox: 0, report: 0, helperImage: 0, heartbeatIntervalInMs: 0, safetyIntervalInMs: 0, firstPauseInMs: 0, longestPauseInMs: 0 } satisfies Record<Exclude<keyof StorageQueueOptions, keyof StorageAccountOptions>, 0>);
const WEEK_IN_MS = 604_800_000;
const HOUR_IN_MS = 3_600_000;
// A signature ends in a year of four digits.
const CENTURY_IN_MS = 3_153_600_000_000;
// Waiters have a mailbox for longer outages, and safety looks.
const RETRIES = { maxTries: 3, tryTimeoutInMs: 10_000, retryDelayInMs: 500, maxRetryDelayInMs: 2000 };

/**
 * Learns of the end by a message that the container puts into a queue of Azure Storage: as {@link webhook}, without a public
 * endpoint. Needs the package `@azure/storage-queue`, which is loaded at the first job.
 *
 * @remarks
 * A container has the right to add messages to the queue and no other: it can read, change or delete none, and reach nothing
 * else of the account. It can put false messages there, of other jobs too, and many of them, which costs looks at those jobs'
 * groups: a message makes us look, once in a while, and decides nothing. Containers that must not do even that get queues of
 * their own.
 *
 * Whoever waits moves what is in the queue into the mailbox, that of other jobs too. So a queue belongs to one mailbox: where
 * several processes wait, give all of them a {@link tableMailbox}. With a credential its role is Storage Queue Data
 * Contributor, and `addSas` is required.
 *
 * With `report: "container"` your program finds `ACI_JOB_QUEUE_URL`, the address to post to, with its signature, and
 * `ACI_JOB_MESSAGE`, a JSON object to which it adds `"type": "job.ended"` and `"exitCode"`; plain or in base64.
 *
 * @throws TypeError or RangeError if an option cannot be right; never with a key or a signature in it.
 *
 * @example
 * ```ts
 * const completion = storageQueue({ connectionString: process.env.AzureWebJobsStorage });
 * await runContainerJob(client, { image: "alpine/curl:8", command: ["sh", "-c", "sleep 60"] }, { completion });
 * ```
 * @public
 */
export function storageQueue(options: StorageQueueOptions): CompletionStrategy {
  const account = storageAccount(options, FIELDS);
  const { queue: name = "aci-lifecycle", mailbox = memoryMailbox(), sasLifetimeInMs = WEEK_IN_MS, visibilityTimeoutInMs = 30_000, onRefused } = options;
  expectName("queue", name, /^(?=.{3,63}$)[a-z0-9](?:-?[a-z0-9])*$/u, "3 to 63 lower-case letters, digits and single hyphens, not first or last");
  const addSas = checkSas(options.addSas, account);
  expectMs("sasLifetimeInMs", sasLifetimeInMs, HOUR_IN_MS, CENTURY_IN_MS);
  expectMs("visibilityTimeoutInMs", visibilityTimeoutInMs, 1000, WEEK_IN_MS);
  let opened: Promise<QueueClient> | undefined;
  const queue = (): Promise<QueueClient> => (opened ??= open(account, name));
  let made: Promise<unknown> | undefined;
  const drain = new QueueDrain({ ...resolvePauses(options), queue, mailbox, source: NAME, visibilityTimeoutInMs, onRefused });
  const environment = async (job: JobView): Promise<Environment> => {
    const client = await queue();
    made ??= make(client);
    await made.catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return { ACI_JOB_QUEUE_URL: { secureValue: await addUrl(client, addSas, sasLifetimeInMs) }, ACI_JOB_MESSAGE: { secureValue: beginOf(job) } };
  };
  const { report, helperImage, heartbeatIntervalInMs, safetyIntervalInMs } = options;
  return Object.freeze({
    ...reportingStrategy({ name: NAME, mailbox, environment, report, helperImage, heartbeatIntervalInMs, safetyIntervalInMs }),
    receive: (job: JobView, wait: ReceiveOptions) => drain.receive(job.groupName, wait),
  } satisfies CompletionStrategy);
}

function expectMs(field: string, value: unknown, least: number, most: number): void {
  if (typeof value !== "number") throw new TypeError(`Expected \`${field}\` to be a number, got ${typeof value}.`);
  if (!(value >= least && value <= most)) throw new RangeError(`Expected \`${field}\` to be ${least} to ${most}, got \`${value}\`.`);
}

async function open(account: StorageAccount, name: string): Promise<QueueClient> {
  const { QueueServiceClient } = await import("@azure/storage-queue");
  const options = { retryOptions: RETRIES };
  const service = "connectionString" in account ? QueueServiceClient.fromConnectionString(account.connectionString, options) : new QueueServiceClient(account.url, account.credential, options);
  return service.getQueueClient(name);
}

// Who may not make a queue has one that is there.
async function make(client: QueueClient): Promise<void> {
  try {
    await client.createIfNotExists();
  } catch (error) {
    if (!isAnswer(error, 403)) throw error;
  }
}

// Where a container puts its messages.
async function addUrl(client: QueueClient, addSas: string | undefined, lifetimeInMs: number): Promise<string> {
  const messages = new URL(client.url);
  // A connection string may have a signature of our own, which is not for containers.
  messages.search = "";
  messages.pathname += "/messages";
  if (addSas !== undefined) return `${messages.href}?${addSas}`;
  const expiresOn = new Date((Math.floor(Date.now() / lifetimeInMs) + 2) * lifetimeInMs);
  const { QueueSASPermissions } = await import("@azure/storage-queue");
  return `${messages.href}${new URL(client.generateSasUrl({ permissions: QueueSASPermissions.parse("a"), expiresOn })).search}`;
}

// What its messages begin with: JSON of ASCII characters without any that XML, a shell or curl takes for something else.
function beginOf({ key, attempt }: JobView): string {
  const escaped = key.replace(/[^\w.~-]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `{"job":"${escaped}","attempt":${attempt}}`;
}

function checkSas(sas: unknown, account: StorageAccount): string | undefined {
  if (sas === undefined) {
    if ("connectionString" in account && /(?:^|;)(?:AccountKey=|UseDevelopmentStorage=true)/iu.test(account.connectionString)) return undefined;
    throw new TypeError("Expected `addSas` to be given: only an account's key, in `connectionString`, can make one.");
  }
  const text = typeof sas === "string" ? sas.replace(/^\?/u, "") : "";
  const query = new URLSearchParams(text);
  if (!/^[\w.~%=&:+/-]+$/u.test(text) || !query.has("sig") || (query.get("sp") ?? "a") !== "a") throw new TypeError("Expected `addSas` to be a shared access signature of a queue that allows adding only (`sp=a`).");
  return text;
}
