import type { Durations, Summary } from "../summary.js";
import { count, duration, percent } from "./format.js";
import { html, type Markup } from "./html.js";
import { PHASE_WORDS } from "./words.js";

const WHOLE = { name: "Whole job", what: "from when it was queued until all was done, with all its attempts" };

/** How long each phase took; it is the key to the colours, too. */
export function durationTable({ durations, dropped }: Summary): Markup {
  if (durations.length === 0) return html``;
  const all = durations.reduce((sum, one) => sum + (one.phase === "all" ? 0 : one.sum), 0);
  return html`<section aria-labelledby="durations-title"><h2 id="durations-title">Where the time went</h2>
<table class="durations" aria-labelledby="durations-title"><thead><tr><th scope="col">Phase</th><th scope="col">Groups</th><th scope="col">Median</th><th scope="col">90%</th><th scope="col">99%</th><th scope="col">Longest</th><th scope="col">Share</th></tr></thead>
<tbody>${durations.map((one) => row(one, all))}</tbody></table>
<p class="note">90% took no longer than the number under it. Groups of jobs that are over${dropped > 0 ? `, without the oldest ${count(dropped)}, which are in the counts only` : ""}.</p></section>`;
}

function row({ phase, count: times, median, p90, p99, longest, sum }: Durations, all: number): Markup {
  const { name, what } = phase === "all" ? WHOLE : PHASE_WORDS[phase];
  const cells = [count(times), duration(median), duration(p90), duration(p99), duration(longest), phase === "all" ? "" : percent(all === 0 ? 0 : sum / all)];
  return html`<tr class="${phase === "all" ? "whole" : ""}"><th scope="row"><span class="phase"><span class="swatch phase-${phase}" aria-hidden="true"></span><span>${name} <small>${what}</small></span></span></th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
}
