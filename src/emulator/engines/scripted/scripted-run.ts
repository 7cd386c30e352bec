import type { Clock } from "../../../internal/clock.js";
import { randomHex } from "../../../internal/random.js";
import type { CheckAnswer, EngineCheck, EngineContainerSpec, EngineRun, EngineTerminal, RunEnd } from "../../engine.js";
import type { CheckLimits } from "../checks.js";
import { OutputLog } from "../output-log.js";
import type { ScriptedContainer, ScriptedProbe } from "./scripted-container.js";

// A reason that costs nothing: nobody reads it.
const DONE = "done";

/** One run of a function as a container. */
export class ScriptedRun implements EngineRun {
  readonly id = randomHex(32);
  readonly startedAt: number;
  readonly ended: Promise<RunEnd>;
  readonly #log = new OutputLog();
  readonly #abort = new AbortController();
  #finish: (exitCode: number) => void = () => undefined;
  #isOver = false;
  #isWell: (probe: ScriptedProbe) => boolean | Promise<boolean> = () => true;

  constructor(
    spec: EngineContainerSpec,
    program: (container: ScriptedContainer) => number | Promise<number>,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
    this.ended = new Promise((resolve) => {
      this.#finish = (exitCode) => {
        if (this.#isOver) return;
        this.#isOver = true;
        this.#log.end();
        resolve({ exitCode, finishedAt: clock.now(), isOutOfMemory: false });
      };
    });
    void this.#run(spec, program);
  }

  async logs(options: { readonly tail?: number | undefined; readonly isStamped: boolean; readonly maxBytes: number }): Promise<Buffer> {
    return this.#log.read(options);
  }

  async stop(graceInMs: number): Promise<void> {
    if (this.#isOver) return;
    this.#abort.abort(new Error("The container was asked to end"));
    const over = new AbortController();
    const grace = graceInMs > 0 ? this.clock.sleep(graceInMs, over.signal).catch(() => undefined) : Promise.resolve();
    await Promise.race([this.ended, grace]);
    over.abort(DONE);
    this.#finish(137);
  }

  // There is no process to start, so a terminal answers with what is typed.
  async exec(): Promise<EngineTerminal> {
    if (this.#isOver) throw new Error("The container has ended");
    const echo = new OutputLog();
    const { output, stop } = echo.follow();
    void this.ended.then(stop);
    return { output, write: (data) => echo.append(Buffer.from(data), this.clock.now()), close: stop };
  }

  async attach(): Promise<EngineTerminal> {
    const { output, stop } = this.#log.follow();
    if (this.#isOver) stop();
    return { output, write: () => undefined, close: stop };
  }

  async check(check: EngineCheck, { timeoutInMs, abortSignal }: CheckLimits): Promise<CheckAnswer> {
    const over = new AbortController();
    const stop = (): void => over.abort(DONE);
    abortSignal.addEventListener("abort", stop, { once: true });
    const late = this.clock.sleep(timeoutInMs, over.signal).then(
      () => `not answered within ${timeoutInMs / 1000}s`,
      () => "",
    );
    const detail = await Promise.race([this.#ask(check), late]);
    abortSignal.removeEventListener("abort", stop);
    stop();
    return { outcome: detail === undefined ? "passed" : "failed", detail: detail ?? "" };
  }

  async remove(): Promise<void> {
    await this.stop(0);
  }

  // Why it is not well, if it is not.
  async #ask(check: EngineCheck): Promise<string | undefined> {
    try {
      if (await this.#isWell(check)) return undefined;
      return check.kind === "exec" ? "" : "HTTP probe failed with statuscode: 503";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #run(spec: EngineContainerSpec, program: (container: ScriptedContainer) => number | Promise<number>): Promise<void> {
    const { signal } = this.#abort;
    const container: ScriptedContainer = {
      name: spec.name,
      command: spec.command,
      environment: spec.environment,
      run: spec.run,
      signal,
      print: (text) => {
        if (!this.#isOver) this.#log.append(Buffer.from(text), this.clock.now());
      },
      sleep: (ms) => this.clock.sleep(ms, signal),
      answerProbes: (answer) => (this.#isWell = answer),
    };
    try {
      this.#finish(await program(container));
    } catch (error) {
      if (!signal.aborted) container.print(`${error instanceof Error ? error.message : String(error)}\n`);
      this.#finish(signal.aborted ? 143 : 1);
    }
  }
}
