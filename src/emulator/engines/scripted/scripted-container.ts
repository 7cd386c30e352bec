/**
 * What a probe asks a scripted container: to run a command, or to answer a request.
 *
 * @public
 */
export type ScriptedProbe = { readonly kind: "exec"; readonly command: readonly string[] } | { readonly kind: "httpGet"; readonly port: number; readonly path: string };

/**
 * What a scripted container has to do with.
 *
 * @public
 */
export interface ScriptedContainer {
  /** The name of the container in its group. */
  readonly name: string;
  /** Its command and arguments. */
  readonly command: readonly string[];
  /** Its environment, secure values included. */
  readonly environment: Readonly<Record<string, string>>;
  /** 0 for its first run in the group, then 1, 2, … */
  readonly run: number;
  /** Aborted when the container is asked to end. */
  readonly signal: AbortSignal;
  /**
   * Adds to its output.
   *
   * @param text - What to print, as it is: a line ends only with a newline.
   */
  print(text: string): void;
  /**
   * Waits in the engine's time. Rejects when the container is asked to end; not caught, that ends it with exit code 143.
   *
   * @param ms - How many milliseconds to wait.
   */
  sleep(ms: number): Promise<void>;
  /**
   * Says how its liveness and readiness probes are answered from now on. Without an answer they succeed.
   *
   * @param answer - Told what is asked; true where all is well. One that throws, or takes longer than the probe waits, is
   * a failure.
   */
  answerProbes(answer: (probe: ScriptedProbe) => boolean | Promise<boolean>): void;
}
