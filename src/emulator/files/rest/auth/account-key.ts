import { createHmac } from "node:crypto";

/** The key of a storage account, the same for the same token and name; 64 bytes in base64, as those of the service. */
export function accountKey(token: string, account: string): string {
  return createHmac("sha512", token).update(`aci-lifecycle emulator, storage account\n${account}`).digest("base64");
}

/** Signs a text with the key of an account. */
export function sign(text: string, key: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}
