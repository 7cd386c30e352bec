import { randomHex } from "../internal/random.js";

/** A random identifier in the form that ARM uses everywhere. */
export function guid(): string {
  const hex = randomHex(16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
