import { randomBytes } from "node:crypto";

// Drawn ahead, because each call to the system costs more than what most callers need of it.
const POOL_IN_BYTES = 8192;
let pool = Buffer.alloc(0);

/** `bytes` random bytes of the system's secure source, as lower-case hex. */
export function randomHex(bytes: number): string {
  if (bytes > POOL_IN_BYTES) return randomBytes(bytes).toString("hex");
  if (pool.length < bytes) pool = randomBytes(POOL_IN_BYTES);
  const text = pool.toString("hex", 0, bytes);
  // What was given out is nobody's again: it may be a secret.
  pool.fill(0, 0, bytes);
  pool = pool.subarray(bytes);
  return text;
}

/** A random number from 0 to 1, for pauses that should not all be the same. */
export function randomFraction(): number {
  return Number.parseInt(randomHex(2), 16) / 0xffff;
}
