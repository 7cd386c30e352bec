// Everything that CI does, in CI's order.
import { minutes, install, run } from "./run.mjs";

install();
const steps = [
  ["npm", ["run", "--silent", "check"]],
  ["npm", ["run", "--silent", "lint"]],
  ["npm", ["run", "--silent", "build"]],
  ["npm", ["run", "--silent", "api"]],
  ["npm", ["run", "--silent", "docs"]],
  ["node", ["scripts/examples.mjs"]],
  ["npm", ["test"]],
];
const took = steps.map(([command, args]) => [args.at(-1), run(command, args)]);
console.log("");
for (const [name, seconds] of took) console.log(`${name}: ${minutes(seconds)}`);
