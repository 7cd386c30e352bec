// Runs the examples against the emulator: those that this machine can run, in Docker if it is there.
import { isDockerHere } from "./docker-here.mjs";
import { withEmulator } from "./emulated.mjs";
import { examples, runExample } from "./example.mjs";
import { run } from "./run.mjs";

const engine = (await isDockerHere()) ? "docker" : "process";
if (engine === "docker") run("node", ["scripts/test-images.mjs"]);
await withEmulator(engine, async (environment) => {
  for (const name of examples) {
    const isRun = await runExample(name, { engine, image: "aci-lifecycle-test/busybox:1", environment });
    if (!isRun) console.log(`\nLeft out: ${name}, because no Docker socket answers on this machine.`);
  }
});
