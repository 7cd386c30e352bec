/**
 * A process in a container, or the output of one, over a web socket. Dispose of it, with `await using` or
 * {@link TerminalSession.close}, when you have seen enough.
 *
 * @public
 */
export interface TerminalSession extends AsyncDisposable {
  /**
   * What is printed, standard output and standard error in one, as ACI sends it. It ends when the other side does, or after
   * {@link TerminalSession.close}, and rejects if the connection breaks. It can be read once; a slow reader slows the process down.
   */
  readonly output: AsyncIterable<Uint8Array>;
  /** Everything that is printed until the end, as text. It reads {@link TerminalSession.output}. */
  text(): Promise<string>;
  /** Ends the connection. What was started in the container may run on: ACI has no way to kill it. */
  close(): Promise<void>;
}

/**
 * A command that runs in a container. ACI tells no exit code: let the command print it if you need it.
 *
 * @public
 */
export interface ExecSession extends TerminalSession {
  /**
   * Types something, or sends it to the standard input of the command.
   *
   * @param data - A string is sent as UTF-8.
   */
  write(data: string | Uint8Array): Promise<void>;
  /** Says that no more input comes, as Ctrl-D does. */
  end(): Promise<void>;
}
