// Runs the examples against the emulator: those that this machine can run, in Docker if it is there.
import { once } from "node:events";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { isDockerHere } from "./docker-here.mjs";
import { runExample } from "./example.mjs";
import { root, run } from "./run.mjs";

const hasDocker = await isDockerHere();
const EXAMPLE_IMAGE = "aci-lifecycle-test/busybox:1";
if (hasDocker) run("node", ["scripts/test-images.mjs"]);

const emulator = spawn("node", [`${root}/dist/cli.js`, "emulator", "--engine", hasDocker ? "docker" : "process"], { stdio: ["ignore", "pipe", "inherit"] });
const environment = {};
const lines = createInterface({ input: emulator.stdout });
for await (const line of lines) {
  const [, name, value] = /([A-Z][A-Z_]+)=(\S+)/u.exec(line) ?? [];
  if (name !== undefined) environment[name] = value.replace(/^["']|["']$/gu, "");
  if (environment.ACI_EMULATOR_TOKEN && environment.AZURE_RESOURCE_MANAGER_ENDPOINT && environment.AZURE_LOCATION && environment.AZURE_RESOURCE_GROUP && environment.AZURE_SUBSCRIPTION_ID) break;
}
try {
  await runExample("run-a-job", { ...environment, EXAMPLE_IMAGE });
  await runExample("sweep-on-a-timer", { ...environment, EXAMPLE_IMAGE });
  await runExample("job-from-manifest", { ...environment, EXAMPLE_IMAGE });
  if (hasDocker) await runExample("run-a-group", { ...environment, EXAMPLE_IMAGE });
} finally {
  emulator.kill("SIGTERM");
  await once(emulator, "exit");
}
await runExample("test-with-emulator");
await runExample("webhook");
await runExample("own-strategy");
await runExample("await-a-log-line");
await runExample("burst-a-backlog");
await runExample("a-thousand-jobs");
await runExample("one-worker-per-key");
await runExample("count-words", { QUICKSTART_ENGINE: hasDocker ? "docker" : "process", QUICKSTART_IMAGE: EXAMPLE_IMAGE });
if (hasDocker) {
  run("bash", ["scripts/ffmpeg-image.sh"]);
  await runExample("transcode-a-video");
} else {
  console.log("Left out: run-a-group and transcode-a-video, because no Docker socket answers on this machine.");
}
