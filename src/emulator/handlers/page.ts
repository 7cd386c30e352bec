import type { Call } from "../server/call.js";

/**
 * One page of a list, with a link to the next if there is one. Where items come and go, `placeOf` says where one is whatever
 * becomes of the others; items are in the order of their places.
 */
export function pageOf<T>(call: Call, items: readonly T[], answer: (item: T) => unknown, placeOf: (item: T, index: number) => number = (_, index) => index): Record<string, unknown> {
  const { azure, path, query } = call;
  const from = Math.max(0, Number.parseInt(query.get("$skiptoken") ?? "0", 10) || 0);
  const placed = items.map((item, index) => ({ item, place: placeOf(item, index) })).filter(({ place }) => place >= from);
  const value = placed.slice(0, azure.settings.pageSize).map(({ item }) => answer(item));
  const behind = placed[azure.settings.pageSize];
  if (behind === undefined) return { value };
  const next = new URLSearchParams(query);
  next.set("$skiptoken", String(behind.place));
  return { value, nextLink: `${azure.endpoint}${path}?${next.toString()}` };
}
