import type { Clock } from "../../../internal/clock.js";
import { engineContainerSpec, registryLogin } from "../../body/engine-specs.js";
import type { ContainerBody, RestartPolicy } from "../../body/group-body.js";
import type { EngineRun, FoundRun, RunEnd } from "../../engine.js";
import type { ResolvedAssumptions } from "../../options/assumptions.js";
import { isEnding, type Keeper } from "../keeper.js";
import type { ContainerSurroundings } from "./container-surroundings.js";
import { endOf, fresh, note, running, terminated, waiting, type ContainerState } from "./container-state.js";
import { rewordEvents } from "./event-list.js";
import { KeptOutput, type LogOptions } from "./runs/kept-output.js";
import { LostRun } from "./runs/lost-run.js";
import { beginning, type ContainerRecord, type Progress } from "./progress.js";
import { watchProbes } from "./probes.js";
import { backOffInMs, describeWait, nextStreak, shouldRestart } from "./restart-policy.js";
import { tryPull } from "./try-pull.js";

// The service's exit code for a container that was ended by maintenance of the platform.
const MAINTENANCE_EXIT_CODE = 7147;

/** One container of a group: its state, and its runs one after the other. */
export class Container {
  /** The last run there was; its output can be read until the next one starts. */
  run: EngineRun | undefined;
  readonly #kept: KeptOutput;
  #state: ContainerState;
  #image: string;
  #progress: Progress;
  // A run, or an end, that was found when this was taken over from another process.
  #found: EngineRun | undefined;
  #foundEnd: RunEnd | undefined;
  #interruption: "restart" | "end" | undefined;

  /** @param record - What another process wrote down of it. */
  constructor(
    readonly body: ContainerBody,
    readonly isInit: boolean,
    private readonly keeper: Keeper | undefined,
    record?: ContainerRecord,
  ) {
    this.#state = record?.state ?? fresh();
    this.#image = record?.image ?? body.properties.image;
    this.#progress = record === undefined ? beginning() : { ...record.progress };
    this.#kept = new KeptOutput(record?.kept);
    // Nothing can be read of it before it is found again.
    if (record?.run !== undefined) this.run = new LostRun(record.run.id, record.run.startedAt, 0);
  }

  get name(): string {
    return this.body.name;
  }

  get state(): ContainerState {
    return this.#state;
  }

  set state(state: ContainerState) {
    this.#state = state;
    this.keeper?.changed();
  }

  /** Whether the engine could not run it. */
  get hasGivenUp(): boolean {
    return this.#progress.hasGivenUp;
  }

  /** Forgets its runs, but not its events, before it is deployed again. */
  renew(): void {
    this.state = fresh(this.state.events);
    this.run = undefined;
    this.#progress = beginning(this.#progress.runs);
    this.#kept.clear();
  }

  /** Whether it has printed anything that can still be read. */
  get hasLogs(): boolean {
    return (this.run !== undefined && !(this.run instanceof LostRun)) || !this.#kept.isEmpty;
  }

  /** Everything of it that another process needs to carry on. */
  record(): ContainerRecord {
    const { state, run } = this;
    const last = run === undefined ? {} : { run: { id: run.id, startedAt: run.startedAt } };
    return { state, progress: { ...this.#progress }, image: this.#image, ...last, ...(this.#kept.isEmpty ? {} : { kept: this.#kept.record() }) };
  }

  /**
   * Goes on from what was written down and what the engine still has, which is the truth.
   *
   * @param found - The last run of it in the engine, if there is one.
   * @param now - When a run that is not there any more is taken to have ended.
   */
  takeOver(found: FoundRun | undefined, now: number): void {
    const { runs } = this.#progress;
    if (found !== undefined && found.number >= runs) {
      // It was started after the last word about it.
      this.#progress = { ...this.#progress, runs: found.number + 1, isPulled: true, wakesAt: undefined };
      this.state = running(this.state, found.run.startedAt, this.run !== undefined);
      this.run = this.#found = found.run;
      return;
    }
    if (this.run === undefined) return;
    this.run = found?.run ?? new LostRun(this.run.id, this.run.startedAt, now);
    if (this.state.current?.state === "Running") this.#found = this.run;
    else this.#foundEnd = endOf(this.state);
  }

  /** Notes that the engine cannot run it, so that nobody tries again. */
  giveUp(): void {
    this.#progress.hasGivenUp = true;
  }

  /** What it has printed, as far as it is kept. */
  logs(options: LogOptions): Promise<Buffer> {
    return this.#kept.read(this.run, options);
  }

  /** Ends the present run as the platform does when it moves or repairs a machine. */
  async interrupt(then: "restart" | "end", around: Pick<ContainerSurroundings, "clock" | "abortSignal">): Promise<void> {
    if (this.state.current?.state !== "Running" || this.run === undefined) return;
    this.#interruption = then;
    if (!(await this.#hasStopped(this.run, 0, around))) this.#interruption = undefined;
  }

  /** Fetches the image, again and again until it can be had. */
  async pull(around: ContainerSurroundings): Promise<void> {
    const { clock, pace } = around;
    const progress = this.#progress;
    if (progress.isPulled) return;
    await this.#finishWait(around);
    for (;;) {
      this.#note(clock, "Pulling", `pulling image "${this.#image}"`);
      const failure = await this.#pullOnce(around);
      if (failure === undefined) break;
      this.#note(clock, "Failed", `Failed to pull image "${this.#image}": ${failure}`, "Warning");
      this.#note(clock, "BackOff", `Back-off pulling image "${this.#image}"`, "Warning");
      await this.#wait(around, backOffInMs(pace.backOff, ++progress.failedPulls));
    }
    await this.#wait(around, pace.pullInMs);
    progress.isPulled = true;
    this.#note(clock, "Pulled", `Successfully pulled image "${this.#image}"`);
    await this.#wait(around, pace.startInMs);
  }

  /** Runs it under `policy` until it need not be started again. `onStarted` is called at every start. */
  async supervise(around: ContainerSurroundings, policy: RestartPolicy, onStarted: () => void): Promise<RunEnd> {
    const { clock, pace, abortSignal } = around;
    const progress = this.#progress;
    // It was started by another process.
    if (this.run !== undefined) onStarted();
    for (;;) {
      const end = await this.#nextEnd(around, onStarted);
      if (abortSignal.aborted) return end;
      const mustRestart = this.#interruption === "restart";
      this.#interruption = undefined;
      if (!mustRestart && !shouldRestart(policy, end.exitCode)) return end;
      if (mustRestart) continue;
      progress.streak = nextStreak(progress.streak, end.finishedAt - (this.run?.startedAt ?? end.finishedAt));
      const wait = backOffInMs(pace.backOff, progress.streak);
      this.state = waiting(this.state, `CrashLoopBackOff: Back-off ${describeWait(wait)} restarting failed`);
      this.#note(clock, "BackOff", "Back-off restarting failed container", "Warning");
      await this.#wait(around, wait);
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
  async #endOf(run: EngineRun, { clock, stopGraceInMs, abortSignal }: ContainerSurroundings): Promise<RunEnd> {
    const probes = watchProbes(this.body, run, clock, {
      onFailure: (message) => this.#note(clock, "Unhealthy", message, "Warning"),
      onDead: () => void this.#hasStopped(run, stopGraceInMs, { clock, abortSignal }),
    });
    const stop = (): void => probes?.stop();
    abortSignal.addEventListener("abort", stop);
    const end = await run.ended;
    abortSignal.removeEventListener("abort", stop);
    stop();
    return this.#interruption === "end" ? { ...end, exitCode: MAINTENANCE_EXIT_CODE } : end;
  }

  // Whether a run could be ended. Where the engine fails to, that is told, and it runs on; never rejects.
  async #hasStopped(run: EngineRun, graceInMs: number, { clock, abortSignal }: Pick<ContainerSurroundings, "clock" | "abortSignal">): Promise<boolean> {
    try {
      await run.stop(graceInMs);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!abortSignal.aborted) this.#note(clock, "Failed", `Error: Failed to stop container ${this.name}, Error response: ${reason}`, "Warning");
      return false;
    }
  }

  // The end of one more run, or one that was found.
  async #nextEnd(around: ContainerSurroundings, onStarted: () => void): Promise<RunEnd> {
    const past = this.#foundEnd;
    this.#foundEnd = undefined;
    if (past !== undefined) return past;
    if (this.#progress.wakesAt !== undefined) await this.#finishWait(around);
    const run = this.#found ?? (await this.#start(around));
    this.#found = undefined;
    onStarted();
    const end = await this.#endOf(run, around);
    if (isEnding(around.abortSignal)) return this.#noteKilled(run, end);
    this.#noteEnd(run, end, around.assumptions);
    return end;
  }

  async #wait(around: ContainerSurroundings, ms: number): Promise<void> {
    this.#progress.wakesAt = around.clock.now() + ms;
    return this.#finishWait(around);
  }

  // Waits for what is left of a wait that may have begun in another process.
  async #finishWait({ clock, abortSignal }: ContainerSurroundings): Promise<void> {
    const { wakesAt } = this.#progress;
    if (wakesAt === undefined) return;
    this.keeper?.changed();
    await clock.sleep(Math.max(0, wakesAt - clock.now()), abortSignal);
    this.#progress.wakesAt = undefined;
  }

  // Answers why the image cannot be had, if so.
  async #pullOnce({ engineGroup, body, abortSignal, canPull }: ContainerSurroundings): Promise<string | undefined> {
    const { image } = this.body.properties;
    if (!canPull) return `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": not found`;
    const { digest, failure } = await tryPull(engineGroup, image, registryLogin(body.properties, image), abortSignal);
    if (digest !== undefined) this.#nameByDigest(digest);
    return failure;
  }

  async #start({ engineGroup, body, abortSignal, assumptions, beforeRemoval, environment }: ContainerSurroundings): Promise<EngineRun> {
    const isRestart = this.run !== undefined;
    if (this.run !== undefined && assumptions.previousLogs === "kept") await this.#kept.add(this.run);
    if (isRestart) await beforeRemoval?.().catch(() => undefined);
    await this.run?.remove();
    const run = await engineGroup.start(engineContainerSpec(body.properties, this.body, this.#progress.runs, this.isInit, environment));
    this.#progress.runs++;
    this.run = run;
    this.state = running(this.state, run.startedAt, isRestart);
    if (isEnding(abortSignal)) await run.stop(0);
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
