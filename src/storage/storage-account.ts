import type { TokenCredential } from "@azure/core-auth";

/** A storage account, and how to reach it: by `connectionString`, or by `url` and `credential`. @public */
export interface StorageAccountOptions {
  /** The connection string of the account, as the portal shows it. It holds the account's key, and is shown nowhere. */
  readonly connectionString?: string | undefined;
  /** The address of the account's service: `https://<account>.table.core.windows.net` or `https://<account>.queue.core.windows.net`. */
  readonly url?: string | undefined;
  /** Who we are, such as a `DefaultAzureCredential`. */
  readonly credential?: TokenCredential | undefined;
}

/** One of the two ways. */
export type StorageAccount = { readonly connectionString: string } | { readonly url: string; readonly credential: TokenCredential };

// Throws a TypeError that shows nothing of what it was given. An option that is neither the account's nor one of these is none.
export function storageAccount(options: StorageAccountOptions, others: readonly string[]): StorageAccount {
  expectFields(options, ["connectionString", "url", "credential", ...others]);
  const { connectionString, url, credential } = options;
  if (connectionString === undefined) return byCredential(url, credential);
  if (url !== undefined || credential !== undefined) throw new TypeError("Expected `connectionString`, or `url` and `credential`, got both.");
  if (typeof connectionString !== "string" || !/(?:^|;)(?:AccountName|UseDevelopmentStorage|SharedAccessSignature)=/iu.test(connectionString)) throw new TypeError("Expected `connectionString` to be the connection string of a storage account.");
  return { connectionString };
}

function byCredential(url: string | undefined, credential: TokenCredential | undefined): StorageAccount {
  if (typeof url !== "string" || !URL.canParse(url) || new URL(url).search !== "") throw new TypeError("Expected `url` to be the address of a storage account's service, or `connectionString` to be given.");
  if (typeof credential?.getToken !== "function") throw new TypeError(`Expected \`credential\` to be a TokenCredential, got ${typeof credential}.`);
  return { url, credential };
}

// Throws a TypeError for options that are none; what is in their place may be a key.
export function expectFields(options: object | null, fields: readonly string[]): void {
  const type = options === null ? "null" : Array.isArray(options) ? "array" : typeof options;
  if (type !== "object") throw new TypeError(`Expected \`options\` to be an object, got ${type}.`);
  const unknown = Object.keys(options ?? {}).find((name) => !fields.includes(name));
  if (unknown !== undefined) throw new TypeError(`Expected \`options\` to have only known fields, got \`${unknown}\`. Known are ${fields.join(", ")}.`);
}

// Whether whoever gave the connection string wants plain http, as an emulator has it.
export function isPlainHttp(connectionString: string): boolean {
  return /(?:^|;)(?:\w*Endpoint=http:|DefaultEndpointsProtocol=http(?:;|$)|UseDevelopmentStorage=true)/iu.test(connectionString);
}

// Throws a TypeError where a name is none that the service takes.
export function expectName(field: string, name: unknown, form: RegExp, rule: string): void {
  if (typeof name !== "string" || !form.test(name)) throw new TypeError(`Expected \`${field}\` to be ${rule}, got ${typeof name === "string" ? `"${name}"` : typeof name}.`);
}

// Whether a service has answered with this status, and this code if one is named.
export function isAnswer(error: unknown, statusCode: number, code?: string): boolean {
  const answer = (error ?? {}) as { readonly statusCode?: unknown; readonly code?: unknown; readonly details?: { readonly errorCode?: unknown; readonly odataError?: { readonly code?: unknown } } };
  const codes = [answer.code, answer.details?.errorCode, answer.details?.odataError?.code];
  return answer.statusCode === statusCode && (code === undefined || codes.includes(code));
}
