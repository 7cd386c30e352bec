#!/usr/bin/env node
import { programOf } from "./program.js";

await programOf().parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
