// The simulation computes for as long as all other tests together, which wait, most of the time: it takes what they leave of the
// processors, and needs so much patience.
import { start } from "./start.mjs";

const TIMEOUT_IN_MS = 600_000;

export const simulate = () => start("npx", ["vitest", "run", "--project", "unit", "test/simulation", `--testTimeout=${TIMEOUT_IN_MS}`, `--hookTimeout=${TIMEOUT_IN_MS}`], { isBeside: true, isPatient: true });
