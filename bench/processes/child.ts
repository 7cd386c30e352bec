import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a process of a bench may be asked, and what it answers: data. */
export type Role = (question: never) => Promise<unknown>;

interface Answer {
  readonly answer?: unknown;
  readonly error?: string;
}

/** This same program as a process of its own, which does what it is asked. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  /** What it has written to its error output: warnings. */
  errors = "";

  constructor(role: string) {
    this.#process = fork(fileURLToPath(import.meta.url), [`--role=${role}`], { execArgv: ["--expose-gc"], stdio: ["ignore", "inherit", "pipe", "ipc"] });
    this.#process.stderr?.on("data", (text: Buffer) => (this.errors += text.toString()));
  }

  async ask<T>(question: unknown): Promise<T> {
    this.#process.send(question as object);
    const [{ answer, error }] = (await Promise.race([once(this.#process, "message"), this.#died()])) as [Answer];
    if (error !== undefined) throw new Error(error);
    return answer as T;
  }

  /** Lets it end by itself, and answers how long that took. */
  async end(): Promise<number> {
    const began = performance.now();
    this.#process.disconnect();
    if (this.#process.exitCode === null) await once(this.#process, "exit");
    return performance.now() - began;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill();
    await once(this.#process, "exit");
  }

  async #died(): Promise<never> {
    await once(this.#process, "exit");
    throw new Error(`A process of the bench has ended: ${this.errors}`);
  }
}

/** Does what the parent asks, one after the other, as long as it listens. */
export function answerParent(role: Role): void {
  process.on("message", (question) => {
    role(question as never).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

/** The role that this process was started for; undefined in the one that starts the others. */
export function roleOfThis(): string | undefined {
  return process.argv.find((argument) => argument.startsWith("--role="))?.slice("--role=".length);
}
