import { say } from "./pools/verdict.js";
import { aborts, runAborts } from "./processes/aborts.js";
import { atRest, runAtRest } from "./processes/at-rest.js";
import { burst, runBurst } from "./processes/burst.js";
import { answerParent, roleOfThis, type Role } from "./processes/child.js";
import { gets, runGets } from "./processes/gets.js";
import { serve } from "./processes/server.js";

// Pools of jobs in processes of their own against the emulator, over HTTP and in real time.
const ROLES: Readonly<Record<string, () => Role>> = { server: serve, burst: () => runBurst, gets: () => runGets, atRest: () => runAtRest, aborts: () => runAborts };

const role = ROLES[roleOfThis() ?? ""];
if (role === undefined) await run();
else answerParent(role());

async function run(): Promise<void> {
  const only = process.argv.find((a) => a.startsWith("--only="))?.slice(7);
  if (only === "gets") say(await gets());
  if (only === "aborts") say(await aborts());
  if (only === "burst") say(await burst(Number(process.argv.find((a) => a.startsWith("--n="))?.slice(4) ?? 1000)));
  if (only === "rest") say(await atRest(Number(process.argv.find((a) => a.startsWith("--n="))?.slice(4) ?? 10000), 1000));
}
