import { createHash } from "node:crypto";
import type { Summary } from "../summary.js";
import { charts } from "./charts.js";
import { durationTable } from "./duration-table.js";
import { html, own } from "./html.js";
import { jobsSection } from "./jobs-section.js";
import { SCRIPT } from "./script/script.js";
import { STYLE } from "./style.js";
import { heading, tiles } from "./tiles.js";

/** The whole page. It is told to run its own script and no other, and to ask nobody for anything. */
export function pageOf(summary: Summary): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(SCRIPT)}'`,
    `style-src '${hashOf(STYLE)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${summary.title}</title>
<link rel="icon" href="data:,">
<style>${own(STYLE)}</style>
</head>
<body>
${heading(summary)}
<main>
${tiles(summary)}
${durationTable(summary)}
${charts(summary)}
${jobsSection(summary)}
</main>
<script>${own(SCRIPT)}</script>
</body>
</html>
`.markup;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
