import swagger from "./definitions.json" with { type: "json" };

interface Definition {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly allOf?: readonly Definition[];
  readonly items?: Definition;
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly additionalProperties?: Definition | boolean;
}

const named = (definition: Definition): Definition => (definition.$ref === undefined ? definition : ((swagger.definitions as Record<string, Definition>)[definition.$ref.split("/").at(-1) ?? ""] ?? {}));

// The properties of a definition with those of what it is made of.
function fieldsOf(definition: Definition): Readonly<Record<string, Definition>> {
  const { allOf = [], properties = {} } = named(definition);
  return Object.assign({}, ...allOf.map(fieldsOf), properties) as Record<string, Definition>;
}

// Where a value is not what its definition in the service's specification says.
export function problemsOf(value: unknown, definition: Definition, path = ""): string[] {
  const { type, enum: words, items, additionalProperties } = named(definition);
  if (Array.isArray(value)) return value.flatMap((item, i) => problemsOf(item, items ?? {}, `${path}/${i}`));
  if (typeof value === "object" && value !== null) {
    const fields = fieldsOf(definition);
    const others = typeof additionalProperties === "object" ? additionalProperties : undefined;
    return Object.entries(value).flatMap(([name, child]) => {
      const field = fields[name] ?? others;
      return field === undefined ? [`${path}/${name} is not defined`] : problemsOf(child, field, `${path}/${name}`);
    });
  }
  if (words !== undefined && !words.includes(String(value))) return [`${path} is not one of ${words.join(", ")}`];
  const expected = type === "integer" ? "number" : type;
  return expected === undefined || typeof value === expected ? [] : [`${path} is not a ${expected}`];
}
