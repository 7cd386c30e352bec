// Everything that CI does: what does not need each other at once, and the simulation beside all the rest.
import { install, minutes } from "./run.mjs";
import { simulate } from "./simulate-beside.mjs";
import { start } from "./start.mjs";

install();
const took = [];
const timed = async (name, seconds) => void took.push([name, await seconds]);
const script = (name) => timed(name, start("npm", ["run", "--silent", name], { isBeside: true }));

const simulated = timed("simulation", simulate());
await Promise.all(["check", "lint", "build"].map(script));
await Promise.all([script("api"), script("docs"), timed("examples", start("node", ["scripts/examples.mjs"], { isBeside: true }))]);
// The tests need neither be built nor simulated once more.
await timed("test", start("npm", ["test"], { env: { ACI_TEST_BUILD: "no", ACI_TEST_SIMULATION: "no" } }));
await simulated;
console.log("");
for (const [name, seconds] of took) console.log(`${name}: ${minutes(seconds)}`);
