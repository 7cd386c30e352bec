/** The part of the page's script that shows what the emulator told. */
export const VIEW = String.raw`
const MOODS = { Succeeded: "good", Running: "good", Pending: "busy", Updating: "busy", Waiting: "busy", Failed: "bad" };
let chosen;

function show(state, asked) {
  setText(byId("now"), time(state.now));
  byId("now").dateTime = new Date(state.now).toISOString();
  setText(byId("group-count"), state.groupCount > state.groups.length ? "the newest " + state.groups.length + " of " + state.groupCount : String(state.groupCount));
  byId("no-groups").hidden = state.groups.length > 0;
  keep(byId("groups"), state.groups, (group) => group.id, makeGroup, showGroup);
  showFaults(state.faults);
  showRequests(state.requests);
  if (asked === chosen) showLog(state.log);
}

function makeGroup() {
  const article = make("article", "group");
  const head = make("div", "head");
  const table = make("table");
  const line = make("tr");
  for (const title of ["Container", "State", "Exit code", "Restarts", "Image", "Log"]) {
    const cell = make("th", "", title);
    cell.scope = "col";
    line.append(cell);
  }
  table.append(make("thead"), make("tbody"));
  table.tHead.append(line);
  const events = make("details");
  const list = make("table");
  list.append(make("tbody"));
  events.append(make("summary"), list);
  head.append(make("h3"), make("span", "badge"), make("span", "badge"));
  article.append(head, make("p", "facts"), table, events);
  return article;
}

function showGroup(article, group) {
  const [head, facts, table, events] = article.children;
  const [title, provisioning, state] = head.children;
  article.setAttribute("aria-label", "Container group " + group.name);
  setText(title, group.name);
  setBadge(provisioning, "provisioning " + group.provisioningState, MOODS[group.provisioningState]);
  setBadge(state, group.state, MOODS[group.state]);
  const tags = Object.entries(group.tags).map(([name, value]) => name + "=" + value);
  setText(facts, [group.resourceGroup, group.location, "restart policy " + group.restartPolicy, group.ip, ...tags].filter(Boolean).join(" · "));
  table.setAttribute("aria-label", "Containers of " + group.name);
  keep(table.tBodies[0], group.containers, (container) => container.name, () => makeContainer(group), showContainer);
  const told = [...group.events, ...group.containers.flatMap((one) => one.events.map((event) => ({ ...event, container: one.name })))];
  setText(events.children[0], told.length === 1 ? "1 event" : told.length + " events");
  events.hidden = told.length === 0;
  keep(events.children[1].tBodies[0], told, inOrder, row("short", "short", "short", "wide"), (line, event) =>
    fill(line, event.lastTimestamp.replace("T", " ").replace("Z", ""), event.container, event.name + (event.count > 1 ? " ×" + event.count : ""), event.message));
}

function makeContainer(group) {
  const line = make("tr");
  const title = make("th");
  title.scope = "row";
  const state = make("td", "short");
  state.append(make("span", "badge"));
  const last = make("td");
  const button = make("button", "", "Show log");
  button.type = "button";
  button.addEventListener("click", () => choose(group.id, line.dataset.key));
  last.append(button);
  line.append(title, state, make("td"), make("td"), make("td", "wide mono"), last);
  line.dataset.group = group.id;
  return line;
}

function showContainer(line, container) {
  const [title, state, exitCode, restarts, image, last] = line.children;
  const button = last.children[0];
  setText(title, container.name + (container.isInit ? " (init)" : ""));
  const mood = container.state === "Terminated" ? (container.exitCode === 0 ? "good" : "bad") : MOODS[container.state];
  setBadge(state.children[0], container.state ?? "none yet", mood);
  state.title = container.detail ?? "";
  setText(exitCode, container.exitCode ?? "–");
  setText(restarts, container.restartCount);
  setText(image, container.image);
  button.setAttribute("aria-label", "Show log of " + container.name);
  button.setAttribute("aria-pressed", String(chosen !== undefined && chosen.group === line.dataset.group && chosen.container === container.name));
}

function choose(group, container) {
  chosen = { group, container };
  for (const line of document.querySelectorAll("tr[data-group]")) {
    line.querySelector("button").setAttribute("aria-pressed", String(line.dataset.group === group && line.dataset.key === container));
  }
  setText(byId("log-title"), "Log of " + container + " in " + group.split("/").pop());
  showLog(undefined);
  lookNow();
}

function showLog(log) {
  const view = byId("log");
  const hint = byId("log-hint");
  if (chosen === undefined) return;
  view.hidden = !log;
  hint.hidden = Boolean(log);
  setText(hint, log === null ? "This container is gone." : "It has printed nothing yet.");
  const isAtEnd = view.scrollTop + view.clientHeight >= view.scrollHeight - 8;
  if (view.textContent === (log ?? "")) return;
  setText(view, log);
  if (isAtEnd) view.scrollTop = view.scrollHeight;
}

function showFaults(faults) {
  setText(byId("fault-count"), faults.length === 0 ? "" : String(faults.length));
  byId("no-faults").hidden = faults.length > 0;
  byId("faults-table").hidden = faults.length === 0;
  keep(byId("faults"), faults, inOrder, row("wide", "wide", "short"), (line, { struck, on, happens, name, answer, times, ...rest }) => {
    const more = Object.entries(rest).map(([key, value]) => key + " " + (value === null ? "∞" : value));
    const what = happens ?? (typeof answer === "object" ? answer.status + " " + answer.code : answer);
    const limit = times === null ? "∞" : (times ?? 1);
    fill(line, [on === undefined ? "a group" : [on].flat().join(", "), name === undefined ? "" : "named " + name, ...more].filter(Boolean).join(" · "), what, struck + " of " + limit);
  });
}

function showRequests(requests) {
  byId("no-requests").hidden = requests.length > 0;
  byId("requests-table").hidden = requests.length === 0;
  const cells = row("short", "short", "wide mono", "short");
  const create = () => {
    const line = cells();
    line.children[3].append(make("span", "badge"));
    return line;
  };
  keep(byId("requests"), requests, inOrder, create, (line, { method, path, status, at }) => {
    setText(line.children[0], clockTime(at));
    setText(line.children[1], method);
    // What is the same in nearly all of them hides what is not.
    setText(line.children[2], path.replace(/^\/subscriptions\/[^/]+(?=\/)/i, "…").replace(/\/providers\/Microsoft\.ContainerInstance(?=\/)/i, ""));
    line.children[2].title = path;
    setBadge(line.children[3].children[0], status === 0 ? "broken" : String(status), status === 0 || status >= 500 ? "bad" : status >= 400 ? "busy" : "good");
  });
}
`;
