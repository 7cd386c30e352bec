import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../internal/clock.js";
import type { EngineContainerSpec, EngineGroup, EngineGroupSpec, EngineRun } from "../../engine.js";
import type { ProcessFolder } from "./process-folder.js";
import { ProcessRun } from "./process-run.js";
import { replaceMounts } from "./replace-mounts.js";
import { makeVolume } from "./volume-folders.js";

/** A group of containers that are processes: a folder with one for each volume and one for each run. */
export class ProcessGroup implements EngineGroup {
  readonly ip = "127.0.0.1";
  readonly #runs = new Set<ProcessRun>();

  private constructor(
    private readonly folder: string,
    private readonly home: ProcessFolder,
    private readonly volumes: ReadonlyMap<string, string>,
    private readonly clock: Clock,
    private readonly onClosed: () => void,
  ) {}

  static async open(spec: EngineGroupSpec, folder: string, home: ProcessFolder, clock: Clock, onClosed: () => void): Promise<ProcessGroup> {
    const volumes = new Map<string, string>();
    for (const volume of spec.volumes) volumes.set(volume.name, await makeVolume(volume, join(folder, "volumes", volume.name)));
    return new ProcessGroup(folder, home, volumes, clock, onClosed);
  }

  // There is nothing to fetch, and no digest to tell.
  async pull(): Promise<undefined> {
    return undefined;
  }

  async start(spec: EngineContainerSpec): Promise<EngineRun> {
    const folder = join(this.folder, "runs", `${spec.name}-${spec.run}`);
    await mkdir(folder, { recursive: true });
    const mounts = spec.mounts.map(({ volume, path }) => ({ path, folder: this.volumes.get(volume) ?? folder }));
    const inPlace = (text: string): string => replaceMounts(text, mounts);
    const environment = Object.entries(spec.environment).map(([name, value]) => [name, inPlace(value)] as const);
    const run: ProcessRun = await ProcessRun.start({
      command: spec.command,
      inPlace,
      environment: { ...inheritedPath(), ...Object.fromEntries(environment) },
      folder,
      note: (pid) => this.home.note(pid),
      clock: this.clock,
      onRemoved: () => this.#runs.delete(run),
    });
    this.#runs.add(run);
    return run;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs].map((run) => run.stop(0)));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
    this.onClosed();
  }
}

// All that a container gets of this process's environment.
function inheritedPath(): Record<string, string> {
  const path = process.env["PATH"];
  return path === undefined ? {} : { PATH: path };
}
