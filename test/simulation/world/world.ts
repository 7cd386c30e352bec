import { Azure, type Call } from "../azure/azure.js";
import { drawTrip, type Trip } from "../azure/network.js";
import { Dice } from "./dice.js";
import { Faults, type FaultId } from "./faults.js";
import { History } from "./history.js";
import { SimMailbox } from "../callbacks/mailbox.js";
import { callsOf } from "../callbacks/container-calls.js";
import { webhook, type WebhookStrategy } from "../../../src/index.js";
import { Process } from "./process.js";
import { SimStore } from "./store.js";
import { Time } from "./time.js";

/** The owner of all groups that are ours. */
export const OWNER = "team";

/** All that is around the library: time, Azure and the way to it, a store, and processes that die. */
export class World {
  readonly time = new Time();
  readonly dice: Dice;
  readonly faults: Faults;
  readonly history = new History(() => this.time.now);
  readonly azure: Azure;
  readonly store = new SimStore(this);
  readonly mailbox = new SimMailbox(this);
  readonly processes: Process[] = [];
  /** What may happen to a request. A schedule that is not drawn says it itself. */
  tripOf: (call: Call) => Trip = (call) => drawTrip(this, call);

  /** How far the clock of the callers' machines is ahead. */
  readonly #aheadInMs: number;

  /** How much later it is by the callers' clocks than by Azure's. */
  get callersAheadInMs(): number {
    return this.#aheadInMs - this.azure.aheadInMs;
  }

  /** How far the clocks of two machines differ at the most, by half. */
  protected skewInMs = 500;

  constructor(seed: number, isCalm = false, ownFaults?: readonly FaultId[]) {
    this.dice = new Dice(seed);
    this.faults = new Faults(this.dice.fork("faults"), isCalm, ownFaults);
    // Of a world with few machines and much else it is rare that their clocks matter.
    this.#aheadInMs = this.faults.strikes("R10", ownFaults === undefined ? 1 : 20) ? this.dice.between(-3_600_000, 3_600_000) : 0;
    this.azure = new Azure(this.time, this.faults, this.history, this.dice.fork("azure"));
    const receiver = this.webhookIn(this.spawn("receiver", Infinity));
    this.azure.onPlaced = (group) => callsOf(this, group, receiver);
  }

  /** The webhook strategy in a process: the same in all, but for the process. */
  webhookIn(process: Process): WebhookStrategy {
    return webhook({ url: "https://receiver.example/", secret: "the secret of the simulation, long enough", mailbox: this.mailbox.for(process), clock: process });
  }

  /** How many awaits the first process lives, where that is not drawn. */
  firstLivesFor: number | undefined;

  /** A new process. Some live for ever, some for a while. */
  spawn(name: string, awaits?: number): Process {
    const { dice, faults } = this;
    const lives = (this.processes.length === 1 ? this.firstLivesFor : undefined) ?? awaits ?? (faults.isOn("P1") && !faults.isOver && dice.chance(0.6) ? dice.spread(1, 120) : Infinity);
    const process = new Process(`${name}#${this.processes.length}`, this, this.#aheadInMs + dice.between(-this.skewInMs, this.skewInMs), lives);
    this.processes.push(process);
    return process;
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    this.faults.isOver = true;
    this.tripOf = () => ({});
    this.history.add({ kind: "calm" });
  }
}
