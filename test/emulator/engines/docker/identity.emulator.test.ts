import { startEmulator, type Emulator, type Engine } from "aci-lifecycle/emulator";
import { AciClient, runContainerJob, type ContainerJobSpec } from "aci-lifecycle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerClient } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../../../src/emulator/engines/docker/api/find-docker-socket.js";
import { dockerEngine } from "../../../../src/emulator/engines/docker/docker-engine.js";
import { arm, groupBody, send, type ArmBody } from "../../arm.js";
import { IMAGE, isPodmanHere, sh } from "../../../real/engines.js";

const TOKEN_URL = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/";
const ASSIGNED = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/worker";
const ask = (url = TOKEN_URL): string => `wget -q -O- --header 'Metadata: true' '${url}'`;

interface Told {
  readonly identity: { readonly principalId?: string; readonly userAssignedIdentities?: Readonly<Record<string, { readonly principalId: string; readonly clientId: string }>> };
}
type Claims = Readonly<Record<"aud" | "oid" | "appid", string>>;

const IS_PODMAN = await isPodmanHere();
let emulator: Emulator;
let session = "";
beforeAll(async () => {
  const inner = dockerEngine({ socketPath: (await findDockerSocket()) ?? "" });
  const engine: Engine = { ...inner, open: (opened) => ((session = opened.id), inner.open(opened)) };
  emulator = await startEmulator({ engine, stopGraceInMs: 500 });
});
afterAll(() => emulator.close());

// Runs a script in a group and answers what it has printed, and the group as it was told at the end.
async function run(name: string, script: string, identity: object | undefined, properties: object = {}): Promise<{ log: string; told: ArmBody & Told }> {
  const body = { ...groupBody(IMAGE, properties, { command: ["/bin/sh", "-c", `${script}; echo; echo END; sleep 600`] }), ...(identity === undefined ? {} : { identity }) };
  expect((await arm(emulator, "PUT", `containerGroups/${name}`, { body })).status).toBe(201);
  for (;;) {
    // There is none as long as the container waits.
    const { content: log = "" } = (await arm(emulator, "GET", `containerGroups/${name}/containers/main/logs`)).body as { readonly content?: string };
    if (log.includes("END")) return { log, told: (await arm(emulator, "GET", `containerGroups/${name}`)).body as ArmBody & Told };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function claimsOf(log: string): { token: string; claims: Claims; body: Readonly<Record<string, string>> } {
  const body = JSON.parse(/\{.*\}/.exec(log)?.[0] ?? "{}") as Record<string, string>;
  const token = body["access_token"] ?? "";
  return { token, body, claims: JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims };
}

describe.runIf(IS_PODMAN)("the identity of a group on Podman", () => {
  it.each([
    ["in a network that it shares", "shares", { restartPolicy: "Always" }],
    ["as its only container", "alone", { restartPolicy: "Never" }],
  ])("gives a container %s no tokens, and an event says so", async (_how, name, properties) => {
    const { log, told } = await run(name, `env | grep IDENTITY_ENDPOINT; timeout 2 ${ask()}; echo "code $?"`, { type: "SystemAssigned" }, properties);
    expect(log).not.toMatch(/access_token|IDENTITY_ENDPOINT/);
    expect(log).not.toMatch(/^code 0$/m);
    expect(told.identity.principalId).toMatch(/^[0-9a-f-]{36}$/);
    expect(told.properties.instanceView.events.filter((event) => event.name === "IdentityNotServed")).toMatchObject([{ type: "Warning", count: 1, message: expect.stringContaining("Podman") as string }]);
    await arm(emulator, "DELETE", `containerGroups/${name}`);
  });
});

describe.skipIf(IS_PODMAN)("the identity of a group on Docker", () => {
  it.each([
    ["in a network that it shares", "shares", { restartPolicy: "Always" }],
    ["as its only container", "alone", { restartPolicy: "Never" }],
  ])("is had by a container %s, and its token is taken by ARM", async (_how, name, properties) => {
    const { log, told } = await run(name, `env; ${ask()}`, { type: "SystemAssigned" }, properties);
    const { token, claims, body } = claimsOf(log);
    expect(claims).toMatchObject({ aud: "https://management.azure.com/", oid: told.identity.principalId });
    expect(body).toMatchObject({ token_type: "Bearer", resource: "https://management.azure.com/", expires_in: expect.stringMatching(/^\d+$/) as string, expires_on: expect.stringMatching(/^\d+$/) as string });
    const used = await send(`${emulator.endpoint}/subscriptions?api-version=2022-12-01`, "GET", { authorization: `Bearer ${token}` }, undefined);
    expect(used.status).toBe(200);
    expect(log).toContain("IDENTITY_API_VERSION=2020-05-01\n");
    expect(log).toMatch(/^IDENTITY_SERVER_THUMBPRINT=[0-9a-f]{40}$/m);
    expect(log).not.toContain("IDENTITY_ENDPOINT");
    const secret = /^IDENTITY_HEADER=([0-9a-f]{64})$/m.exec(log)?.[1] ?? "";
    expect(secret).not.toBe("");
    expect(JSON.stringify([told, emulator.requests, emulator.groups()])).not.toContain(secret);
    await arm(emulator, "DELETE", `containerGroups/${name}`);
  });

  it("is the one that is named, by its client, its principal or its resource", async () => {
    const { log: first, told } = await run("assigned", [ask(), "echo", ask(`${TOKEN_URL}&mi_res_id=${ASSIGNED}`)].join("; "), { type: "UserAssigned", userAssignedIdentities: { [ASSIGNED]: {} } });
    const { clientId = "", principalId = "" } = told.identity.userAssignedIdentities?.[ASSIGNED] ?? {};
    for (const line of first.split("\n").slice(0, 2)) expect(claimsOf(line).claims).toMatchObject({ appid: clientId, oid: principalId });
    const { log } = await run("both", [ask(`${TOKEN_URL}&client_id=${clientId}`), "echo", ask(`${TOKEN_URL}&principalId=${principalId}`), "echo", ask()].join("; "), { type: "SystemAssigned, UserAssigned", userAssignedIdentities: { [ASSIGNED]: {} } });
    expect(log.split("\n").slice(0, 3).map((line) => claimsOf(line).claims.oid === principalId)).toEqual([true, true, false]);
    await Promise.all(["assigned", "both"].map((name) => arm(emulator, "DELETE", `containerGroups/${name}`)));
  });

  it("is refused in the service's words, and leaves port 80 to the group's own server", async () => {
    const raw = (target: string, header: string, host = "169.254.169.254"): string => `printf 'GET ${target} HTTP/1.1\\r\\nHost: ${host}\\r\\n${header}\\r\\n\\r\\n' | nc 169.254.169.254 80; echo`;
    const path = "/metadata/identity/oauth2/token?api-version=2018-02-01";
    const script = [
      "mkdir /www; echo page > /www/index.html; httpd -p 80 -h /www; wget -qO- http://127.0.0.1/index.html",
      raw(`${path}&resource=x`, "Other: true"),
      raw(path, "Metadata: true"),
      raw(`${path}&resource=x&client_id=11111111-1111-1111-1111-111111111111`, "Metadata: true"),
      raw(`${path}&resource=x`, "Metadata: true", "metadata.example"),
      raw(`${path}&resource=x`, "Metadata: true\\r\\nX-Forwarded-For: 10.0.0.1"),
      raw("/metadata/instance?api-version=2021-02-01", "Metadata: true"),
      raw("/subscriptions?api-version=2022-12-01", "Metadata: true"),
    ].join("; ");
    const { log } = await run("asks", script, { type: "SystemAssigned" });
    expect(log).toMatch(/^page\n/);
    expect(log.match(/^HTTP\/1\.1 \d+/gm)).toEqual([400, 400, 400, 400, 400, 404, 404].map((status) => `HTTP/1.1 ${status}`));
    expect([...log.matchAll(/"error_description":"([^"]*)"/g)].map(([, told]) => told)).toEqual([
      "Required metadata header not specified",
      "Required audience parameter not specified",
      "Identity not found",
      "Invalid hostname",
      "Required metadata header not specified",
    ]);
    await arm(emulator, "DELETE", "containerGroups/asks");
  });

  it("comes back for the next group when what answers has died, and is not held up by a connection that says nothing", async () => {
    await run("before", "true", { type: "SystemAssigned" });
    const docker = new DockerClient((await findDockerSocket()) ?? "");
    const query = { filters: { label: ["aci-lifecycle.role=metadata", `aci-lifecycle.session=${session}`] } };
    const relays = await docker.call<{ Id: string }[]>("GET", "/containers/json", { query });
    expect(relays).toHaveLength(1);
    await docker.call("DELETE", `/containers/${relays[0]?.Id ?? ""}`, { query: { force: 1 } });
    const { log } = await run("again", `(sleep 60 | nc 169.254.169.254 80) & sleep 0.2; ${ask()}`, { type: "SystemAssigned" });
    expect(log).toContain("access_token");
    await Promise.all(["before", "again"].map((name) => arm(emulator, "DELETE", `containerGroups/${name}`)));
  });

  it("outlives what a container asks for, and comes back by itself for the groups that are there", async () => {
    const loop = `while :; do timeout 2 ${ask()} >/dev/null 2>&1 && echo token; sleep 0.2; done`;
    // The longest head that is taken: an answer to it would be several times as long.
    const long = `wget -q -O- --header 'Metadata: true' "${TOKEN_URL}$(yes %01 | head -n 5000 | tr -d '\\n')" 2>&1`;
    await run("stays", `${long}; (${loop}) & true`, { type: "SystemAssigned" });
    const log = async (): Promise<string> => (await arm(emulator, "GET", "containerGroups/stays/containers/main/logs")).body.content;
    const tokens = async (): Promise<number> => (await log()).split("token").length;
    const more = async (): Promise<void> => {
      for (const had = await tokens(); (await tokens()) <= had; ) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await more();
    expect(await log()).toContain("400 Bad Request");
    const docker = new DockerClient((await findDockerSocket()) ?? "");
    const query = { all: 1, filters: { label: ["aci-lifecycle.role=metadata", `aci-lifecycle.session=${session}`] } };
    const relays = async (): Promise<string[]> => (await docker.call<{ Id: string }[]>("GET", "/containers/json", { query })).map(({ Id }) => Id);
    const [killed = ""] = await relays();
    await docker.call("POST", `/containers/${killed}/kill`);
    // Only one is left, and it is another.
    for (let left = [killed]; left.includes(killed) || left.length !== 1; left = await relays()) await new Promise((resolve) => setTimeout(resolve, 50));
    await more();
    await arm(emulator, "DELETE", "containerGroups/stays");
  });

  it("is of no use to a group without one, which reaches nothing at the address", async () => {
    const client = new AciClient(emulator.clientOptions);
    const job: ContainerJobSpec = { ...sh(`${ask()} 2>&1; echo "code $?"; ip route get 169.254.169.254; env | grep IDENTITY`) };
    const { logs } = await runContainerJob(client, job, { reject: false });
    expect(logs).not.toContain("access_token");
    expect(logs).toMatch(/^code 1$/m);
    // It does not even leave the network of the groups.
    expect(logs).toMatch(/^169\.254\.169\.254 dev /m);
    expect(logs).not.toMatch(/via/);
    expect(logs).not.toContain("IDENTITY_");
    // The same before anybody has an identity, when nobody has the address.
    await using fresh = await startEmulator({ engine: "docker" });
    const alone = await runContainerJob(new AciClient(fresh.clientOptions), { ...job }, { reject: false });
    expect(alone.logs).toMatch(/^code 1$/m);
    expect(alone.logs).not.toMatch(/access_token|via/);
  });
});
