// You will see: a job that its process forgets, passes of a sweep that leave its container group alone while its time
// lasts, and the pass that deletes it.
import { setTimeout } from "node:timers/promises";
import { AciClient, startContainerJob, sweep } from "aci-lifecycle";

const client = AciClient.fromEnvironment({ owner: "sweep-example" });
const spec = { image: process.env["EXAMPLE_IMAGE"] ?? "alpine:3", command: ["/bin/sh", "-c", "sleep 600"] };
await startContainerJob(client, spec, { startTimeoutInMs: 2000, runTimeoutInMs: 2000, cleanupTimeoutInMs: 1000 });

// An application would do this every few minutes, with the grace of ten minutes that is the default.
for (let isLeft = true; isLeft; ) {
  await setTimeout(2000);
  const { groups, counts } = await sweep(client, { graceInMs: 1000 });
  for (const { groupName, action, reason } of groups) console.log(`${groupName}: ${action}, ${reason}`);
  isLeft = counts.deleted < groups.length;
}
