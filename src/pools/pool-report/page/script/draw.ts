/** Makes a row of the table. What was reported is put in as text and as numbers, never as markup. */
export const DRAW = String.raw`
const data = JSON.parse(document.getElementById("data")?.textContent ?? '{"rows":[]}');
const rows = data.rows.map(([id, key, attempt, group, location, state, text, from, inMs, now, requests, cost]) => {
  const sum = inMs.reduce((total, ms) => total + (ms ?? 0), 0);
  const waited = inMs[0] ?? 0;
  return { id, key, attempt, group, location, state, text, from, inMs, now, requests, cost, whole: sum, over: from + sum, begun: from + waited, busy: sum - waited, words: [key, group, location, text, data.states[state].name].join("\n").toLowerCase() };
});

function make(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  node.append(...children);
  return node;
}
function shape(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  return node;
}

// The phases of a row on the time between two ends. Its wait is a thin line, and left out where rows are compared.
function bar(row, [begin, end], isAligned) {
  const svg = shape("svg", { class: "bar", viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  const x = (at) => Math.max(0, ((at - begin) / (end - begin)) * 1000);
  let at = isAligned ? 0 : row.from;
  const told = [];
  row.inMs.forEach((ms, index) => {
    if (ms === null) return;
    const { phase, name } = data.phases[index];
    told.push(name + " " + duration(ms));
    if (isAligned && index === 0) return;
    const width = Math.max(x(at + ms) - x(at), ms > 0 ? 1 : 0);
    const rect = shape("rect", { class: "phase-" + phase + (row.now === phase ? " open" : ""), x: x(at).toFixed(2), width: width.toFixed(2), y: index === 0 ? 3 : 0, height: index === 0 ? 4 : 10 });
    svg.append(rect);
    at += ms;
  });
  const title = shape("title", {});
  title.textContent = told.join(", ") + "; from " + new Date(data.fromAt + row.from).toISOString().slice(11, 19) + " to " + new Date(data.fromAt + row.over).toISOString().slice(11, 19) + " UTC";
  svg.prepend(title);
  return svg;
}

function number(label, text) {
  return make("td", { role: "cell", class: text === "" ? "number empty" : "number", "data-label": label }, text);
}

function draw(row, ends, isAligned) {
  const { name, mood } = data.states[row.state];
  const more = [row.group, row.attempt > 1 ? "attempt " + row.attempt : "", row.location].filter(Boolean).join(" · ");
  const key = row.key ?? "job " + row.id;
  const head = make("th", { scope: "row", role: "rowheader" }, make("span", { class: "key", title: key }, key), make("small", {}, more));
  const state = make("td", { role: "cell", class: "state" }, make("span", { class: "badge", "data-mood": mood }, name));
  if (row.text !== null) state.append(make("small", {}, row.text));
  const phases = row.inMs.map((ms, index) => number(data.phases[index].name, ms === null ? "" : duration(ms) + (row.now === data.phases[index].phase ? "…" : "")));
  const costs = [number("Requests", row.requests === null ? "" : whole.format(row.requests)), number("USD", row.cost === null ? "" : money(row.cost))];
  return make("tr", { role: "row" }, head, state, make("td", { role: "cell", class: "line" }, bar(row, ends, isAligned)), ...phases, ...costs);
}

const STEPS_IN_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
function drawAxis(svg, [begin, end]) {
  const seconds = (end - begin) / 1000;
  const step = STEPS_IN_S.find((candidate) => seconds / candidate <= 3.5) ?? Math.ceil(seconds / 3 / 86400) * 86400;
  const ticks = [];
  for (let at = Math.ceil(begin / 1000 / step) * step; at * 1000 <= end; at += step) {
    const share = (at * 1000 - begin) / (end - begin);
    const label = shape("text", { x: (share * 100).toFixed(2) + "%", y: 12, "text-anchor": share < 0.08 ? "start" : share > 0.92 ? "end" : "middle" });
    label.textContent = tick(at);
    ticks.push(label);
  }
  svg.replaceChildren(...ticks);
}
`;
