import { readReport, type Mailbox, type ReceiveOptions, type Signal } from "aci-lifecycle";
import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import { sleep, type Pauses } from "./long-poll.js";
import { isAnswer } from "./storage-account.js";

export interface DrainOptions extends Pauses {
  readonly queue: () => Promise<QueueClient>;
  readonly mailbox: Mailbox;
  readonly source: string;
  /** For how long nobody else gets a message that somebody has received and not deleted. */
  readonly visibilityTimeoutInMs: number;
  readonly onRefused: ((refusal: { readonly reason: "malformed" | "tooOften" }) => void) | undefined;
}

// The most that the service gives at a time.
const BATCH = 32;
// What was received so often and is still there may be what ends its readers.
const MOST_DEQUEUES = 20;

/** Moves messages of a queue into a mailbox while somebody waits for one. All waiters of a process share one reader. */
export class QueueDrain {
  readonly #waiting = new Set<(error: unknown) => void>();
  #stop = new AbortController();
  #pass: Promise<number> | undefined;

  constructor(private readonly options: DrainOptions) {}

  // What the mailbox has of a group, by now or within a time.
  async receive(groupName: string, { waitInMs, abortSignal }: ReceiveOptions): Promise<readonly Signal[]> {
    const { mailbox } = this.options;
    abortSignal.throwIfAborted();
    if (waitInMs > 0) return this.#whileDraining(abortSignal, (signal) => mailbox.receive(groupName, { waitInMs, abortSignal: signal }));
    const kept = await mailbox.receive(groupName, { waitInMs: 0, abortSignal });
    if (kept.length > 0) return kept;
    await this.#drain();
    return mailbox.receive(groupName, { waitInMs: 0, abortSignal });
  }

  async #whileDraining<T>(abortSignal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const failed = new AbortController();
    const fail = (error: unknown): void => failed.abort(error);
    this.#waiting.add(fail);
    if (this.#waiting.size === 1) void this.#run((this.#stop = new AbortController()).signal);
    try {
      return await work(AbortSignal.any([abortSignal, failed.signal]));
    } finally {
      this.#waiting.delete(fail);
      if (this.#waiting.size === 0) this.#stop.abort();
    }
  }

  // Drains until nobody waits any more. A pass that has begun is ended: what it has received nobody else would get for a while.
  async #run(stop: AbortSignal): Promise<void> {
    const { firstPauseInMs, longestPauseInMs } = this.options;
    try {
      for (let pauseInMs = firstPauseInMs; !stop.aborted; ) {
        const count = await this.#drain();
        if (count === BATCH) continue;
        pauseInMs = count > 0 ? firstPauseInMs : pauseInMs;
        await sleep(pauseInMs, stop);
        pauseInMs = Math.min(pauseInMs * 2, longestPauseInMs);
      }
    } catch (error) {
      if (!stop.aborted) for (const fail of this.#waiting) fail(error);
    }
  }

  #drain(): Promise<number> {
    return (this.#pass ??= this.#drainOnce().finally(() => (this.#pass = undefined)));
  }

  // Takes a batch of messages, and answers how many there were. One that cannot be kept comes again; the others are not kept up.
  async #drainOnce(): Promise<number> {
    const queue = await this.options.queue();
    const messages = await receiveFrom(queue, this.options.visibilityTimeoutInMs);
    const outcomes = await Promise.allSettled(messages.map((message) => this.#take(queue, message)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    return messages.length;
  }

  // A message is deleted once the mailbox has kept what it says.
  async #take(queue: QueueClient, { messageId, popReceipt, messageText, insertedOn, dequeueCount }: DequeuedMessageItem): Promise<void> {
    const signal = readReport(parse(messageText), { source: this.options.source, at: insertedOn.getTime() });
    if (signal === undefined) this.#refuse("malformed");
    else if (dequeueCount > MOST_DEQUEUES) this.#refuse("tooOften");
    else await this.options.mailbox.put(signal);
    try {
      await queue.deleteMessage(messageId, popReceipt);
    } catch (error) {
      // Somebody else has it by now, or has deleted it.
      if (!isAnswer(error, 404)) throw error;
    }
  }

  #refuse(reason: "malformed" | "tooOften"): void {
    try {
      this.options.onRefused?.({ reason });
    } catch {
      // A listener's trouble is not the job's.
    }
  }
}

async function receiveFrom(queue: QueueClient, visibilityTimeoutInMs: number): Promise<readonly DequeuedMessageItem[]> {
  try {
    return (await queue.receiveMessages({ numberOfMessages: BATCH, visibilityTimeout: Math.ceil(visibilityTimeoutInMs / 1000) })).receivedMessageItems;
  } catch (error) {
    if (!isAnswer(error, 404, "QueueNotFound")) throw error;
    await queue.createIfNotExists();
    return [];
  }
}

// JSON as it is, or in base64, as many clients put it into a queue.
function parse(text: string): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith("{") ? text : Buffer.from(text, "base64").toString());
  } catch {
    return undefined;
  }
}
