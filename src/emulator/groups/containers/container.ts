import type { Clock } from "../../../internal/clock.js";
import { engineContainerSpec, registryLogin } from "../../body/engine-specs.js";
import type { ContainerBody, GroupBody, RestartPolicy } from "../../body/group-body.js";
import { ImageError, type EngineGroup, type EngineRun, type RunEnd } from "../../engine.js";
import type { ResolvedAssumptions } from "../../options/assumptions.js";
import type { ResolvedPace } from "../../options/pace.js";
import { fresh, note, running, terminated, waiting, type ContainerState } from "./container-state.js";
import { rewordEvents } from "./event-list.js";
import { KeptOutput, type LogOptions } from "./kept-output.js";
import { watchProbes } from "./probes.js";
import { backOffInMs, describeWait, nextStreak, shouldRestart } from "./restart-policy.js";

/** What a container needs from the deployment that runs it. */
export interface ContainerSurroundings {
  readonly clock: Clock;
  readonly pace: ResolvedPace;
  readonly body: GroupBody;
  readonly engineGroup: EngineGroup;
  readonly abortSignal: AbortSignal;
  readonly assumptions: ResolvedAssumptions;
  /** False where a fault keeps the image from being pulled. */
  readonly canPull: boolean;
  /** How long a container that its liveness probe has given up may take to end. */
  readonly stopGraceInMs: number;
  /** What each container finds in its environment besides its own. */
  readonly environment: Readonly<Record<string, string>>;
}

// The service's exit code for a container that was ended by maintenance of the platform.
const MAINTENANCE_EXIT_CODE = 7147;

/** One container of a group: its state, and its runs one after the other. */
export class Container {
  state: ContainerState = fresh();
  /** The last run there was; its output can be read until the next one starts. */
  run: EngineRun | undefined;
  readonly #kept = new KeptOutput();
  #image: string;
  #runs = 0;
  #interruption: "restart" | "end" | undefined;

  constructor(
    readonly body: ContainerBody,
    readonly isInit: boolean,
  ) {
    this.#image = body.properties.image;
  }

  get name(): string {
    return this.body.name;
  }

  /** Forgets its runs, but not its events, before it is deployed again. */
  renew(): void {
    this.state = fresh(this.state.events);
    this.run = undefined;
    this.#kept.clear();
  }

  /** Whether it has printed anything that can still be read. */
  get hasLogs(): boolean {
    return this.run !== undefined || !this.#kept.isEmpty;
  }

  /** What it has printed, as far as it is kept. */
  logs(options: LogOptions): Promise<Buffer> {
    return this.#kept.read(this.run, options);
  }

  /** Ends the present run as the platform does when it moves or repairs a machine. */
  async interrupt(then: "restart" | "end"): Promise<void> {
    if (this.state.current?.state !== "Running") return;
    this.#interruption = then;
    await this.run?.stop(0);
  }

  /** Fetches the image, again and again until it can be had. */
  async pull(around: ContainerSurroundings): Promise<void> {
    const { clock, pace, abortSignal } = around;
    for (let tries = 1; ; tries++) {
      this.#note(clock, "Pulling", `pulling image "${this.#image}"`);
      const failure = await this.#pullOnce(around);
      if (failure === undefined) break;
      this.#note(clock, "Failed", `Failed to pull image "${this.#image}": ${failure}`, "Warning");
      this.#note(clock, "BackOff", `Back-off pulling image "${this.#image}"`, "Warning");
      await clock.sleep(backOffInMs(pace.backOff, tries), abortSignal);
    }
    await clock.sleep(pace.pullInMs, abortSignal);
    this.#note(clock, "Pulled", `Successfully pulled image "${this.#image}"`);
    await clock.sleep(pace.startInMs, abortSignal);
  }

  /** Runs it under `policy` until it need not be started again. `onStarted` is called at every start. */
  async supervise(around: ContainerSurroundings, policy: RestartPolicy, onStarted: () => void): Promise<RunEnd> {
    const { clock, pace, abortSignal } = around;
    let streak = 0;
    for (;;) {
      const run = await this.#start(around);
      onStarted();
      const end = await this.#endOf(run, around);
      if (abortSignal.aborted) return this.#noteKilled(run, end);
      const mustRestart = this.#interruption === "restart";
      this.#interruption = undefined;
      this.#noteEnd(run, end, around.assumptions);
      if (!mustRestart && !shouldRestart(policy, end.exitCode)) return end;
      if (mustRestart) continue;
      streak = nextStreak(streak, end.finishedAt - run.startedAt);
      const wait = backOffInMs(pace.backOff, streak);
      this.state = waiting(this.state, `CrashLoopBackOff: Back-off ${describeWait(wait)} restarting failed`);
      this.#note(clock, "BackOff", "Back-off restarting failed container", "Warning");
      await clock.sleep(wait, abortSignal);
    }
  }

  /** Ends the present run, if there is one. */
  async stop(graceInMs: number, areLogsKept = false): Promise<void> {
    await this.run?.stop(graceInMs);
    if (!areLogsKept || this.run === undefined) return;
    await this.#kept.add(this.run);
    this.run = undefined;
  }

  // An end that the probes have brought about is one like another: the restart policy decides what follows.
  async #endOf(run: EngineRun, { clock, stopGraceInMs }: ContainerSurroundings): Promise<RunEnd> {
    const probes = watchProbes(this.body, run, clock, {
      onFailure: (message) => this.#note(clock, "Unhealthy", message, "Warning"),
      onDead: () => void run.stop(stopGraceInMs),
    });
    const end = await run.ended;
    probes?.stop();
    return this.#interruption === "end" ? { ...end, exitCode: MAINTENANCE_EXIT_CODE } : end;
  }

  async #pullOnce({ engineGroup, body, abortSignal, canPull }: ContainerSurroundings): Promise<string | undefined> {
    const { image } = this.body.properties;
    if (!canPull) return `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": not found`;
    try {
      const digest = await unlessAborted(engineGroup.pull(image, registryLogin(body.properties, image)), abortSignal);
      if (digest !== undefined) this.#nameByDigest(digest);
      return undefined;
    } catch (error) {
      if (error instanceof ImageError) return error.message;
      throw error;
    }
  }

  async #start({ engineGroup, body, abortSignal, assumptions, environment }: ContainerSurroundings): Promise<EngineRun> {
    const isRestart = this.run !== undefined;
    if (this.run !== undefined && assumptions.previousLogs === "kept") await this.#kept.add(this.run);
    await this.run?.remove();
    const run = await engineGroup.start(engineContainerSpec(body.properties, this.body, this.#runs++, this.isInit, environment));
    this.run = run;
    this.state = running(this.state, run.startedAt, isRestart);
    if (abortSignal.aborted) await run.stop(0);
    return run;
  }

  #noteEnd(run: EngineRun, end: RunEnd, { outOfMemory }: ResolvedAssumptions): void {
    this.state = terminated(this.state, run.id, run.startedAt, end, outOfMemory);
    if (end.startError === undefined) return;
    const message = `Error: Failed to start container ${this.name}, Error response: to create containerd task: ${end.startError}`;
    this.state = note(this.state, end.finishedAt, "Failed", message, "Warning");
  }

  // Ended because its deployment is: that it was killed is told, its end as such is not.
  #noteKilled(run: EngineRun, end: RunEnd): RunEnd {
    this.state = note(this.state, end.finishedAt, "Killing", `Killing container with id ${run.id}.`);
    return end;
  }

  // The service names an image in its events by digest, not by tag.
  #nameByDigest(digest: string): void {
    const image = `${this.body.properties.image.replace(/(@sha256:[0-9a-f]+|:[^:/]+)$/, "")}@${digest}`;
    const events = rewordEvents(this.state.events, `pulling image "${this.#image}"`, `pulling image "${image}"`);
    this.state = { ...this.state, events };
    this.#image = image;
  }

  #note(clock: Clock, name: string, message: string, type: "Normal" | "Warning" = "Normal"): void {
    this.state = note(this.state, clock.now(), name, message, type);
  }
}

// An engine cannot break off a pull; a group that is gone does not wait for it.
async function unlessAborted<T>(work: Promise<T>, abortSignal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(abortSignal.reason);
    if (abortSignal.aborted) abort();
    abortSignal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (abort !== undefined) abortSignal.removeEventListener("abort", abort);
  }
}
