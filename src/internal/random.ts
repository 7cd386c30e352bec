import { randomBytes } from "node:crypto";

/** `bytes` random bytes of the system's secure source, as lower-case hex. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
