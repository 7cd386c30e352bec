import { randomHex } from "../../internal/random.js";
import type { EmulatedAzure } from "../emulated-azure.js";
import type { Engine, EngineState } from "../engine.js";
import { lockFolder } from "./folder-lock.js";
import { privateFolder } from "./private-folder.js";
import { STATE_VERSION, type SavedState } from "./saved-state.js";
import { StateFile } from "./state-file.js";
import { StateKeeper } from "./state-keeper.js";

type Kept = Pick<EmulatedAzure, "groups" | "resourceGroups" | "profiles" | "events" | "clock">;

/** What outlives an emulator: a folder that is its own while it runs, and what an earlier one has left in it. */
export class KeptState {
  readonly keeper = new StateKeeper(() => this.file.write(this.#gather()));
  #azure: Kept | undefined;

  private constructor(
    readonly folder: string,
    private readonly file: StateFile,
    private readonly saved: SavedState,
    private readonly unlock: () => void,
  ) {}

  /**
   * Opens a state folder, new or old.
   *
   * @param token - The token, where one is asked for; otherwise it is the one that was kept.
   * @throws Error if another emulator uses it, if others can read it, or if it is not of this engine and its time.
   */
  static async open(given: string, engine: Engine, token: string | undefined): Promise<KeptState> {
    const folder = privateFolder(given);
    const unlock = lockFolder(folder);
    try {
      const file = new StateFile(folder);
      const found = file.read();
      if (found !== undefined) expectSame(found, engine, file);
      const saved = { ...(found ?? newState(engine)), token: token ?? found?.token ?? randomHex(32) };
      // From here on the session has an owner, whatever becomes of this process.
      await file.write(saved);
      return new KeptState(folder, file, saved, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  get session(): string {
    return this.saved.session;
  }

  get token(): string {
    return this.saved.token;
  }

  /** What becomes of everything when the emulator ends, in one sentence. */
  describe({ name }: Engine): string {
    return `Its state is kept in ${this.folder}; ${name === "docker" ? "containers run on when it ends." : "containers end with it, and the next emulator on the folder starts them by their restart policies."}`;
  }

  /** What the engine is told of it. */
  get forEngine(): EngineState {
    const live = this.saved.groups.flatMap(({ deployment }) => (deployment === undefined || deployment.isEnded ? [] : [deployment.id]));
    return { folder: this.folder, groups: live };
  }

  /** Gives everything back to where it was; from then on every change is written down. */
  async restore(azure: Kept): Promise<void> {
    const { resourceGroups, home, profiles, subscriptions } = this.saved;
    azure.resourceGroups.takeOver(resourceGroups, home);
    azure.profiles.takeOver(profiles);
    azure.events.takeOver(subscriptions);
    await azure.groups.takeOver(this.saved).catch((error: unknown) => {
      throw this.file.unreadable(error);
    });
    // What ended while nobody watched is told by the first answer.
    await new Promise((resolve) => setImmediate(resolve));
    this.#azure = azure;
    this.keeper.begin();
  }

  /** Writes everything down for the last time, and lets others have the folder. */
  async close(): Promise<void> {
    if (this.#azure !== undefined) await this.keeper.close().finally(this.unlock);
    this.unlock();
  }

  #gather(): SavedState {
    const { groups, resourceGroups, profiles, events, clock } = this.#azure ?? {};
    if (groups === undefined || resourceGroups === undefined || profiles === undefined || events === undefined) return this.saved;
    return { ...this.saved, savedAt: clock?.now() ?? 0, ...groups.records, home: resourceGroups.home, resourceGroups: resourceGroups.records, profiles: profiles.records, subscriptions: events.records };
  }
}

function newState({ name, clock }: Engine): SavedState {
  return { version: STATE_VERSION, engine: name, session: randomHex(8), token: "", savedAt: clock?.now() ?? 0, home: "", groups: [], operations: [], resourceGroups: [], profiles: [], subscriptions: [] };
}

function expectSame(found: SavedState, { name, clock }: Engine, { path }: StateFile): void {
  if (found.engine !== name) throw new Error(`The state in ${path} is of the engine "${found.engine}", which its groups run on; this is "${name}". Start with that engine, or with another folder.`);
  // A time of a test's own begins anew with the test, and nothing can have happened in the future.
  if (clock !== undefined && clock.now() < found.savedAt) {
    throw new Error(`The state in ${path} was written at ${new Date(found.savedAt).toISOString()}, which the engine's clock has not reached. Start it there: new VirtualClock(${found.savedAt}).`);
  }
}
