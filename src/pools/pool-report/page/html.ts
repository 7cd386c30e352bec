/** Markup that is safe to be put into a page. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[] | undefined;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Makes markup of a template, in which every value that is not markup itself is text. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: parts.map((part, index) => part + show(values[index])).join("") };
}

/** Text that is part of the page as it is: its own style and script, and nothing of what was reported. */
export function own(text: string): Markup {
  return { markup: text };
}

/** Data for the page's script, in which nothing can end the element that it stands in. */
export function json(value: unknown): Markup {
  return { markup: JSON.stringify(value).replaceAll("<", "\\u003c") };
}

function show(value: Value): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") return String(value).replaceAll(/[&<>"']/gu, (sign) => ESCAPES[sign] ?? "");
  return "markup" in value ? value.markup : value.map(({ markup }) => markup).join("");
}
