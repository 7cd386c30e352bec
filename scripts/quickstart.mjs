// On a fresh clone: installs, builds, and runs a real job on the emulator (examples/count-words.ts).
import { isDockerHere, pullImage } from "./docker-here.mjs";
import { runExample } from "./example.mjs";
import { install, run } from "./run.mjs";

const since = Date.now();
const IMAGE = process.env.QUICKSTART_IMAGE ?? "busybox:1";

install();
run("npm", ["run", "--silent", "build"], { env: { ACI_BUILD_TYPES: "no" }, quiet: true });

const engine = await chooseEngine();
console.log(`Engine: ${engine.name}, because ${engine.why}.\n`);
await runExample("count-words", { QUICKSTART_ENGINE: engine.name, QUICKSTART_IMAGE: IMAGE });
console.log(`\n${((Date.now() - since) / 1000).toFixed(1)} s in all.`);

async function chooseEngine() {
  if (!(await isDockerHere())) return { name: "process", why: "no Docker socket answers: the commands run as plain processes of this machine, without isolation" };
  if (!(await pullImage(IMAGE))) return { name: "process", why: `Docker answers, but ${IMAGE} is not there and cannot be pulled: the commands run as plain processes of this machine, without isolation` };
  return { name: "docker", why: `Docker answers and has ${IMAGE}` };
}
