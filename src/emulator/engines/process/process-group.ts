import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../internal/clock.js";
import type { EngineContainerSpec, EngineGroup, EngineGroupSpec, EngineRun, FoundGroup } from "../../engine.js";
import { endedRuns } from "./ended-run.js";
import { outputName } from "./output-file.js";
import type { ProcessFolder } from "./process-folder.js";
import { ProcessRun } from "./process-run.js";
import { replaceMounts } from "./replace-mounts.js";
import { makeVolume } from "./volume-folders.js";

/** A group of containers that are processes: a folder with one for each volume and one for each run. */
export class ProcessGroup implements EngineGroup {
  readonly ip = "127.0.0.1";
  readonly #runs = new Set<ProcessRun>();
  #isEnded = false;

  private constructor(
    private readonly folder: string,
    private readonly home: ProcessFolder,
    private readonly volumes: ReadonlyMap<string, string>,
    private readonly clock: Clock,
    private readonly onClosed: (group: ProcessGroup) => void,
  ) {}

  static async open(spec: EngineGroupSpec, folder: string, home: ProcessFolder, clock: Clock, onClosed: (group: ProcessGroup) => void): Promise<ProcessGroup> {
    const volumes = new Map<string, string>();
    for (const volume of spec.volumes) volumes.set(volume.name, await makeVolume(volume, join(folder, "volumes", volume.name)));
    if (home.isKept) await mkdir(outputFolder(folder), { recursive: true, mode: 0o700 });
    return new ProcessGroup(folder, home, volumes, clock, onClosed);
  }

  /** One that another process made. Its volumes are as they were; its runs have ended. */
  static async find(...given: Parameters<typeof ProcessGroup.open>): Promise<(FoundGroup & { readonly group: ProcessGroup }) | undefined> {
    const [, folder, , clock] = given;
    if (!existsSync(folder)) return undefined;
    const group = await ProcessGroup.open(...given);
    return { group, runs: endedRuns(outputFolder(folder), (container, run) => runFolder(folder, container, run), clock.now()) };
  }

  // There is nothing to fetch, and no digest to tell.
  async pull(): Promise<undefined> {
    return undefined;
  }

  async start(spec: EngineContainerSpec): Promise<EngineRun> {
    const folder = runFolder(this.folder, spec.name, spec.run);
    await mkdir(folder, { recursive: true });
    const mounts = spec.mounts.map(({ volume, path }) => ({ path, folder: this.volumes.get(volume) ?? folder }));
    const inPlace = (text: string): string => replaceMounts(text, mounts);
    const environment = Object.entries(spec.environment).map(([name, value]) => [name, inPlace(value)] as const);
    const run: ProcessRun = await ProcessRun.start({
      command: spec.command,
      inPlace,
      environment: { ...inheritedPath(), ...Object.fromEntries(environment) },
      folder,
      outputFile: this.home.isKept ? join(outputFolder(this.folder), outputName(spec.name, spec.run)) : undefined,
      note: (pid) => this.home.note(pid),
      clock: this.clock,
      onRemoved: () => this.#runs.delete(run),
    });
    this.#runs.add(run);
    if (this.#isEnded) await run.stop(0);
    return run;
  }

  /** Ends all runs, and leaves everything else. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.all([...this.#runs].map((run) => run.stop(0)));
  }

  async close(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
    this.onClosed(this);
  }
}

// All that a container gets of this process's environment.
function inheritedPath(): Record<string, string> {
  const path = process.env["PATH"];
  return path === undefined ? {} : { PATH: path };
}

function runFolder(folder: string, container: string, run: number): string {
  return join(folder, "runs", `${container}-${run}`);
}

function outputFolder(folder: string): string {
  return join(folder, "output");
}
