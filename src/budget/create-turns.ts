import type { Windows } from "./windows.js";

// Who does not come for a turn, or has one and does not use it, has it so long.
const KEPT_FOR_IN_MS = 300_000;

/**
 * Turns to create groups, in the order in which they were asked for. Who asks is told a time, and asks again when it has come:
 * then it has its turn, unless others took longer to send than they were expected to.
 */
export class CreateTurns {
  readonly #windows: Windows;
  // Who waits, for the times they were told; and who may send and has not yet, since when.
  readonly #promised = new Map<string, number>();
  readonly #given = new Map<string, number>();

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  /** When a group may be created: if that is now, it is counted. */
  take(now: number, groupName: string): number {
    this.#forget(now);
    if (this.#given.has(groupName)) return Math.max(now, this.#windows.notBefore);
    const told = this.#promised.get(groupName);
    if (told !== undefined && told > now) return told;
    const at = this.#windows.next(now, this.#before(groupName));
    if (at > now) {
      this.#promised.set(groupName, at);
      return at;
    }
    this.#promised.delete(groupName);
    this.#given.set(groupName, now);
    this.#windows.use(now);
    return now;
  }

  /** It is sent now. */
  use(now: number, groupName: string): void {
    this.drop(groupName);
    this.#windows.use(now);
  }

  /** Nobody is going to create it, or it was sent. */
  drop(groupName: string): void {
    this.#promised.delete(groupName);
    const given = this.#given.get(groupName);
    if (given === undefined) return;
    this.#given.delete(groupName);
    this.#windows.giveBack(given);
  }

  /** How many may be created at once by those who have not asked yet. */
  free(now: number): number {
    this.#forget(now);
    return Math.max(0, this.#windows.free(now) - this.#promised.size);
  }

  /** When somebody who asked now could create. */
  next(now: number): number {
    return this.#windows.next(now, [...this.#promised.values()]);
  }

  // What was told to those who were there before.
  #before(groupName: string): readonly number[] {
    const times: number[] = [];
    for (const [other, at] of this.#promised) {
      if (other === groupName) break;
      times.push(at);
    }
    return times;
  }

  #forget(now: number): void {
    for (const [name, at] of [...this.#given, ...this.#promised]) if (at <= now - KEPT_FOR_IN_MS) this.drop(name);
  }
}
