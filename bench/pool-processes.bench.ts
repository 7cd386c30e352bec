import { say } from "./pools/verdict.js";
import { burst, runBurst } from "./processes/burst.js";
import { answerParent, roleOfThis, type Role } from "./processes/child.js";
import { gets, runGets } from "./processes/gets.js";
import { serve } from "./processes/server.js";

// Pools of jobs in processes of their own against the emulator, over HTTP and in real time.
const ROLES: Readonly<Record<string, () => Role>> = { server: serve, burst: () => runBurst, gets: () => runGets };

const role = ROLES[roleOfThis() ?? ""];
if (role === undefined) await run();
else answerParent(role());

async function run(): Promise<void> {
  say(await gets());
  say(await burst(Number(process.argv.find((a) => a.startsWith("--burst="))?.slice(8) ?? 1000)));
}
