import { DRAW } from "./draw.js";
import { FORMAT } from "./format.js";
import { LOOK } from "./look.js";

/** What draws the rows that are looked at, out of the data in the page. */
export const SCRIPT = `"use strict";\n(() => {\n${FORMAT}${DRAW}${LOOK}})();\n`;
