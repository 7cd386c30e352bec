import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What a container signs or shows with its calls: derived for each attempt, so that nothing has to be stored. */
export interface Credential {
  /** For `Authorization: Bearer`. */
  readonly token: string;
  /** The key of signatures as Standard Webhooks has them. */
  readonly key: Buffer;
}

// The credential of a group. Nobody can tell from it the secret, or that of another group.
export function deriveCredential(secret: string, groupName: string): Credential {
  const key = hmac(secret, `aci-lifecycle callback 1\n${groupName}`);
  return { key, token: hmac(key, "token").toString("base64url") };
}

// How far a sender's clock may be off, by the Standard Webhooks specification.
const TOLERANCE_IN_S = 300;
// Far more than anybody needs who replaces a key, and so few that comparing them is no work.
const MOST_SIGNATURES = 16;

/** The headers of a signed call. */
export interface SignedHeaders {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  /** `v1,` and base64, several of them apart by spaces. */
  readonly signature: string;
}

// The signature of a body as Standard Webhooks has it: https://www.standardwebhooks.com
export function sign(key: Buffer, { id, timestamp }: Pick<SignedHeaders, "id" | "timestamp">, body: Uint8Array): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

// Whether a body is signed with the key, and lately.
export function isSigned(key: Buffer, headers: SignedHeaders, body: Uint8Array, now: number): boolean {
  const expected = sign(key, headers, body);
  // All are compared, so that the time tells nothing of which one fits.
  const fits = headers.signature.split(" ", MOST_SIGNATURES).map((given) => isSame(given, expected));
  const isRecent = /^\d{1,12}$/u.test(headers.timestamp) && Math.abs(now / 1000 - Number(headers.timestamp)) <= TOLERANCE_IN_S;
  return fits.includes(true) && isRecent;
}

// Compares what may be secret in a time that does not depend on it: hashes are all of one length.
export function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(hash(given), hash(expected));
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
