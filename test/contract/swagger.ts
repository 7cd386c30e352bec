import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

type Json = Readonly<Record<string, unknown>>;

interface Swagger {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string; readonly responses: Readonly<Record<string, { readonly schema?: Json }>> }>>>>;
  readonly definitions: Readonly<Record<string, Json>>;
}

/** What the service answers beyond its own specification, in every recording since that version. */
export const RECORDED_DEVIATIONS = { provisioningTimeoutInSeconds: { type: "integer" }, isCustomProvisioningTimeout: { type: "boolean" } } as const;

// What is sent and never comes back.
const SECRETS = new Set(["secureValue", "storageAccountKey", "workspaceKey", "protectedSettings"]);

/** One answer of a test run, as it was sent. */
export interface SentAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string | undefined;
}

const swagger = JSON.parse(readFileSync(new URL("containerInstance.json", import.meta.url), "utf8"), addDeviations) as Swagger;
const { definitions } = swagger;
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addFormat("int32", true);
ajv.addSchema({ $id: "aci", definitions: mapValues(definitions, close) });

const operations = Object.entries(swagger.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, responses }]) => ({ method: method.toUpperCase(), pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}/?$`, "i"), operationId, responses })),
);
const validators = new Map<Json, ValidateFunction>();

/** What is wrong with an answer, by the specification of 2023-05-01. */
export function violationsOf({ method, path, status, body }: SentAnswer): string[] {
  const operation = operations.find((one) => one.method === method && one.pattern.test(path));
  if (operation === undefined) return [];
  const about = `${operation.operationId} ${status}`;
  const response = operation.responses[String(status)] ?? (status >= 400 ? operation.responses["default"] : undefined);
  if (response === undefined) return [`${about}: the status is not in the specification`];
  if (response.schema === undefined) return body === undefined || body === "" ? [] : [`${about}: there is a body`];
  if (body === undefined || body === "") return [`${about}: there is no body`];
  const validate = validatorOf(response.schema);
  if (validate(JSON.parse(body))) return [];
  return (validate.errors ?? []).map((error) => `${about}: ${error.instancePath} ${error.message ?? ""} ${JSON.stringify(error.params)}`);
}

function validatorOf(schema: Json): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const made = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/definitions/', '"aci#/definitions/')) as Json);
  validators.set(schema, made);
  return made;
}

// They are beside the fields of a group that the specification has.
function addDeviations(_name: string, value: unknown): unknown {
  const isFields = typeof value === "object" && value !== null && "provisioningState" in value && "initContainers" in value;
  return isFields ? { ...value, ...RECORDED_DEVIATIONS } : value;
}

// Swagger leaves objects open and joins them by `allOf`; an answer may have nothing that is not in them, and no secret,
// required or not.
function close(schema: Json): Json {
  const { properties: fields, required = [], items, additionalProperties, ...rest } = join(schema);
  delete (rest as { allOf?: unknown }).allOf;
  const properties = fields === undefined ? undefined : Object.fromEntries(Object.entries(fields as Readonly<Record<string, Json>>).filter(([name]) => !SECRETS.has(name)));
  return {
    ...rest,
    required: (required as readonly string[]).filter((name) => !SECRETS.has(name)),
    ...(properties === undefined ? {} : { properties: mapValues(properties, close), additionalProperties: false }),
    ...(items === undefined ? {} : { items: close(items as Json) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: typeof additionalProperties === "object" ? close(additionalProperties as Json) : additionalProperties }),
  };
}

function join(schema: Json): Json {
  const parents = ((schema["allOf"] as readonly Json[] | undefined) ?? []).map((parent) => join(typeof parent["$ref"] === "string" ? (definitions[parent["$ref"].replace("#/definitions/", "")] ?? {}) : parent));
  return parents.reduce<Json>(
    (all, parent) => ({ ...parent, ...all, properties: { ...(parent["properties"] as Json), ...(all["properties"] as Json) }, required: [...((parent["required"] as string[] | undefined) ?? []), ...((all["required"] as string[] | undefined) ?? [])] }),
    schema,
  );
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
