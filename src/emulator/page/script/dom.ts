/** The part of the page's script that makes and keeps elements. All text goes in as text. */
export const DOM = String.raw`
const byId = (id) => document.getElementById(id);

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function setText(node, text) {
  const wanted = text === undefined || text === null ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

function setBadge(node, text, mood) {
  setText(node, text);
  node.hidden = !text;
  node.dataset.mood = mood;
}

// Elements are kept from one look to the next, so that focus, selection and what was opened stay as they are.
function keep(parent, items, keyOf, create, update) {
  const keys = items.map(keyOf);
  const known = new Map();
  for (const node of [...parent.children]) {
    if (keys.includes(node.dataset.key)) known.set(node.dataset.key, node);
    else node.remove();
  }
  items.forEach((item, index) => {
    const key = keys[index];
    const node = known.get(key) ?? create(item);
    node.dataset.key = key;
    const present = parent.children[index] ?? null;
    if (present !== node) parent.insertBefore(node, present);
    update(node, item);
  });
}

const inOrder = (_item, index) => String(index);

// A row of a table: one cell for each class name, in order.
function row(...classNames) {
  return () => {
    const line = make("tr");
    for (const className of classNames) line.append(make("td", className));
    return line;
  };
}

function fill(line, ...texts) {
  texts.forEach((text, index) => setText(line.children[index], text));
}

const time = (at) => new Date(at).toISOString().slice(0, 19).replace("T", " ");
const clockTime = (at) => new Date(at).toISOString().slice(11, 23);
`;
