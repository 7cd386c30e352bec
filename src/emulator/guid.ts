import { createHash } from "node:crypto";
import { randomHex } from "../internal/random.js";

/** A random identifier in the form that ARM uses everywhere. */
export function guid(): string {
  return inForm(randomHex(16));
}

/** The identifier that always stands for the same text. */
export function guidOf(text: string): string {
  return inForm(createHash("sha256").update(text.toLowerCase()).digest("hex"));
}

function inForm(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
