import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AciClient, AciError, runContainerJob, type ContainerJobSpec } from "aci-lifecycle";
import { startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { DockerClient, readAll } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../../../src/emulator/engines/docker/api/find-docker-socket.js";
import { IMAGE, isPodmanHere, sh } from "../../../real/engines.js";

// A port that Podman is told to speak plain HTTP to, see scripts/ensure-podman.sh.
const SERVER = "127.0.0.1:25055";
const PRIVATE_IMAGE = `${SERVER}/private/busybox:1`;
const PASSWORD = "hidden-password";
// `htpasswd -Bbn puller hidden-password`
const USERS = "puller:$2y$05$tU/0OsCykiZiIsHRRkMAFOmdrDDdK8R.CefwJb1VH7n2Rymf2wkH2\n";

const IS_PODMAN = await isPodmanHere();
let folder = "";
let registry: ChildProcess;
let docker: DockerClient;
let emulator: Emulator;
let client: AciClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "registry-"));
  await writeFile(join(folder, "users"), USERS);
  const config = { version: 0.1, log: { level: "error" }, storage: { filesystem: { rootdirectory: join(folder, "data") } }, http: { addr: SERVER }, auth: { htpasswd: { realm: "test", path: join(folder, "users") } } };
  await writeFile(join(folder, "config.yml"), JSON.stringify(config));
  registry = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  await new Promise((resolve, reject) => registry.once("spawn", resolve).once("error", reject));
  while ((await fetch(`http://${SERVER}/v2/`).catch(() => undefined))?.status !== 401) expect(registry.exitCode).toBeNull();
  const socketPath = (await findDockerSocket()) ?? "";
  docker = new DockerClient(socketPath);
  await push();
  emulator = await startEmulator({ engine: "docker" });
  client = new AciClient(emulator.clientOptions);
});
afterAll(async () => {
  await emulator.close();
  await forget();
  registry.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

describe("an image of a private registry", () => {
  it("is pulled with the credentials of the group, which are never told back", async () => {
    const spec = { ...sh("echo from a private image"), image: PRIVATE_IMAGE, registries: [{ server: SERVER, username: "puller", password: { secureValue: PASSWORD } }] };
    const result = await runContainerJob(client, spec);
    expect(result).toMatchObject({ outcome: "succeeded", logs: "from a private image\n" });
    await forget();

    await client.create({ name: "told-back", containers: [{ name: "one", image: PRIVATE_IMAGE, command: ["sleep", "1000"] }], registries: spec.registries });
    expect(JSON.stringify(await client.get("told-back"))).not.toContain(PASSWORD);
    await client.delete("told-back");
    await forget();
  });

  it.each([
    ["no credentials", []],
    ["a wrong password", [{ server: SERVER, username: "puller", password: { secureValue: "wrong-password" } }]],
    ["the credentials of another registry", [{ server: "registry.example", username: "puller", password: { secureValue: PASSWORD } }]],
  ])("is not accessible with %s", async (_what, registries) => {
    const error = await refusal({ image: PRIVATE_IMAGE, registries });
    expect(error).toMatchObject({ serviceCode: "InaccessibleImage", statusCode: 400, isRetryable: false });
    expect(error.message).not.toMatch(/(?:hidden|wrong)-password/u);
  });

  it.skipIf(IS_PODMAN)("is refused to a wrong login where it is here already, and given to a right one and to none", async () => {
    await docker.call("POST", `/images/${IMAGE}/tag`, { query: { repo: `${SERVER}/private/busybox`, tag: "1" } });
    await docker.call("POST", `/images/${IMAGE}/tag`, { query: { repo: `${SERVER}/private/local`, tag: "1" } });
    const login = (password: string): ContainerJobSpec["registries"] => [{ server: SERVER, username: "puller", password: { secureValue: password } }];
    expect(await refusal({ image: PRIVATE_IMAGE, registries: login("wrong-password") })).toMatchObject({ serviceCode: "InaccessibleImage" });
    for (const [image, registries] of [[PRIVATE_IMAGE, login(PASSWORD)], [PRIVATE_IMAGE, []], [`${SERVER}/private/local:1`, login(PASSWORD)]] as const) {
      const name = `here-${registries?.length ?? 0}-${image.includes("local") ? "local" : "pushed"}`;
      await client.create({ name, containers: [{ name: "one", image, command: ["true"] }], registries });
      await client.delete(name);
    }
    await docker.call("DELETE", `/images/${SERVER}/private/local:1`, { query: { force: 1 } });
    await forget();
  });

  it("that is not there is not accessible either", async () => {
    const registries = [{ server: SERVER, username: "puller", password: { secureValue: PASSWORD } }];
    expect(await refusal({ image: `${SERVER}/private/none:1`, registries })).toMatchObject({ serviceCode: "InaccessibleImage" });
  });
});

it("tells a registry in trouble from an image that cannot be had", async () => {
  const ill = http.createServer((_request, response) => response.writeHead(503).end());
  registry.kill("SIGKILL");
  await new Promise((resolve) => registry.once("exit", resolve));
  await new Promise<void>((resolve) => ill.listen(25_055, "127.0.0.1", resolve));
  try {
    const error: unknown = await runContainerJob(client, { image: `${SERVER}/ill/busybox:1` }, { startTimeoutInMs: 3000 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ outcome: "neverStarted", serviceCode: "RegistryErrorResponse", cleanup: "done" });
  } finally {
    ill.closeAllConnections();
    ill.close();
  }
});

async function refusal(spec: Pick<ContainerJobSpec, "image" | "registries">): Promise<AciError> {
  const error: unknown = await client.create({ name: "refused", containers: [{ name: "one", image: spec.image, command: ["true"] }], registries: spec.registries }).catch((reason: unknown) => reason);
  if (!(error instanceof AciError)) throw new Error("The group was not refused");
  return error;
}

async function push(): Promise<void> {
  await docker.call("POST", `/images/${IMAGE}/tag`, { query: { repo: `${SERVER}/private/busybox`, tag: "1" } });
  const auth = Buffer.from(JSON.stringify({ username: "puller", password: PASSWORD, serveraddress: SERVER })).toString("base64url");
  const padded = auth.padEnd(Math.ceil(auth.length / 4) * 4, "=");
  const said = await readAll(await docker.stream("POST", `/images/${SERVER}/private/busybox/push`, { query: { tag: "1" }, headers: { "X-Registry-Auth": padded } }));
  expect(said.toString()).not.toContain("errorDetail");
  await forget();
}

// The next one has to fetch it again.
async function forget(): Promise<void> {
  await docker.call("DELETE", `/images/${PRIVATE_IMAGE}`, { query: { force: 1 } }).catch(() => undefined);
}
