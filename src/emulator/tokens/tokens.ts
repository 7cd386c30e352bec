import { createHmac } from "node:crypto";
import { ArmError } from "../arm-error.js";
import { guidOf } from "../guid.js";
import { isSame } from "../server/guard.js";

/** The tenant that every subscription and identity of the emulator is in. */
export const TENANT_ID = guidOf("aci-lifecycle tenant");

const LIFETIME_IN_S = 24 * 3600;
const CHALLENGE = { "WWW-Authenticate": 'Bearer realm="aci-lifecycle emulator"' };

/** An access token in the form in which Azure's token endpoints hand it out. */
export interface AccessToken {
  readonly text: string;
  readonly issuedAtInS: number;
  readonly expiresInS: number;
}

/**
 * The one secret of an emulator and the access tokens made with it. Whoever shows the secret itself is let in, and so is
 * whoever shows a token that was made with it: clients that log in expect to be given one of their own.
 */
export class Tokens {
  constructor(private readonly secret: string) {}

  /** A JSON web token for `audience`, signed with the secret. */
  issue(audience: string, clientId: string, now: number = Date.now(), objectId: string = guidOf(`object ${clientId}`)): AccessToken {
    const issuedAtInS = Math.floor(now / 1000);
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${TENANT_ID}/`,
      iat: issuedAtInS,
      nbf: issuedAtInS,
      exp: issuedAtInS + LIFETIME_IN_S,
      appid: clientId,
      oid: objectId,
      sub: objectId,
      tid: TENANT_ID,
      ver: "1.0",
    };
    const unsigned = `${encode({ typ: "JWT", alg: "HS256" })}.${encode(claims)}`;
    return { text: `${unsigned}.${this.#sign(unsigned)}`, issuedAtInS, expiresInS: LIFETIME_IN_S };
  }

  /** A secret of 64 hex digits for one purpose: the same one for the same purpose, and no other can be told from it. */
  derive(purpose: string): string {
    return createHmac("sha256", this.secret).update(purpose).digest("hex");
  }

  /** Whether a text is the secret itself. */
  isSecret(text: string): boolean {
    return isSame(text, this.secret);
  }

  /** Why an `Authorization` header is refused, if it is. */
  refuse(authorization: string | undefined, now: number = Date.now()): ArmError | undefined {
    const [, given] = /^bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (authorization === undefined) return new ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.", CHALLENGE);
    if (given !== undefined && this.isSecret(given)) return undefined;
    const expiresAt = given === undefined ? undefined : this.#expiryOf(given);
    if (expiresAt === undefined) return new ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.", CHALLENGE);
    return expiresAt > now ? undefined : expiredToken(expiresAt, now);
  }

  // Undefined for a token that was not made here.
  #expiryOf(token: string): number | undefined {
    const [head = "", claims = "", signature = ""] = token.split(".");
    if (!isSame(signature, this.#sign(`${head}.${claims}`))) return undefined;
    return (JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as { exp: number }).exp * 1000;
  }

  #sign(unsigned: string): string {
    return createHmac("sha256", this.secret).update(unsigned).digest("base64url");
  }
}

interface TokenBody {
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly expires_on: string;
  readonly not_before: string;
  readonly resource: string;
  readonly client_id: string;
  readonly access_token: string;
}

/** A token as the token endpoints answer it. Numbers are given as text by the older endpoints and read as either by all clients. */
export function tokenBody({ text, issuedAtInS, expiresInS }: AccessToken, audience: string, clientId: string): TokenBody {
  return {
    token_type: "Bearer",
    expires_in: expiresInS,
    ext_expires_in: expiresInS,
    expires_on: String(issuedAtInS + expiresInS),
    not_before: String(issuedAtInS),
    resource: audience,
    client_id: clientId,
    access_token: text,
  };
}

/** The refusal of a token whose time is over. */
export function expiredToken(expiredAt: number, now: number): ArmError {
  const message = `The access token expiry UTC time '${new Date(expiredAt).toUTCString()}' is earlier than current UTC time '${new Date(now).toUTCString()}'.`;
  return new ArmError(401, "ExpiredAuthenticationToken", message, CHALLENGE);
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
