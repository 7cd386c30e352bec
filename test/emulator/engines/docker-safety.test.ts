import { Duplex, Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { checkGroup } from "../../../src/emulator/body/checks/check-group.js";
import { engineContainerSpec, engineGroupSpec } from "../../../src/emulator/body/engine-specs.js";
import { readGroupBody, type GroupBody } from "../../../src/emulator/body/group-body.js";
import type { DockerClient, DockerRequest } from "../../../src/emulator/engines/docker/api/docker-client.js";
import { DockerGroup } from "../../../src/emulator/engines/docker/docker-group.js";
import { DockerMetadata } from "../../../src/emulator/engines/docker/metadata/docker-metadata.js";
import { hostileRequest } from "../fuzz/hostile.js";

type Json = Readonly<Record<string, unknown>>;

const GROUPS = 10_000;
const SHARE = "/the/shares/account/share";

// Everything that a container may be made with, and what each part may be. What is not here is a hole.
const CONTAINER: Readonly<Record<string, (value: unknown) => boolean>> = {
  Image: isText,
  Entrypoint: isTexts,
  Cmd: (value) => Array.isArray(value) && value.length === 0,
  Env: isTexts,
  Hostname: (value) => value === "SandboxHost",
  Labels: (value) => Object.keys(value as object).every((name) => name.startsWith("aci-lifecycle.")),
  NetworkingConfig: (value) => endpointOf(value) === '{"Aliases":[],"IPAMConfig":{"LinkLocalIPs":[own]}}',
  ExposedPorts: (value) => Object.keys(value as object).every((name) => /^\d+\/(tcp|udp)$/.test(name)),
};
const HOST: Readonly<Record<string, (value: unknown) => boolean>> = {
  NetworkMode: (value) => value === "aci-lifecycle-session" || value === "none" || value === "container:infra",
  Mounts: (value) => (value as Json[]).every(isMount),
  CapDrop: (value) => JSON.stringify(value) === '["ALL"]',
  CapAdd: (value) => (value as string[]).every((name) => ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "SETFCAP", "NET_BIND_SERVICE", "SYS_CHROOT"].includes(name)),
  SecurityOpt: (value) => JSON.stringify(value) === '["no-new-privileges"]',
  PidsLimit: (value) => value === 4096,
  LogConfig: (value) => JSON.stringify(value).length < 200,
  RestartPolicy: (value) => JSON.stringify(value) === '{"Name":"no"}',
  Memory: isAmount,
  MemorySwap: isAmount,
  CpuPeriod: (value) => value === 100_000,
  CpuQuota: isAmount,
  PortBindings: (value) => (Object.values(value as Json).flat() as Json[]).every(({ HostIp, HostPort }) => /^127\./.test(String(HostIp)) && /^\d+$/.test(String(HostPort))),
  // Of this machine they learn the name, and by none of it is anything opened.
  ExtraHosts: (value) => JSON.stringify(value) === '["host.docker.internal:host-gateway"]',
};

describe(`the containers of ${GROUPS} generated groups`, () => {
  it("have only what the template allows", async () => {
    let state = 7;
    const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
    let made = 0;
    let containers = 0;
    for (let tries = 0; made < GROUPS && tries < 40 * GROUPS; tries++) {
      const body = bodyOf(hostileRequest(draw).body);
      if (body === undefined) continue;
      made++;
      for (const created of await createdFor(body)) {
        containers++;
        const { HostConfig, ...rest } = created;
        expectOnly(rest, CONTAINER);
        expectOnly(HostConfig as Json, HOST);
      }
    }
    expect(made).toBe(GROUPS);
    expect(containers).toBeGreaterThan(2 * GROUPS);
  }, 120_000);
});

describe("the containers that clone a repository", () => {
  it("have only what the template allows, and git takes nothing of the body for an option", async () => {
    const gitRepo = { repository: "https://example.org/r.git", directory: "a", revision: "main" };
    const body = readGroupBody({ location: "westeurope", properties: { osType: "Linux", containers: [{ name: "main", properties: { image: "x", resources: { requests: { cpu: 1, memoryInGB: 1 } } } }], volumes: [{ name: "code", gitRepo }] } });
    const git = (await createdFor(body)).filter(({ Image }) => Image === "git:1");
    for (const { HostConfig, ...rest } of git) {
      expectOnly(rest, { ...CONTAINER, Cmd: isTexts, WorkingDir: (value) => value === "/", NetworkingConfig: (value) => endpointOf(value) === '{"IPAMConfig":{"LinkLocalIPs":[own]}}' });
      expectOnly(HostConfig as Json, HOST);
      expect(rest["Env"]).toEqual(expect.arrayContaining(["GIT_ALLOW_PROTOCOL=https", "GIT_CONFIG_KEY_0=core.hooksPath", "GIT_CONFIG_VALUE_0=/dev/null"]));
    }
    expect(git.map(({ Entrypoint, Cmd }) => [...(Entrypoint as string[]), ...(Cmd as string[])].join(" "))).toEqual([
      "git clone --no-checkout -- https://example.org/r.git /repository/a",
      "git -C /repository/a checkout main --",
    ]);
  });
});

describe("the container that answers at 169.254.169.254", () => {
  it("has only what the template allows, and keeps no log of tokens", async () => {
    const created: Json[] = [];
    const client = {
      call: async (_method: string, path: string, { body }: DockerRequest = {}) => (path === "/containers/create" ? (created.push(body as Json), { Id: "relay" }) : {}),
      // Says that it listens, and ends.
      hijack: async () => Duplex.from(Readable.from([Buffer.from([1, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0])])),
    } as unknown as DockerClient;
    await new DockerMetadata(client, "aci-lifecycle-session", {}).serve();
    expect(created).toHaveLength(1);
    for (const { HostConfig, ...rest } of created) {
      const isTrue = (value: unknown): boolean => value === true;
      expectOnly(rest, { ...CONTAINER, AttachStdin: isTrue, AttachStdout: isTrue, OpenStdin: isTrue, StdinOnce: isTrue, NetworkingConfig: (value) => endpointOf(value) === '{"IPAMConfig":{"LinkLocalIPs":["169.254.169.254"]}}' });
      expectOnly(HostConfig as Json, { ...HOST, LogConfig: (value) => JSON.stringify(value) === '{"Type":"none"}' });
    }
  });
});

// A hostile body that the emulator would take, or nothing.
function bodyOf(text: string | undefined): GroupBody | undefined {
  try {
    const body = readGroupBody(JSON.parse(text ?? ""));
    checkGroup("g", body);
    return body;
  } catch {
    return undefined;
  }
}

// What the Docker engine would send for a group; no Docker is asked.
async function createdFor(body: GroupBody): Promise<Json[]> {
  const created: Json[] = [];
  const client = {
    call: async (_method: string, path: string, { body: sent }: DockerRequest = {}) => {
      if (path === "/containers/create") created.push(sent as Json);
      return path === "/containers/create" ? { Id: "infra" } : path === "/containers/json" ? [] : path === "/networks" ? [] : path === "/volumes" ? { Volumes: [] } : path.endsWith("/wait") ? { StatusCode: 0 } : { State: { StartedAt: new Date().toISOString(), FinishedAt: "", ExitCode: 0, OOMKilled: false } };
    },
    stream: async () => (async function* () {})(),
  } as unknown as DockerClient;
  const group = await DockerGroup.open({ client, labels: { "aci-lifecycle.session": "session" }, network: "aci-lifecycle-session", extraHosts: ["host.docker.internal:host-gateway"], isPodman: false, gitImage: "git:1", metadata: new DockerMetadata(client, "aci-lifecycle-session", {}) }, engineGroupSpec("id", "g", body, () => SHARE));
  for (const container of body.properties.containers) await group.start(engineContainerSpec(body.properties, container, 0, false));
  return created;
}

// The one endpoint on the session's network, without the group's name, and with `own` for an address that no service has.
function endpointOf(value: unknown): string | undefined {
  const [, endpoint] = /^\{"EndpointsConfig":\{"aci-lifecycle-session":(.*)\}\}$/.exec(JSON.stringify(value)) ?? [];
  return endpoint?.replace(/"[a-z0-9.-]+\.azurecontainer\.io"/, "").replace(/"169\.254\.(?:[1-9]|[1-9]\d|1[0-5]\d|16[0-8])\.\d+"/, "own");
}

function expectOnly(object: Json, allowed: Readonly<Record<string, (value: unknown) => boolean>>): void {
  for (const [name, value] of Object.entries(object)) {
    if (!(allowed[name]?.(value) ?? false)) expect.fail(`${name} may not be ${JSON.stringify(value)}`);
  }
}

function isMount({ Type, Source, Target, ReadOnly, ...rest }: Json): boolean {
  const isKnown = Type === "bind" ? Source === SHARE : Type === "volume" && /^id-[a-z0-9-]+$/.test(String(Source));
  return isKnown && isText(Target) && typeof ReadOnly === "boolean" && Object.keys(rest).every((name) => name === "VolumeOptions");
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isAmount(value: unknown): boolean {
  return typeof value === "number" && value > 0 && Number.isFinite(value);
}
