import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scripted, startEmulator, VirtualClock, type Emulator, type Engine, type EngineContainerSpec, type EngineGroup, type EngineRun, type FoundRun, type ScriptedContainer, type StartEmulatorOptions } from "aci-lifecycle/emulator";

/** Functions as containers, in virtual time, which run on when the emulator ends, as those of Docker do. */
export class LastingEngine {
  readonly clock = new VirtualClock();
  /** Every start of a container there ever was: group, container, run. */
  readonly starts: EngineContainerSpec[] = [];
  /** By the id of the group. */
  readonly left = new Map<string, { group: EngineGroup; runs: Map<string, FoundRun> }>();
  readonly engine: Engine;

  constructor(images: Readonly<Record<string, (container: ScriptedContainer) => number | Promise<number>>>) {
    const inner = scripted(images, { clock: this.clock });
    this.engine = {
      ...inner,
      name: "lasting",
      open: async (session) => {
        for (const [id, { group }] of this.left) {
          if (session.state?.groups.includes(id) === true) continue;
          await group.close();
          this.left.delete(id);
        }
        return inner.open(session);
      },
      openGroup: async (spec) => {
        if (this.left.has(spec.id)) throw new Error(`The group ${spec.name} is there already`);
        const group = await inner.openGroup(spec);
        const runs = new Map<string, FoundRun>();
        const lasting: EngineGroup = {
          ...group,
          start: async (container) => {
            this.starts.push(container);
            const run = await group.start(container);
            runs.set(container.name, { container: container.name, number: container.run, run: { ...methodsOf(run), remove: () => run.remove().then(() => void runs.delete(container.name)) } });
            return runs.get(container.name)?.run ?? run;
          },
          close: async () => {
            await group.close();
            this.left.delete(spec.id);
          },
        };
        this.left.set(spec.id, { group: lasting, runs });
        return lasting;
      },
      findGroup: async (spec) => {
        const found = this.left.get(spec.id);
        return found === undefined ? undefined : { group: found.group, runs: [...found.runs.values()] };
      },
      close: async () => undefined,
    };
  }

  /** The one run that there is of a container, whatever its group. */
  runOf(container: string): FoundRun | undefined {
    return [...this.left.values()].flatMap(({ runs }) => [...runs.values()]).find((run) => run.container === container);
  }
}

/** Emulators one after the other on the same state, each killed before the next. */
export class Lives {
  emulator!: Emulator;
  folder = "";
  readonly #folders: string[] = [];

  constructor(private readonly options: StartEmulatorOptions) {}

  async begin(): Promise<void> {
    this.folder = await this.#newFolder();
    this.emulator = await startEmulator({ ...this.options, stateFolder: this.folder });
  }

  /** The state as a kill at this moment would leave it. */
  async atThisMoment(): Promise<string> {
    const folder = await this.#newFolder();
    const names = (await readdir(this.folder)).filter((name) => name === "state.json");
    for (const name of names) await cp(join(this.folder, name), join(folder, name));
    return folder;
  }

  /** Ends the emulator without a last word, and lets `meanwhile` happen before the next one starts. */
  async kill(meanwhile: () => Promise<void> = async () => undefined, folder?: string): Promise<void> {
    const left = folder ?? (await this.atThisMoment());
    await this.emulator.close();
    await meanwhile();
    this.folder = left;
    this.emulator = await startEmulator({ ...this.options, stateFolder: left });
  }

  async end(): Promise<void> {
    await this.emulator.close();
    for (const folder of this.#folders) await rm(folder, { recursive: true });
  }

  async #newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "state-"));
    this.#folders.push(folder);
    return folder;
  }
}

// An object with what a class has on its prototype, so that parts of it can be replaced.
function methodsOf(run: EngineRun): EngineRun {
  return {
    id: run.id,
    startedAt: run.startedAt,
    ended: run.ended,
    logs: (options) => run.logs(options),
    stop: (graceInMs) => run.stop(graceInMs),
    exec: (options) => run.exec(options),
    attach: () => run.attach(),
    remove: () => run.remove(),
  };
}
