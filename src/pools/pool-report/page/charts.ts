import type { OverTime } from "../over-time.js";
import { PHASES } from "../spans.js";
import type { Summary } from "../summary.js";
import { duration, rough, tick } from "./format.js";
import { html, type Markup } from "./html.js";
import { PHASE_WORDS } from "./words.js";

interface Layer {
  readonly name: string;
  readonly values: readonly number[];
}

interface Chart {
  readonly id: string;
  readonly title: string;
  readonly layers: readonly Layer[];
}

const HEIGHT = 100;
// One row of the table for so many pieces of the picture; and one bar of what has ended, which comes one by one.
const PIECES_A_ROW = 4;
const STEPS_IN_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** What went on at a time: pictures, and the same numbers as a table. */
export function charts({ overTime, fromAt, untilAt, rows }: Summary): Markup {
  if (rows.length === 0 || untilAt <= fromAt) return html``;
  const { inPhase, succeeded, others, pieceInMs } = overTime;
  const perMinute = (values: readonly number[]): readonly number[] => everyRow(values).map((count) => (count * 60_000) / (pieceInMs * PIECES_A_ROW));
  const [waited, ...underWay] = PHASES.map((phase) => ({ name: `phase-${phase}`, values: inPhase[phase] }));
  const all: readonly Chart[] = [
    { id: "waiting", title: "Jobs that wait", layers: waited === undefined ? [] : [waited] },
    { id: "under-way", title: "Groups under way", layers: underWay },
    { id: "ended", title: "Groups that ended, a minute", layers: [{ name: "mood-good", values: perMinute(succeeded) }, { name: "mood-bad", values: perMinute(others) }] },
  ];
  const lasts = pieceInMs * succeeded.length;
  return html`<section aria-labelledby="time-title"><h2 id="time-title">Over time</h2>
${all.map((chart) => figure(chart))}
${axis(lasts)}
<p class="note">Colours are those of the table above; below, green has succeeded and red has not. Time is from the start of the run.</p>
<details><summary>The same as a table</summary>${table(overTime)}</details></section>`;
}

function figure({ id, title, layers }: Chart): Markup {
  const sums = (layers[0]?.values ?? []).map((_unused, piece) => layers.reduce((sum, { values }) => sum + (values[piece] ?? 0), 0));
  const most = Math.max(...sums);
  const top = niceTop(most);
  const below = sums.map(() => 0);
  const areas = layers.map(({ name, values }) => {
    const from = [...below];
    for (const [piece, value] of values.entries()) below[piece] = (below[piece] ?? 0) + value;
    return html`<path class="${name}" d="${outline(from, below, top)}"/>`;
  });
  const text = `at the most ${rough(most)}, on average ${rough(sums.reduce((sum, value) => sum + value, 0) / sums.length)}`;
  return html`<figure class="chart chart-${id}"><figcaption>${title}<small> ${text}</small></figcaption>
<span class="top" aria-hidden="true">${rough(top)}</span><span class="zero" aria-hidden="true">0</span>
<svg role="img" aria-label="${title} over time: ${text}" viewBox="0 0 ${sums.length} ${HEIGHT}" preserveAspectRatio="none"><path class="grid" d="M0 ${HEIGHT / 2}H${sums.length}"/>${areas}</svg></figure>`;
}

// The area between two lines of steps.
function outline(lower: readonly number[], upper: readonly number[], top: number): string {
  const y = (value: number): string => (HEIGHT - (value / top) * HEIGHT).toFixed(2);
  const there = upper.map((value, piece) => `V${y(value)}H${piece + 1}`).join("");
  const back = [...lower.entries()].reverse().map(([piece, value]) => `V${y(value)}H${piece}`).join("");
  return `M0 ${y(lower[0] ?? 0)}${there}${back}Z`;
}

function niceTop(most: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * unit).find((top) => top >= most * 0.9999) ?? most;
}

function axis(lastsInMs: number): Markup {
  const seconds = lastsInMs / 1000;
  const step = STEPS_IN_S.find((candidate) => seconds / candidate <= 6) ?? Math.ceil(seconds / 6 / 86_400) * 86_400;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_unused, index) => index * step);
  const label = (at: number): Markup => {
    const share = at / seconds;
    const anchor = share < 0.03 ? "start" : share > 0.97 ? "end" : "middle";
    return html`<text x="${(share * 100).toFixed(2)}%" y="12" text-anchor="${anchor}">${tick(at)}</text>`;
  };
  return html`<svg class="axis" aria-hidden="true">${ticks.map(label)}</svg>`;
}

// The sums of as many pieces as are one row of the table.
function everyRow(values: readonly number[]): readonly number[] {
  return Array.from({ length: Math.ceil(values.length / PIECES_A_ROW) }, (_unused, row) => values.slice(row * PIECES_A_ROW, (row + 1) * PIECES_A_ROW).reduce((sum, value) => sum + value, 0));
}

function table({ inPhase, succeeded, others, pieceInMs }: OverTime): Markup {
  const means = PHASES.map((phase) => everyRow(inPhase[phase]).map((sum) => rough(sum / PIECES_A_ROW)));
  const [well, otherwise] = [everyRow(succeeded), everyRow(others)];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Over time, as a table"><table><thead><tr><th scope="col">From</th>${PHASES.map((phase) => html`<th scope="col">${PHASE_WORDS[phase].name}</th>`)}<th scope="col">Ended well</th><th scope="col">Ended otherwise</th></tr></thead>
<tbody>${well.map((count, row) => html`<tr><th scope="row">${duration(row * PIECES_A_ROW * pieceInMs)}</th>${means.map((of) => html`<td>${of[row]}</td>`)}<td>${count}</td><td>${otherwise[row]}</td></tr>`)}</tbody></table></div>`;
}
