import type { JobOutcome } from "../../../job-result.js";
import type { Summary } from "../summary.js";
import { count, duration, moment, money, percent, rough } from "./format.js";
import { html, type Markup } from "./html.js";
import { STATE_WORDS } from "./words.js";

const OUTCOMES = ["succeeded", "failed", "timedOut", "neverStarted", "lost", "canceled", "notRun"] as const satisfies readonly JobOutcome[];

/** What run it is, when it was, and whether it is over. */
export function heading({ title, fromAt, untilAt, jobs: { waiting, underWay, over } }: Summary): Markup {
  const open = waiting + underWay;
  const standing = open > 0 ? `Not over: ${count(waiting)} wait, ${count(underWay)} are under way` : over === 0 ? "Nothing has run yet" : `All ${count(over)} jobs are over`;
  const when = over + open === 0 ? undefined : html`<p><time datetime="${new Date(fromAt).toISOString()}">${moment(fromAt)}</time> to <time datetime="${new Date(untilAt).toISOString()}">${moment(untilAt, fromAt)}</time> UTC, ${duration(untilAt - fromAt)}</p>`;
  return html`<header><h1>${title}</h1>${when}<p class="standing" data-mood="${open > 0 ? "busy" : "good"}">${standing}</p></header>`;
}

/** The run in numbers. */
export function tiles(summary: Summary): Markup {
  const { counts, jobs, perMinute, fromAt, untilAt } = summary;
  const begun = jobs.over - counts.known - (counts.outcomes.notRun ?? 0);
  const { throttled = 0, ...others } = counts.faults;
  const faults = Object.entries(others).sort(([, one], [, other]) => other - one);
  return html`<section aria-labelledby="numbers-title"><h2 id="numbers-title">In numbers</h2><dl class="tiles">
${jobsTile(summary)}
${tile("Throughput", perMinute === undefined ? "–" : html`${rough(perMinute)}<small> jobs a minute</small>`, `${count(begun)} ended in ${duration(untilAt - fromAt)}`)}
${tile("Requests", count(counts.requests), begun > 0 ? `${rough(counts.requests / begun)} for each job that has ended` : "of jobs that have ended")}
${tile("Retries", count(counts.retries), "groups made for a job after its first")}
${tile("429s", count(throttled), "answers of Azure to ask less often")}
${tile("Other faults", count(faults.reduce((sum, [, times]) => sum + times, 0)), faults.length === 0 ? "requests that failed otherwise" : faults.map(([kind, times]) => `${kind} ${count(times)}`).join(", "))}
${tile("Cost", html`${money(counts.cost)}<small> USD</small>`, counts.ratesAsOf === undefined ? "of jobs that have ended" : `about, of jobs that have ended, by list prices of ${counts.ratesAsOf}`)}
</dl></section>`;
}

function tile(name: string, value: string | Markup, more: string): Markup {
  return html`<div class="tile"><dt>${name}</dt><dd class="figure">${value}</dd><dd>${more}</dd></div>`;
}

// All jobs that were given to the pool, and what has come of them.
function jobsTile({ counts, jobs: { waiting, underWay, over } }: Summary): Markup {
  const states = [
    ...OUTCOMES.map((outcome) => ({ ...STATE_WORDS[outcome], times: counts.outcomes[outcome] ?? 0 })),
    { ...STATE_WORDS.noResult, times: counts.rejected },
    { ...STATE_WORDS.underWay, times: underWay },
    { ...STATE_WORDS.waiting, times: waiting },
  ].filter(({ times }) => times > 0);
  const all = waiting + underWay + over;
  let at = 0;
  const parts = states.map(({ mood, times }) => {
    const [x, width] = [(at / all) * 1000, (times / all) * 1000];
    at += times;
    return html`<rect class="mood-${mood}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10"/>`;
  });
  return html`<div class="tile wide"><dt>Jobs</dt><dd class="figure">${count(all)}</dd>
<dd><svg class="share" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>
<ul class="states">${states.map(({ name, mood, times }) => html`<li><span class="badge" data-mood="${mood}">${name}</span> ${count(times)}<small> ${percent(times / all)}</small></li>`)}</ul>
${counts.known > 0 ? html`<p>${count(counts.known)} of the results were in the store already, and are in no other number here.</p>` : undefined}</dd></div>`;
}
