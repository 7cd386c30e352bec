/** How the page looks: in the light, in the dark, on a phone and on paper. */
export const STYLE = String.raw`
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #ffffff; --ink: #1b2330; --soft: #566176; --line: #dbe0e8; --accent: #0b5cad; --grid: #e4e8ee;
  --good: #12693a; --good-back: #dff3e6; --busy: #7a4b00; --busy-back: #fcefd2; --bad: #a3201d; --bad-back: #fbe3e1; --idle-back: #e8ebf0;
  --waited: #8893a5; --provisioned: #4a90d0; --pulled: #8e5bc0; --ran: #1d8f5f; --noticed: #cc7700; --cleanedUp: #414c5e; --fine: #1d8f5f; --wrong: #cc3a34; --pale: #8a95a8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --back: #12161d; --card: #1a202a; --ink: #e4e9f1; --soft: #9aa7bb; --line: #2e3745; --accent: #7db8f5; --grid: #2a3240;
    --good: #7fdca2; --good-back: #16331f; --busy: #f2c46d; --busy-back: #3a2c0d; --bad: #ff9c94; --bad-back: #431a18; --idle-back: #29313e;
    --waited: #667388; --provisioned: #5aa2e6; --pulled: #b48ae0; --ran: #36b37e; --noticed: #f2a93b; --cleanedUp: #cfd8e5; --fine: #36b37e; --wrong: #f0736b; --pale: #7b879b;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1.25rem; padding: .9rem 1.5rem; background: var(--card); border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--soft); font-variant-numeric: tabular-nums; }
.standing { margin-left: auto; }
.standing[data-mood="good"] { color: var(--good); }
.standing[data-mood="busy"] { color: var(--busy); }
h1 { margin: 0; font-size: 1.2rem; overflow-wrap: anywhere; }
h2 { margin: 0 0 .7rem; font-size: 1rem; }
h2 small { font-weight: 400; }
small { color: var(--soft); font-size: .82rem; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; padding: 1.25rem 1.5rem; max-width: 100rem; margin: 0 auto; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.1rem; }
.note { margin: .6rem 0 0; color: var(--soft); font-size: .85rem; }

.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 1.1rem 1.5rem; margin: 0; }
.tile.wide { grid-column: 1 / -1; }
.tile dt { color: var(--soft); font-size: .85rem; }
.tile dd { margin: 0; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
.tile .figure { color: var(--ink); font-size: 1.5rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.tile .figure small { font-weight: 400; }
.tile p { margin: .3rem 0 0; }
.share { display: block; width: 100%; height: .6rem; margin: .3rem 0 .55rem; border-radius: .2rem; }
.states { display: flex; flex-wrap: wrap; gap: .25rem 1.2rem; margin: 0; padding: 0; list-style: none; color: var(--ink); font-variant-numeric: tabular-nums; }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 1rem; background: var(--idle-back); color: var(--ink); font-size: .8rem; white-space: nowrap; }
.badge[data-mood="good"] { background: var(--good-back); color: var(--good); }
.badge[data-mood="busy"] { background: var(--busy-back); color: var(--busy); }
.badge[data-mood="bad"] { background: var(--bad-back); color: var(--bad); }
.mood-good { fill: var(--fine); } .mood-bad { fill: var(--wrong); } .mood-busy { fill: var(--noticed); } .mood-idle { fill: var(--pale); }
.phase-waited { fill: var(--waited); background: var(--waited); } .phase-provisioned { fill: var(--provisioned); background: var(--provisioned); }
.phase-pulled { fill: var(--pulled); background: var(--pulled); } .phase-ran { fill: var(--ran); background: var(--ran); }
.phase-noticed { fill: var(--noticed); background: var(--noticed); } .phase-cleanedUp { fill: var(--cleanedUp); background: var(--cleanedUp); }

table { width: 100%; border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 600; }
tbody th small { font-weight: 400; }
.durations td, .durations thead th:not(:first-child), .scroll td, .scroll thead th:not(:first-child), .number { text-align: right; white-space: nowrap; }
.durations td, .durations th { vertical-align: middle; }
.phase { display: flex; align-items: center; gap: .6rem; }
.durations .whole > * { border-top: 2px solid var(--line); }
.swatch { flex: none; width: .75rem; height: .75rem; border-radius: .15rem; }
.scroll { overflow: auto; max-height: 26rem; }
.scroll thead th { position: sticky; top: 0; background: var(--card); }
.scroll th:first-child { white-space: nowrap; }
summary { cursor: pointer; color: var(--accent); font-size: .87rem; margin-top: .5rem; width: fit-content; }

.chart { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); grid-template-rows: auto 1fr auto; column-gap: .5rem; margin: 0 0 .9rem; }
.chart figcaption { grid-column: 2; font-size: .87rem; margin-bottom: .2rem; }
.chart svg { grid-column: 2; grid-row: 2 / 4; width: 100%; height: 3.5rem; border-bottom: 1px solid var(--pale); }
.chart-under-way svg { height: 8rem; }
.chart .top { grid-row: 2; } .chart .zero { grid-row: 3; }
.top, .zero { grid-column: 1; text-align: right; color: var(--soft); font-size: .75rem; line-height: 1; font-variant-numeric: tabular-nums; }
.grid { fill: none; stroke: var(--grid); stroke-width: 1; vector-effect: non-scaling-stroke; }
.axis { display: block; width: 100%; height: 1rem; overflow: visible; }
section > .axis { width: calc(100% - 3.7rem); margin-left: 3.7rem; margin-top: -.6rem; }
.axis text { fill: var(--soft); font-size: .72rem; font-variant-numeric: tabular-nums; }

.controls { display: flex; flex-wrap: wrap; align-items: end; gap: .6rem 1rem; margin-bottom: .8rem; }
.controls label { display: grid; gap: .15rem; color: var(--soft); font-size: .82rem; }
.controls .find { flex: 1 1 14rem; max-width: 26rem; }
.controls .check { display: flex; align-items: center; gap: .4rem; height: 2.1rem; color: var(--ink); }
input, select, button { font: inherit; font-size: .87rem; color: var(--ink); background: var(--card); border: 1px solid var(--pale); border-radius: .35rem; padding: 0 .5rem; height: 2.1rem; max-width: 100%; }
input[type="checkbox"] { accent-color: var(--accent); width: 1rem; height: 1rem; margin: 0; padding: 0; }
::placeholder { color: var(--soft); opacity: 1; }
button { cursor: pointer; color: var(--accent); border-color: var(--accent); }
button:disabled { cursor: default; color: var(--soft); border-color: var(--line); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.pager { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .4rem 1rem; min-height: 2rem; }
.pager + .rows, .rows + .note + .pager { margin-top: .4rem; }
.pager p { margin: 0; color: var(--soft); font-size: .87rem; font-variant-numeric: tabular-nums; }
.pages { display: flex; gap: .4rem; margin-left: auto; }

.rows { table-layout: fixed; }
.rows th:first-child { width: 17rem; }
.rows th:nth-child(2) { width: 9.5rem; }
.rows .number { width: 4.3rem; }
.rows thead .number { font-size: .78rem; line-height: 1.2; white-space: normal; }
.rows .number:last-child { padding-right: 0; }
.rows thead th { position: sticky; top: 0; background: var(--card); z-index: 1; box-shadow: 0 1px 0 var(--line); }
.rows tbody th, .state { overflow-wrap: anywhere; }
.key { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.rows small { display: block; font-size: .78rem; line-height: 1.35; }
.line { padding-right: 1rem; }
.bar { display: block; width: 100%; height: .95rem; margin-top: .2rem; background: linear-gradient(var(--grid), var(--grid)) center / 100% 1px no-repeat; }
.open { opacity: .6; }

@media screen and (max-width: 78.9rem) {
  .rows, .rows tbody { display: block; }
  .rows thead { display: block; position: sticky; top: 0; z-index: 1; background: var(--card); box-shadow: 0 1px 0 var(--line); }
  .rows thead tr { display: block; }
  .rows thead th { display: block; position: static; box-shadow: none; border: 0; padding: .2rem 0; }
  .rows thead th:not(.line) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .rows tbody tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .9rem; padding: .55rem 0; border-bottom: 1px solid var(--line); }
  .rows tbody tr > * { border: 0; padding: 0; width: auto; }
  .rows tbody th:first-child { flex: 1 1 12rem; width: auto; }
  .rows .state { flex: 0 1 auto; max-width: 60%; text-align: right; }
  .rows td.line { flex: 1 0 100%; }
  .rows tbody td.number { width: auto; text-align: left; font-size: .82rem; }
  .rows td.number::before { content: attr(data-label) " "; color: var(--soft); }
  .rows td.empty { display: none; }
}
@media screen and (max-width: 64rem) {
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); }
}
@media screen and (max-width: 40rem) {
  header { padding: .8rem 1rem; }
  .standing { margin-left: 0; }
  main { padding: .75rem; gap: .75rem; }
  section { padding: .8rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .9rem 1rem; }
  .durations small { display: none; }
  .durations td, .durations th { padding-right: .45rem; font-size: .8rem; }
  .durations td:nth-child(2), .durations th:nth-child(2), .durations td:nth-child(5), .durations th:nth-child(5) { display: none; }
  .chart { grid-template-columns: 2rem minmax(0, 1fr); }
  section > .axis { width: calc(100% - 2.5rem); margin-left: 2.5rem; }
  .controls label { flex: 1 1 8rem; }
  .controls .find { flex-basis: 100%; max-width: none; }
}
@media print {
  @page { size: landscape; margin: 12mm; }
  :root { color-scheme: light; --back: #ffffff; }
  html { font-size: 10.5px; }
  body { font-size: 1rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { padding: 0; max-width: none; }
  section { border: 0; padding: .5rem 0; border-radius: 0; }
  header { padding: 0 0 .5rem; }
  .controls, .pages, details, noscript { display: none !important; }
  .chart, tr, .tile { break-inside: avoid; }
  h2 { break-after: avoid; }
  .rows thead th { position: static; }
}
`;
