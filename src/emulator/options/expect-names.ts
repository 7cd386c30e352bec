/** Refuses names that are none of the known ones, which would go unused in silence. */
export function expectNames(what: string, given: object, known: readonly string[]): void {
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) throw new RangeError(`Expected \`${what}\` to have only known names, got \`${strange}\`. Known are ${known.join(", ")}.`);
}
