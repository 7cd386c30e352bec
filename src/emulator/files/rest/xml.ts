const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** One element: its name, its content, already XML, and its attributes. */
export function element(name: string, content = "", attributes: Readonly<Record<string, string>> = {}): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(value)}"`)].join(" ");
  return content === "" ? `<${head} />` : `<${head}>${content}</${name}>`;
}

/** Elements that hold a text each; what is `undefined` is left out. */
export function texts(fields: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(fields)
    .map(([name, value]) => (value === undefined ? "" : element(name, escapeXml(String(value)))))
    .join("");
}

/** A whole document. */
export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>${root}`;
}

/** The name of a file; one that XML cannot hold is percent-encoded and says so, as the service does it. */
export function nameElement(name: string): string {
  return isXmlText(name) ? element("Name", escapeXml(name)) : element("Name", encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\ufffd")), { Encoded: "true" });
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "");
}

// Tabs and line ends are left out, as a reader of XML may make them something else.
function isXmlText(text: string): boolean {
  return /^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(text);
}
