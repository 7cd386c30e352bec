const MOST_IN_CHARS = 200;

// A text that is not longer than a line or two, and does not keep a longer one in memory.
export function short(text: string): string {
  if (text.length <= MOST_IN_CHARS) return text;
  const cut = text.slice(0, MOST_IN_CHARS - 1).replace(/[\uD800-\uDBFF]$/u, "");
  return `${Buffer.from(cut).toString()}…`;
}
