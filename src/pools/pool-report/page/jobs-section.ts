import { PHASES, type Phase } from "../spans.js";
import type { Row } from "../rows.js";
import type { Summary } from "../summary.js";
import { count } from "./format.js";
import { html, json, type Markup } from "./html.js";
import { PHASE_WORDS, STATE_WORDS } from "./words.js";

const SORTS = [
  ["id", "in the order they came"],
  ...PHASES.map((phase) => [phase, `${PHASE_WORDS[phase].name.toLowerCase()} longest`] as const),
  ["whole", "took longest in all"],
  ["over", "were over last"],
  ["requests", "most requests"],
  ["cost", "highest cost"],
] as const;

// Where a narrow column may break the word.
const heads: Partial<Record<Phase, string>> = { provisioned: "Provi\u00ADsioned" };

/** All rows: the frame of a table, and the data from which the page's script draws as many of them as are looked at. */
export function jobsSection({ rows, dropped, fromAt }: Summary): Markup {
  if (rows.length === 0) return html`<section aria-labelledby="jobs-title"><h2 id="jobs-title">Job by job</h2><p>The pool was given no jobs.</p></section>`;
  const locations = [...new Set(rows.flatMap(({ location }) => location ?? []))].sort();
  const states = [...new Set(rows.map(({ state }) => state))];
  const option = (value: string, name: string): Markup => html`<option value="${value}">${name}</option>`;
  return html`<section aria-labelledby="jobs-title"><h2 id="jobs-title">Job by job <small>a row for each group: ${count(rows.length)}${dropped > 0 ? `, the newest of ${count(rows.length + dropped)}` : ""}</small></h2>
<noscript><p>The rows are drawn by a script of this page, which may not run here.</p></noscript>
<form id="controls" class="controls" hidden>
<label class="find">Find <input id="find" type="search" placeholder="key, group, reason" autocomplete="off" spellcheck="false"></label>
<label>Outcome <select id="state"><option value="">all</option>${states.map((state) => option(state, STATE_WORDS[state].name))}</select></label>
<label ${locations.length < 2 ? html`hidden` : undefined}>Location <select id="location"><option value="">all</option>${locations.map((location) => option(location, location))}</select></label>
<label>Order <select id="sort">${SORTS.map(([value, name]) => option(value, name))}</select></label>
<label class="check"><input id="align" type="checkbox"> Compare without the wait</label>
</form>
${pager("above")}
<table id="rows" class="rows" aria-labelledby="jobs-title" aria-describedby="shown" hidden><thead><tr><th scope="col">Job</th><th scope="col">Outcome</th><th scope="col" class="line">Timeline<svg id="axis" class="axis" aria-hidden="true"></svg></th>${PHASES.map((phase) => html`<th scope="col" class="number">${heads[phase] ?? PHASE_WORDS[phase].name}</th>`)}<th scope="col" class="number">Requests</th><th scope="col" class="number">USD</th></tr></thead><tbody id="body"></tbody></table>
<p id="none" class="note" hidden>No row is like that. <button id="clear" type="button">Show all</button></p>
${pager("below")}
<script id="data" type="application/json">${json({ fromAt, phases: PHASES.map((phase) => ({ phase, name: PHASE_WORDS[phase].name })), states: STATE_WORDS, rows: rows.map((row) => dataOf(row, fromAt)) })}</script></section>`;
}

function pager(place: "above" | "below"): Markup {
  const button = (name: string, text: string): Markup => html`<button type="button" data-page="${name}">${text}</button>`;
  const status = place === "above" ? html`<p id="shown" role="status"></p>` : undefined;
  return html`<nav class="pager" aria-label="Pages, ${place} the table" hidden>${status}<span class="pages">${button("first", "First")}${button("previous", "Previous")}${button("next", "Next")}${button("last", "Last")}</span></nav>`;
}

// A row as the script takes it: times from the start of the run, in milliseconds.
function dataOf({ id, key, attempt, groupName, location, state, text, spans, requests, cost }: Row, fromAt: number): readonly unknown[] {
  const whole = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms));
  return [id, key ?? null, attempt ?? null, groupName ?? null, location ?? null, state, text ?? null, spans.fromAt - fromAt, PHASES.map((phase) => whole(spans.inMs[phase])), spans.now ?? null, requests ?? null, cost ?? null];
}
