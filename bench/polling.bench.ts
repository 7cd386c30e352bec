import { called, learnt, lone, regret, type Bar } from "./polling/bars.js";
import { runReal } from "./polling/real.js";
import { lengths, table } from "./polling/table.js";

// How many requests a job takes, and how late its end is seen, by polling: ours and other loops on the same jobs against one
// fake ARM in virtual time, where the figures are exact. With `--real` once in real time, against the emulator.
// The first seed of the jobs on which the schedule was tuned, and of those by which it is judged: nothing is ever tuned on these.
const TUNED = 1;
const FRESH = 700_001;

if (process.argv.includes("--real")) await runReal();
else await runVirtual();

async function runVirtual(): Promise<void> {
  console.log("Jobs of 60 s, started after 10 to 20 s, three in a hundred crash early; round trip 100 ms. All loops but the SDK's are");
  console.log("re-enacted, and so is the SDK's in virtual time. Requests are counted by the server.");
  for (const line of [...(await table()), "", ...(await lengths()), ""]) console.log(line);
  const [tuned, fresh] = [await bars(TUNED), await bars(FRESH)];
  for (const [index, { name, ratio, atMost, text }] of fresh.entries()) {
    const holds = ratio <= atMost;
    console.log(`${holds ? "ok    " : "FAILED"} ${name}: ${text}, at most ${atMost}; on the jobs it was tuned on ${tuned[index]?.text ?? ""}`);
    if (!holds) process.exitCode = 1;
  }
}

async function bars(first: number): Promise<readonly Bar[]> {
  return [...(await lone(first)), ...(await regret(first)), ...(await learnt(first)), ...(await called(first))];
}
