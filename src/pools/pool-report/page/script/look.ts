/** Draws what is asked for: found, ordered, and a page at a time. */
export const LOOK = String.raw`
const ON_A_PAGE = 100;
const ON_PAPER = 1000;
const get = (id) => document.getElementById(id);
const [table, body, shown, none] = ["rows", "body", "shown", "none"].map(get);
const [find, state, location, sort, align] = ["find", "state", "location", "sort", "align"].map(get);
const pagers = [...document.querySelectorAll(".pager")];
let page = 0;
let found = rows;

const phaseAt = (name) => data.phases.findIndex(({ phase }) => phase === name);
function valueOf(row, name) {
  const index = phaseAt(name);
  return (index < 0 ? row[name] : row.inMs[index]) ?? -1;
}

function search() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  found = rows.filter((row) => (state.value === "" || row.state === state.value) && (location.value === "" || row.location === location.value) && words.every((word) => row.words.includes(word)));
  if (sort.value !== "id") found.sort((one, other) => valueOf(other, sort.value) - valueOf(one, sort.value) || one.id - other.id);
  page = 0;
  show();
}

// The ends of the time that the rows take. Waits may be so much longer than all else that they are cut off at the left.
function endsOf(some) {
  const busy = some.filter((row) => row.busy > 0);
  if (align.checked) return [0, Math.max(1, ...busy.map((row) => row.busy))];
  const end = Math.max(...some.map((row) => row.over));
  const first = Math.min(...some.map((row) => row.from));
  const begun = Math.min(...(busy.length > 0 ? busy.map((row) => row.begun) : [first]));
  const begin = Math.max(first, begun - (end - begun) / 10);
  return [begin, Math.max(begin + 1, end)];
}

function show(onPage = ON_A_PAGE) {
  const pages = Math.max(1, Math.ceil(found.length / onPage));
  page = Math.min(Math.max(0, page), pages - 1);
  const some = found.slice(page * onPage, (page + 1) * onPage);
  const ends = endsOf(some);
  body.replaceChildren(...some.map((row) => draw(row, ends, align.checked)));
  if (some.length > 0) drawAxis(get("axis"), ends);
  const of = found.length === rows.length ? "" : " found, of " + whole.format(rows.length) + " in all";
  shown.textContent = some.length === 0 ? "None found, of " + whole.format(rows.length) : "Rows " + whole.format(page * onPage + 1) + " to " + whole.format(page * onPage + some.length) + " of " + whole.format(found.length) + of;
  table.hidden = some.length === 0;
  none.hidden = some.length > 0;
  for (const button of document.querySelectorAll("[data-page]")) button.disabled = ["first", "previous"].includes(button.dataset.page) ? page === 0 : page === pages - 1;
  for (const pager of pagers) pager.querySelector(".pages").hidden = pages === 1;
}

function turn(event) {
  const to = event.target.closest("[data-page]")?.dataset.page;
  if (to === undefined) return;
  const isBelow = pagers.indexOf(event.currentTarget) === 1;
  page = { first: 0, previous: page - 1, next: page + 1, last: Infinity }[to];
  show();
  if (isBelow) table.scrollIntoView();
}

if (rows.length > 0) {
  find.addEventListener("input", search);
  for (const choice of [state, location, sort]) choice.addEventListener("change", search);
  align.addEventListener("change", () => show());
  get("controls").addEventListener("submit", (event) => event.preventDefault());
  get("clear").addEventListener("click", () => {
    get("controls").reset();
    search();
    find.focus();
  });
  for (const pager of pagers) {
    pager.addEventListener("click", turn);
    pager.hidden = false;
  }
  // Paper has no pages to turn.
  addEventListener("beforeprint", () => {
    page = 0;
    show(ON_PAPER);
  });
  addEventListener("afterprint", () => show());
  for (const [name, role] of [["table", "table"], ["thead", "rowgroup"], ["tbody", "rowgroup"], ["tr", "row"], ["th", "columnheader"]]) {
    for (const node of [table, ...table.querySelectorAll("*")]) if (node.localName === name) node.setAttribute("role", role);
  }
  get("controls").hidden = false;
  search();
}
`;
