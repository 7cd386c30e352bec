/** How the page looks, in the light and in the dark. */
export const STYLE = String.raw`
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #ffffff; --ink: #1b2330; --soft: #59647a; --line: #dbe0e8; --accent: #0b5cad;
  --good: #12693a; --good-back: #dff3e6; --busy: #7a4b00; --busy-back: #fcefd2; --bad: #a3201d; --bad-back: #fbe3e1; --idle-back: #e8ebf0;
  --log: #10151d; --log-ink: #e3e9f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #12161d; --card: #1a202a; --ink: #e4e9f1; --soft: #9aa7bb; --line: #2e3745; --accent: #7db8f5;
    --good: #7fdca2; --good-back: #16331f; --busy: #f2c46d; --busy-back: #3a2c0d; --bad: #ff9c94; --bad-back: #431a18; --idle-back: #29313e;
    --log: #0b0e13; --log-ink: #dde4ee;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1.25rem; padding: .9rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--soft); }
#clock { margin-left: auto; font-variant-numeric: tabular-nums; }
#status[data-mood="good"] { color: var(--good); }
#status[data-mood="bad"] { color: var(--bad); }
h1 { margin: 0; font-size: 1.15rem; }
h2 { margin: 0 0 .6rem; font-size: 1rem; }
h3 { margin: 0; font-size: .95rem; overflow-wrap: anywhere; }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.25rem; padding: 1.25rem; max-width: 110rem; margin: 0 auto; }
@media (max-width: 62rem) { main { grid-template-columns: minmax(0, 1fr); } }
.column { display: grid; grid-template-columns: minmax(0, 1fr); align-content: start; gap: 1.25rem; }
main > .column > section, .help { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.1rem; }
.help { max-width: 40rem; margin: 2rem auto; }
.help pre { padding: .6rem .8rem; background: var(--idle-back); border-radius: .35rem; overflow: auto; }
.empty, .count, .facts { color: var(--soft); }
.empty { margin: 0; }
.count { font-weight: 400; font-size: .85rem; }
.facts { margin: .15rem 0 .5rem; font-size: .85rem; overflow-wrap: anywhere; }
.group { border-top: 1px solid var(--line); padding: .8rem 0; overflow-x: auto; }
.group:first-child { border-top: 0; padding-top: 0; }
.group:last-child { padding-bottom: 0; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .5rem; }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 1rem; background: var(--idle-back); color: var(--ink); font-size: .8rem; white-space: nowrap; }
.badge[data-mood="good"] { background: var(--good-back); color: var(--good); }
.badge[data-mood="busy"] { background: var(--busy-back); color: var(--busy); }
.badge[data-mood="bad"] { background: var(--bad-back); color: var(--bad); }
.scroll { overflow: auto; max-height: 28rem; }
#groups { max-height: 40rem; }
#groups:empty { display: none; }
table { width: 100%; border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .6rem .28rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 600; }
.scroll thead th { position: sticky; top: 0; background: var(--card); }
.wide { overflow-wrap: anywhere; min-width: 9rem; }
.short { white-space: nowrap; }
code, pre, .mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .83rem; }
#log { margin: 0; padding: .8rem; height: 22rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--log); color: var(--log-ink); border-radius: .35rem; }
button { font: inherit; font-size: .83rem; padding: .1rem .6rem; border: 1px solid var(--accent); border-radius: .35rem; background: transparent; color: var(--accent); cursor: pointer; white-space: nowrap; }
button[aria-pressed="true"] { background: var(--accent); color: var(--card); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
summary { cursor: pointer; color: var(--accent); font-size: .87rem; margin-top: .4rem; width: fit-content; }
`;
