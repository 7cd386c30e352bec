import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { refuseOrigin } from "../server/guard.js";
import { markup } from "./markup.js";
import { DOM } from "./script/dom.js";
import { LOOK } from "./script/look.js";
import { VIEW } from "./script/view.js";
import { STYLE } from "./style.js";

const SCRIPT = `"use strict";\n(() => {\n${DOM}${VIEW}${LOOK}})();\n`;
const PAGE = Buffer.from(markup(STYLE, SCRIPT));

// The browser is told to run this script and no other, to ask this server and no other, and to take no markup from data.
const POLICY = [
  "default-src 'none'",
  `script-src '${hashOf(SCRIPT)}'`,
  `style-src '${hashOf(STYLE)}'`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/**
 * Answers a request for the page to look at, and says whether it was one. The page holds no data and needs no token; who
 * may not ask is left to be refused like anybody else.
 */
export function servePage(request: IncomingMessage, response: ServerResponse, port: number): boolean {
  const [path] = (request.url ?? "").split("?");
  if (path !== "/" || request.method !== "GET" || refuseOrigin(request, port) !== undefined) return false;
  response.writeHead(200, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": String(PAGE.length),
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
  });
  response.end(PAGE);
  return true;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
