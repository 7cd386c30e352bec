/** For a browser: the contrast of each text to what is behind it, as WCAG counts it. */
export const CONTRASTS = String.raw`(() => {
  const parse = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (node) => { const color = parse(getComputedStyle(node).backgroundColor); return color[3] === 0 && node.parentElement ? behind(node.parentElement) : color; };
  const seen = [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility() && [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()));
  return seen.map((node) => { const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x); return [node.textContent, (a + 0.05) / (b + 0.05)]; });
})()`;
