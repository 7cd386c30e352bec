// `npm run example -- run-a-job` runs that example on the emulator, whatever of Azure the shell knows; without a name it tells
// which there are.
import { chooseEngine } from "./choose-engine.mjs";
import { withEmulator } from "./emulated.mjs";
import { examples, runExample, tellExample } from "./example.mjs";
import { install, run } from "./run.mjs";

const [name] = process.argv.slice(2);
if (examples.includes(name)) await runOnEmulator();
else {
  if (name !== undefined) console.error(`There is no example ${name}. There are:\n`);
  for (const each of examples) console.log(`${each}\n${tellExample(each).replaceAll(/^/gmu, "    ")}\n`);
  process.exitCode = name === undefined ? 0 : 1;
}

async function runOnEmulator() {
  install();
  run("npm", ["run", "--silent", "build"], { env: { ACI_BUILD_TYPES: "no" }, quiet: true });
  const image = process.env.EXAMPLE_IMAGE ?? "busybox:1";
  const engine = await chooseEngine(image);
  const isRun = await withEmulator(engine, (environment) => runExample(name, { engine, image, environment }));
  if (isRun) return;
  console.error(`${name} needs Docker.`);
  process.exitCode = 1;
}
