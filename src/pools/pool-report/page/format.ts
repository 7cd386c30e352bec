// How the page writes numbers. Its script writes durations and money in the same way.

/** `1,234`. Not by `Intl`, which takes its time to load. */
export function count(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}

/** A number of which the first digits matter: 0.4, 12.3, 1,234. */
export function rough(value: number): string {
  return value < 99.95 ? String(Math.round(value * 10) / 10) : count(value);
}

/** `0.4s`, `12s`, `3m 05s`, `2h 07m`. */
export function duration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const [small, big, units] = seconds < 3600 ? [seconds % 60, Math.floor(seconds / 60), "ms"] : [Math.floor((seconds % 3600) / 60), Math.floor(seconds / 3600), "hm"];
  return `${count(big)}${units[0] ?? ""} ${String(small).padStart(2, "0")}${units[1] ?? ""}`;
}

/** A duration beside a mark on an axis: `0`, `5s`, `2m`, `1h 30m`. */
export function tick(seconds: number): string {
  return seconds === 0 ? "0" : duration(seconds * 1000).replace(/\.0(?=s)| 00.$/u, "");
}

/** `0`, `0.0012`, `0.31`, `12.40`. */
export function money(amount: number): string {
  if (amount === 0) return "0";
  return amount >= 0.1 ? amount.toFixed(2) : amount.toFixed(Math.min(8, 1 - Math.floor(Math.log10(amount))));
}

export function percent(share: number): string {
  return share > 0 && share < 0.01 ? "<1%" : `${count(share * 100)}%`;
}

/** `2026-11-26 04:40:48` in UTC, without the day if it is that of `since`. */
export function moment(at: number, since?: number): string {
  const text = (ms: number): string => new Date(Math.round(ms / 1000) * 1000).toISOString().slice(0, 19).replace("T", " ");
  return since !== undefined && text(since).slice(0, 10) === text(at).slice(0, 10) ? text(at).slice(11) : text(at);
}
