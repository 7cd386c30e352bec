// You will see: the date, as a container printed it, and what that took.
import { AciClient, runContainerJob } from "aci-lifecycle";

const client = AciClient.fromEnvironment();
const { logs, exitCode, timings, cleanup } = await runContainerJob(client, {
  image: process.env["EXAMPLE_IMAGE"] ?? "alpine:3",
  command: ["/bin/sh", "-c", "date"],
});
console.log(logs.trimEnd());
console.log(`exit code ${exitCode} after ${timings.totalInMs} ms; clean-up ${cleanup}`);
