/**
 * Where the output of a job goes while it runs. A sink that throws or rejects ends nothing: the job goes on, and the lines
 * are in its result all the same.
 *
 * @public
 */
export interface LogSink {
  /**
   * Takes the next lines of one container, in order, and each line once in a call. A call that takes a job up reads its log from
   * where that begins: after {@link resumeContainerJob}, and with each call of {@link stepContainerJob}, lines come again that
   * another call has had. Whoever keeps them tells them apart by `at`.
   */
  write(lines: readonly LogLine[]): void | Promise<void>;
}

/** One line of output. @public */
export interface LogLine {
  readonly containerName: string;
  /** Without its line ending. */
  readonly text: string;
  /** When the container wrote it, ISO 8601 in UTC, where the service says so. */
  readonly at?: string | undefined;
  /** True for a mark that says: lines are missing here. Its text tells how that came about. */
  readonly isGap?: true | undefined;
}
