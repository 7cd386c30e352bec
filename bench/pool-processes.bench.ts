import { say, type Verdict } from "./pools/verdict.js";
import { aborts, runAborts } from "./processes/aborts.js";
import { atRest, runAtRest } from "./processes/at-rest.js";
import { burst, runBurst } from "./processes/burst.js";
import { answerParent, roleOfThis, type Role } from "./processes/child.js";
import { gets, runGets } from "./processes/gets.js";
import { imports } from "./processes/imports.js";
import { serve } from "./processes/server.js";

// Pools of jobs in processes of their own, over HTTP and in real time, against the emulator with scripted containers. `--only=`
// has some of them, by name; `--large` as many as ten thousand jobs at a time.
const PARTS: Readonly<Record<string, (isLarge: boolean) => Promise<readonly Verdict[]>>> = {
  imports,
  looks: gets,
  burst: () => burst(1000),
  rest: (isLarge) => atRest(isLarge ? 10_000 : 2000, 500),
  aborts,
};
const ROLES: Readonly<Record<string, () => Role>> = { server: serve, burst: () => runBurst, gets: () => runGets, atRest: () => runAtRest, aborts: () => runAborts };

const role = ROLES[roleOfThis() ?? ""];
if (role === undefined) await run();
else answerParent(role());

async function run(): Promise<void> {
  const only = process.argv.find((argument) => argument.startsWith("--only="))?.slice("--only=".length).split(",");
  for (const [name, part] of Object.entries(PARTS)) if (only?.includes(name) !== false) say(await part(process.argv.includes("--large")));
}
