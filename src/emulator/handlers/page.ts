import type { Call } from "../server/call.js";

/** One page of a list, with a link to the next if there is one. */
export function pageOf<T>(call: Call, items: readonly T[], answer: (item: T) => unknown): Record<string, unknown> {
  const { azure, path, query } = call;
  const from = Math.max(0, Number.parseInt(query.get("$skiptoken") ?? "0", 10) || 0);
  const until = from + azure.settings.pageSize;
  const value = items.slice(from, until).map(answer);
  if (until >= items.length) return { value };
  const next = new URLSearchParams(query);
  next.set("$skiptoken", String(until));
  return { value, nextLink: `${azure.endpoint}${path}?${next.toString()}` };
}
