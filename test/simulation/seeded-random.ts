// Stands in for src/internal/random.ts in a simulation: the same seed draws the same.
import { Dice } from "./world/dice.js";

let dice = new Dice(0);

export function seedRandom(seed: number): void {
  dice = new Dice(seed);
}

export function randomHex(bytes: number): string {
  return Array.from({ length: bytes }, () => dice.between(0, 255).toString(16).padStart(2, "0")).join("");
}

export function randomFraction(): number {
  return dice.fraction();
}
