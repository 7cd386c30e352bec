/** A row as the page has it for its script. */
export interface Row {
  readonly id: number;
  readonly key: string | undefined;
  readonly attempt: number | undefined;
  readonly groupName: string | undefined;
  readonly location: string | undefined;
  readonly state: string;
  readonly text: string | undefined;
  /** From the start of the run, in milliseconds. */
  readonly from: number;
  readonly inMs: Readonly<Record<string, number | undefined>>;
  readonly now: string | undefined;
  readonly requests: number | undefined;
  readonly cost: number | undefined;
}

const FIELDS = ["id", "key", "attempt", "groupName", "location", "state", "text", "from", "inMs", "now", "requests", "cost"];

/** The data of a page. */
export function read(html: string): { readonly rows: readonly Row[] } {
  const text = /<script id="data" type="application\/json">(.*?)<\/script>/su.exec(html)?.[1] ?? "";
  const { phases, rows } = JSON.parse(text) as { phases: { phase: string }[]; rows: unknown[][] };
  const named = (ms: unknown): Row["inMs"] => Object.fromEntries(phases.map(({ phase }, index) => [phase, (ms as (number | null)[])[index] ?? undefined]));
  return { rows: rows.map((row) => Object.fromEntries(FIELDS.map((field, index) => [field, field === "inMs" ? named(row[index]) : (row[index] ?? undefined)])) as unknown as Row) };
}

/** What a reader without a script reads. */
export function textOf(html: string): string {
  const body = html.replace(/<head>.*?<\/head>/su, "").replaceAll(/<script.*?<\/script>/gsu, "");
  return body.replaceAll(/<[^>]+>/gu, " ").replaceAll(/\s+/gu, " ").trim();
}

/** The big numbers at the top by their names. */
export function tiles(html: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...html.matchAll(/<dt>(.*?)<\/dt><dd class="figure">(.*?)<\/dd>/gu)].map(([, name = "", figure = ""]) => [name, textOf(figure)]));
}
