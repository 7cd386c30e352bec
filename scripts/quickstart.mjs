// On a fresh clone: installs, builds, and runs a real job on the emulator (examples/count-words.ts).
import { chooseEngine } from "./choose-engine.mjs";
import { runExample } from "./example.mjs";
import { install, run } from "./run.mjs";

const since = Date.now();
const image = process.env.EXAMPLE_IMAGE ?? "busybox:1";

install();
run("npm", ["run", "--silent", "build"], { env: { ACI_BUILD_TYPES: "no" }, quiet: true });
await runExample("count-words", { engine: await chooseEngine(image), image });
console.log(`\n${((Date.now() - since) / 1000).toFixed(1)} s in all.`);
