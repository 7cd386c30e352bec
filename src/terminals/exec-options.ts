import { expectBoolean, expectIterable, expectKeys, expectSignal, expectText, expectWhole, expectWords, fail } from "../lifecycle/expect.js";

/** Options for `AciClient.exec`. @public */
export interface ExecOptions {
  /** The container to run it in. @defaultValue the first of the group */
  readonly container?: string | undefined;
  /**
   * What to send to its standard input, and then the end of it. Where it fails the connection is ended, and so is the output, with
   * its error.
   *
   * @defaultValue nothing; `write` and `end` are there for that
   */
  readonly stdin?: string | Uint8Array | AsyncIterable<string | Uint8Array> | undefined;
  /**
   * True for a person at a terminal: output comes as the terminal sends it. ACI runs every command in a terminal; without
   * this, the carriage return that it puts before each line's end is taken away.
   *
   * @defaultValue `false`
   */
  readonly tty?: boolean | undefined;
  /** The size of the terminal. @defaultValue 24 rows of 80 columns */
  readonly size?: { readonly rows: number; readonly columns: number } | undefined;
  /** Ends the connection; what was started may run on. */
  readonly abortSignal?: AbortSignal | undefined;
}

// Checks what exec is given, and answers the one line that ACI takes: it knows no quotes, so that no word may have a space.
export function commandLine(command: readonly string[], options: ExecOptions): string {
  if ((command as unknown) === undefined) fail("command", "an array of strings", command, "type");
  expectWords("command", command);
  if (command.length === 0) fail("command", "at least one word", command);
  const broken = command.findIndex((word) => word === "" || /\s/u.test(word));
  if (broken >= 0) fail(`command[${broken}]`, "a word without white space, because ACI splits at it; send a script to the standard input of a shell instead", command[broken]);
  expectKeys("options", options, ["container", "stdin", "tty", "size", "abortSignal"]);
  if (options.container !== undefined) expectText("container", options.container);
  if (options.stdin !== undefined && typeof options.stdin !== "string") expectIterable("stdin", options.stdin, "a string, a Uint8Array or something that gives them one by one");
  expectBoolean("tty", options.tty);
  checkSize(options.size);
  expectSignal("abortSignal", options.abortSignal);
  return command.join(" ");
}

// Half a size is none.
function checkSize(size: Partial<NonNullable<ExecOptions["size"]>> | undefined): void {
  if (size === undefined) return;
  expectKeys("size", size, ["rows", "columns"]);
  for (const side of ["rows", "columns"] as const) {
    if (size[side] === undefined) fail(`size.${side}`, "a whole number of at least 1", undefined, "type");
    expectWhole(`size.${side}`, size[side], 1);
  }
}
