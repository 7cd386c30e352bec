/** A difference between what the service answered and what the emulator answers. */
export interface Difference {
  readonly path: string;
  readonly recorded: unknown;
  readonly answered: unknown;
}

// Values that no two runs share are compared by what kind of value they are.
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, "<time>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<guid>"],
  [/sha256:[0-9a-f]{64}/g, "<digest>"],
  [/\b[0-9a-f]{64}\b/g, "<id>"],
  [/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g, "<ip>"],
  [/Back-off (?:\d+m?\d*s )?restarting failed/g, "Back-off restarting failed"],
  [/^.{25}\[\[EOM\]\]$/, "<password>"],
  [/^wss?:\/\/[^/]+\//, "<host>/"],
];

export function byKind(value: unknown): unknown {
  if (typeof value === "string") return KINDS.reduce((text, [pattern, kind]) => text.replace(pattern, kind), value);
  if (Array.isArray(value)) return value.map(byKind);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, byKind(item)]));
}

/** All differences, by path. The order of names is compared too: it is the service's. */
export function compare(recorded: unknown, answered: unknown, path = ""): Difference[] {
  const [a, b] = [byKind(recorded), byKind(answered)];
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return Object.is(a, b) ? [] : [{ path, recorded: a, answered: b }];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const inside = names.flatMap((name) => compare(a[name], b[name], `${path}/${name}`));
  if (inside.length > 0 || Object.keys(a).join() === Object.keys(b).join()) return inside;
  return [{ path: `${path}#order`, recorded: Object.keys(a).join(), answered: Object.keys(b).join() }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
