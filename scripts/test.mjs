// Runs every test project that can run on this machine, and says what it left out and why.
import { existsSync } from "node:fs";
import { isDockerHere, PODMAN_SOCKET, answersAt } from "./docker-here.mjs";
import { hasAzurite } from "./ensure-azurite.mjs";
import { install, minutes } from "./run.mjs";
import { simulate } from "./simulate-beside.mjs";
import { start } from "./start.mjs";

install();
const hasDocker = await isDockerHere();
const hasBrowser = existsSync("/usr/bin/chromium") && process.env.ACI_TEST_BROWSER !== "no";
const hasPodman = await answersAt(PODMAN_SOCKET);
const hasRegistry = existsSync("/usr/bin/docker-registry");
const isAzuriteHere = process.env.ACI_TEST_AZURITE !== "no" && hasAzurite();
const env = { ACI_TEST_SIMULATION: "no", ...(isAzuriteHere ? {} : { ACI_TEST_AZURITE: "no" }), ...(hasRegistry ? {} : { ACI_TEST_REGISTRY: "no" }), ...(hasDocker ? {} : { ACI_TEST_DOCKER: "no" }), ...(hasBrowser ? {} : { ACI_TEST_BROWSER: "no" }) };
if (hasDocker) await start("node", ["scripts/test-images.mjs"]);

const took = [];
const test = async (name, args, more = env) => void took.push([name, await start("npx", ["vitest", "run", ...args], { env: more })]);
const simulated = process.env.ACI_TEST_SIMULATION === "no" ? undefined : simulate().then((seconds) => took.push(["simulation", seconds]));
// Every branch of the decisions is reached by a story.
const decisions = ["--coverage", "--coverage.include=src/jobs/machine/**", "--coverage.thresholds.branches=100"];
await test("unit", ["--project", "unit", ...decisions]);
await test("emulator", ["--project", "emulator"]);
if (hasPodman) {
  // The process engine has had its turn.
  const podman = { ...env, ACI_TEST_PROCESS: "no", DOCKER_HOST: `unix://${PODMAN_SOCKET}` };
  await start("node", ["scripts/test-images.mjs"], { env: podman });
  await test("podman", ["--project", "emulator", "test/emulator/engines/docker", "test/real", "test/kill/kill", "test/kill/emulator", "test/kill/state", "test/kill/sweep"], podman);
}
if (process.env.ACI_TEST_BUILD !== "no") await start("npm", ["run", "--silent", "build"]);
await test("package", ["--project", "package"]);
const hasAzureCli = existsSync("/usr/bin/az");
if (hasAzureCli) await test("clients", ["--project", "clients"]);
await simulated;

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
