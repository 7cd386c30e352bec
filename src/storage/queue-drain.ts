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

interface Waiter {
  readonly groupName: string;
  /** Ends its wait for the mailbox: with the failure of the reader, or because something of its group was kept. */
  readonly over: AbortController;
}

const KEPT = Symbol("kept");

/** Moves messages of a queue into a mailbox while somebody waits for one. All waiters of a process share one reader. */
export class QueueDrain {
  readonly #waiters = new Set<Waiter>();
  #reader: AbortController | undefined;
  #pass: Promise<number> | undefined;

  constructor(private readonly options: DrainOptions) {}

  // What the mailbox has of a group, by now or within a time.
  async receive(groupName: string, { waitInMs, abortSignal }: ReceiveOptions): Promise<readonly Signal[]> {
    const { mailbox } = this.options;
    abortSignal.throwIfAborted();
    if (waitInMs > 0) return this.#wait(groupName, waitInMs, abortSignal);
    const kept = await mailbox.receive(groupName, { waitInMs: 0, abortSignal });
    if (kept.length > 0) return kept;
    await this.#drain();
    return mailbox.receive(groupName, { waitInMs: 0, abortSignal });
  }

  // Waits for the mailbox, which another process may fill, while the queue is drained. What was kept here is not waited for.
  async #wait(groupName: string, waitInMs: number, abortSignal: AbortSignal): Promise<readonly Signal[]> {
    const { mailbox } = this.options;
    const waiter = { groupName, over: new AbortController() };
    this.#waiters.add(waiter);
    if (this.#reader === undefined) void this.#read((this.#reader = new AbortController()));
    try {
      return await mailbox.receive(groupName, { waitInMs, abortSignal: AbortSignal.any([abortSignal, waiter.over.signal]) });
    } catch (error) {
      if (abortSignal.aborted || waiter.over.signal.reason !== KEPT) throw error;
      return await mailbox.receive(groupName, { waitInMs: 0, abortSignal });
    } finally {
      this.#leave(waiter);
    }
  }

  #leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0) this.#reader?.abort();
  }

  // Drains until nobody waits any more. A pass that has begun is ended: what it has received nobody else would get for a while.
  async #read(reader: AbortController): Promise<void> {
    const { firstPauseInMs, longestPauseInMs } = this.options;
    const { signal } = reader;
    signal.addEventListener("abort", () => (this.#reader = undefined), { once: true });
    try {
      for (let pauseInMs = firstPauseInMs; !signal.aborted; ) {
        const count = await this.#drain();
        if (count === BATCH) continue;
        if (count > 0) pauseInMs = firstPauseInMs;
        await sleep(pauseInMs, signal);
        pauseInMs = Math.min(pauseInMs * 2, longestPauseInMs);
      }
    } catch (error) {
      if (signal.aborted) return;
      // Who comes from now on gets a reader that tries again.
      reader.abort();
      for (const { over } of this.#waiters) over.abort(error);
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
    else await this.#keep(signal);
    try {
      await queue.deleteMessage(messageId, popReceipt);
    } catch (error) {
      // Somebody else has it by now, or has deleted it.
      if (!isAnswer(error, 404)) throw error;
    }
  }

  async #keep(signal: Signal): Promise<void> {
    await this.options.mailbox.put(signal);
    for (const { groupName, over } of this.#waiters) if (groupName === signal.groupName) over.abort(KEPT);
  }

  // A listener's trouble, at once or later, is not the job's.
  #refuse(reason: "malformed" | "tooOften"): void {
    void (async () => this.options.onRefused?.({ reason }))().catch(() => undefined);
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
