/** Any value that JSON can carry. @public */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** An object of JSON values. @public */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
