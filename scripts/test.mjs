// Runs every test project that can run on this machine, and says what it left out and why.
import { existsSync } from "node:fs";
import { isDockerHere, PODMAN_SOCKET, answersAt } from "./docker-here.mjs";
import { hasAzurite } from "./ensure-azurite.mjs";
import { install, minutes, run } from "./run.mjs";

install();
const hasDocker = await isDockerHere();
const hasBrowser = existsSync("/usr/bin/chromium") && process.env.ACI_TEST_BROWSER !== "no";
const hasPodman = await answersAt(PODMAN_SOCKET);
const hasRegistry = existsSync("/usr/bin/docker-registry");
const isAzuriteHere = process.env.ACI_TEST_AZURITE !== "no" && hasAzurite();
const env = { ...(isAzuriteHere ? {} : { ACI_TEST_AZURITE: "no" }), ...(hasRegistry ? {} : { ACI_TEST_REGISTRY: "no" }), ...(hasDocker ? {} : { ACI_TEST_DOCKER: "no" }), ...(hasBrowser ? {} : { ACI_TEST_BROWSER: "no" }) };
if (hasDocker) run("node", ["scripts/test-images.mjs"]);

const took = [];
// Every branch of the decisions is reached by a story.
const decisions = ["--coverage", "--coverage.include=src/jobs/machine/**", "--coverage.thresholds.branches=100"];
took.push(["unit", run("npx", ["vitest", "run", "--project", "unit", ...decisions], { env })]);
took.push(["emulator", run("npx", ["vitest", "run", "--project", "emulator"], { env })]);
if (hasPodman) {
  // The process engine has had its turn.
  const podman = { ...env, ACI_TEST_PROCESS: "no", DOCKER_HOST: `unix://${PODMAN_SOCKET}` };
  run("node", ["scripts/test-images.mjs"], { env: podman });
  took.push(["podman", run("npx", ["vitest", "run", "--project", "emulator", "test/emulator/engines/docker", "test/real", "test/kill/kill", "test/kill/emulator", "test/kill/state", "test/kill/sweep"], { env: podman })]);
}
run("npm", ["run", "--silent", "build"]);
took.push(["package", run("npx", ["vitest", "run", "--project", "package"], { env })]);
const hasAzureCli = existsSync("/usr/bin/az");
if (hasAzureCli) took.push(["clients", run("npx", ["vitest", "run", "--project", "clients"], { env })]);

console.log("");
for (const [project, seconds] of took) console.log(`${project}: ${minutes(seconds)}`);
if (!hasDocker) console.log("Left out: the tests of the Docker engine, because no Docker socket answers on this machine.");
if (!hasPodman) console.log("Left out: the tests of Podman, because it does not answer at /run/podman/podman.sock (scripts/ensure-podman.sh).");
if (hasPodman) console.log("Left out on Podman: the tests of webhook() in containers, because Podman's own network has no address on this machine while it is not used.");
if (!hasRegistry) console.log("Left out: the tests of private images, because Debian's docker-registry is not installed (scripts/ensure-docker.sh).");
if (!hasBrowser) console.log("Left out: the test of the page in a browser, because Debian's chromium is not installed (scripts/ensure-chromium.sh) or ACI_TEST_BROWSER is no.");
if (!isAzuriteHere) console.log("Left out: the tests of Azure Storage, because npm cannot install Azurite (scripts/ensure-azurite.mjs) or ACI_TEST_AZURITE is no.");
if (!hasAzureCli) console.log("Left out: the tests of Microsoft's other clients, because Debian's azure-cli is not installed (scripts/ensure-azure-cli.sh).");
if (process.env.AZURE_LIVE_TEST !== "yes") console.log("Left out: the live tests, because AZURE_LIVE_TEST is not set to yes.");
