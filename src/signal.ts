/**
 * One received hint about a job. It makes us look; it decides nothing.
 *
 * @public
 */
export interface Signal {
  /** The same for every delivery of one hint. */
  readonly id: string;
  /** The group that it is about, by whose name it is kept. */
  readonly groupName: string;
  /** The key of the job, where the sender knows it. */
  readonly key?: string | undefined;
  /**
   * `started` and `alive` say that the main container works, `ended` that it has ended or is about to, `changed` that
   * something was done to the group, whatever it was.
   */
  readonly kind: "started" | "alive" | "ended" | "changed";
  /** How it came: the name of the strategy that answers it. */
  readonly source: string;
  /** When it was received, ISO 8601 in UTC. */
  readonly at: string;
  /** What the sender says its exit code is. */
  readonly exitCode?: number | undefined;
}

/**
 * Keeps signals until their job has taken them: those that come early, late, twice, or to another process.
 *
 * @public
 */
export interface Mailbox {
  /** Keeps a signal, durably once the promise resolves. One that is there already by its id is kept once. */
  put(signal: Signal): Promise<void>;
  /** The signals of a group. Where there are none, waits for one up to `waitInMs`. They stay until they are acknowledged. */
  receive(groupName: string, options: { readonly waitInMs: number; readonly abortSignal?: AbortSignal | undefined }): Promise<readonly Signal[]>;
  /** Removes signals by their ids. */
  acknowledge(groupName: string, ids: readonly string[]): Promise<void>;
}
