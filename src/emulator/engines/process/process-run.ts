import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { constants } from "node:os";
import type { Clock } from "../../../internal/clock.js";
import { randomHex } from "../../../internal/random.js";
import type { CheckAnswer, EngineCheck, EngineRun, EngineTerminal, RunEnd } from "../../engine.js";
import { commandTimedOut, getPage, onceOver, Said, type CheckLimits } from "../checks.js";
import { OutputLog, type ReadOptions } from "../output-log.js";
import { OutputFile, type RunHead } from "./output-file.js";

/** What a process is started with. */
export interface ProcessSpec {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** An argument with the path of a mount replaced by its folder. */
  readonly inPlace: (argument: string) => string;
  /** The file for its output, where that is to outlive this process. */
  readonly outputFile: string | undefined;
  /** Told of each process that leads a group; what it answers is called when that has ended. */
  readonly note: (pid: number) => () => void;
  readonly clock: Clock;
  readonly onRemoved: () => void;
}

// How long output may lag behind the end of the process that held the group.
const OUTPUT_WITHIN_IN_MS = 500;

/** One run of a container: a process that leads a group of its own, so that all it starts ends with it. */
export class ProcessRun implements EngineRun {
  readonly id: string;
  readonly startedAt: number;
  readonly ended: Promise<RunEnd>;
  readonly #log: OutputLog;
  readonly #terminals = new Set<ChildProcess>();
  #isOver = false;

  private constructor(
    private readonly spec: ProcessSpec,
    { id, startedAt }: RunHead,
    output: OutputFile | undefined,
    private readonly child: ChildProcess | undefined,
    startError: NodeJS.ErrnoException | undefined,
  ) {
    this.id = id;
    this.startedAt = startedAt;
    this.#log = new OutputLog(output);
    this.ended = (startError === undefined && child !== undefined ? this.#watch(child) : Promise.resolve(this.#failed(startError))).finally(() => {
      this.#isOver = true;
      this.#log.end();
      for (const terminal of this.#terminals) signalGroup(terminal, "SIGKILL");
    });
  }

  static async start(spec: ProcessSpec): Promise<ProcessRun> {
    const [file = "", ...args] = spec.command.map(spec.inPlace);
    const head = { id: randomHex(32), startedAt: spec.clock.now() };
    // Before the process is there, so that none is left alone where this fails.
    const output = spec.outputFile === undefined ? undefined : new OutputFile(spec.outputFile, head);
    if (file === "") return new ProcessRun(spec, head, output, undefined, Object.assign(new Error("no command is given, and an image is only a label here"), { code: "ENOENT" }));
    try {
      const child = spawnGroup(spec, file, args, "ignore");
      const startError = await once(child, "spawn").then(
        () => undefined,
        (error: unknown) => error as NodeJS.ErrnoException,
      );
      return new ProcessRun(spec, head, output, startError === undefined ? child : undefined, startError);
    } catch (error) {
      output?.end();
      throw error;
    }
  }

  async logs(options: ReadOptions): Promise<Buffer> {
    return this.#log.read(options);
  }

  async stop(graceInMs: number): Promise<void> {
    if (this.child === undefined || this.#isOver) return;
    if (graceInMs > 0) {
      signalGroup(this.child, "SIGTERM");
      const over = new AbortController();
      const grace = this.spec.clock.sleep(graceInMs, over.signal).then(
        () => undefined,
        () => undefined,
      );
      const end = await Promise.race([this.ended, grace]);
      over.abort();
      if (end !== undefined) return;
    }
    signalGroup(this.child, "SIGKILL");
    await this.ended;
  }

  async exec({ command }: { readonly command: readonly string[] }): Promise<EngineTerminal> {
    if (this.#isOver) throw new Error("The container has ended");
    const [file = "", ...args] = command.map(this.spec.inPlace);
    const child = spawnGroup(this.spec, file, args, "pipe");
    const log = new OutputLog();
    const { output, stop } = log.follow();
    collect(child, (data) => log.append(data, this.spec.clock.now()));
    child.once("error", (error) => {
      log.append(Buffer.from(`${error.message}\r\n`), this.spec.clock.now());
      log.end();
    });
    this.#terminals.add(child);
    child.once("close", () => {
      this.#terminals.delete(child);
      log.end();
    });
    child.stdin?.on("error", () => undefined);
    return {
      output,
      write: (data) => void child.stdin?.write(data),
      close: () => {
        stop();
        signalGroup(child, "SIGKILL");
      },
    };
  }

  async attach(): Promise<EngineTerminal> {
    const { output, stop } = this.#log.follow();
    if (this.#isOver) stop();
    return { output, write: () => undefined, close: stop };
  }

  async check(check: EngineCheck, limits: CheckLimits): Promise<CheckAnswer> {
    if (check.kind === "httpGet") return getPage(check, "127.0.0.1", limits);
    try {
      return await this.#checkByCommand(check.command, limits);
    } catch (error) {
      return { outcome: "unknown", detail: error instanceof Error ? error.message : String(error) };
    }
  }

  async remove(): Promise<void> {
    await this.stop(0);
    await rm(this.spec.folder, { recursive: true, force: true, maxRetries: 3 });
    if (this.spec.outputFile !== undefined) await rm(this.spec.outputFile, { force: true });
    this.spec.onRemoved();
  }

  #checkByCommand(command: readonly string[], limits: CheckLimits): Promise<CheckAnswer> {
    const [file = "", ...args] = command.map(this.spec.inPlace);
    const child = spawnGroup(this.spec, file, args, "ignore");
    const said = new Said();
    collect(child, (data) => said.add(data));
    return new Promise((resolve) => {
      const release = onceOver(limits, () => {
        resolve(commandTimedOut(command, limits));
        signalGroup(child, "SIGKILL");
      });
      child.once("error", (error) => {
        release();
        resolve({ outcome: "failed", detail: error.message });
      });
      // What it has left running could hold its output open.
      child.once("exit", () => signalGroup(child, "SIGKILL"));
      child.once("close", (code) => {
        release();
        resolve(said.answer(code));
      });
    });
  }

  async #watch(child: ChildProcess): Promise<RunEnd> {
    collect(child, (data) => this.#log.append(data, this.spec.clock.now()));
    const closed = once(child, "close");
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    const finishedAt = this.spec.clock.now();
    signalGroup(child, "SIGKILL");
    const late = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, OUTPUT_WITHIN_IN_MS);
    await closed;
    clearTimeout(late);
    return { exitCode: signal === null ? (code ?? 0) : 128 + constants.signals[signal], finishedAt, isOutOfMemory: false };
  }

  #failed(error: NodeJS.ErrnoException | undefined): RunEnd {
    const isForbidden = error?.code === "EACCES" || error?.code === "ENOEXEC";
    return { exitCode: isForbidden ? 126 : 127, finishedAt: this.startedAt, isOutOfMemory: false, startError: error?.message ?? "not started" };
  }
}

function spawnGroup(spec: ProcessSpec, file: string, args: readonly string[], stdin: "ignore" | "pipe"): ChildProcess {
  const child = spawn(file, args, { cwd: spec.folder, env: spec.environment, stdio: [stdin, "pipe", "pipe"], detached: true, windowsHide: true });
  if (child.pid === undefined) return child;
  try {
    child.once("exit", spec.note(child.pid));
    return child;
  } catch (error) {
    // Nobody would know of it after a kill.
    signalGroup(child, "SIGKILL");
    throw error;
  }
}

function collect(child: ChildProcess, append: (data: Buffer) => void): void {
  child.stdout?.on("data", append);
  child.stderr?.on("data", append);
}

// The group may be gone already; that is what was wanted.
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
  } catch {
    return;
  }
}
