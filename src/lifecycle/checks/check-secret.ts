// Says what is wrong with a secret without ever showing it.
export function checkSecret(field: string, value: unknown): void {
  const fields = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const isGood = fields.length === 1 && ["secret", "secureValue"].includes(fields[0]?.[0] ?? "") && typeof fields[0]?.[1] === "string";
  if (!isGood) throw new TypeError(`Expected \`${field}\` to be a string, { secret: name } or { secureValue: value }, got ${value === null ? "null" : typeof value}.`);
}
