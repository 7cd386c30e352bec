/** What is told of every change, where groups are to outlive the emulator. */
export interface Keeper {
  /** Something is different; it is to be written down soon. */
  changed(): void;
  /** Resolves when everything so far is written down. */
  saved(): Promise<void>;
}

/** Why a deployment lets go of its containers without ending them: the emulator ends, and they are kept. */
export const DETACHED = new Error("The emulator ended and left the container group as it is");

/** Whether containers are to be ended, as opposed to left to the next emulator. */
export function isEnding({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason !== DETACHED;
}
