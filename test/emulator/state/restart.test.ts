import { readFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { scripted, startEmulator, VirtualClock, type ScriptedContainer } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, follow, groupBody, send, type ArmBody } from "../arm.js";
import { LastingEngine, Lives } from "./lasting-engine.js";

const images = {
  work: async (c: ScriptedContainer) => {
    c.print(`run ${c.run} with ${c.environment["SECRET"] ?? "no secret"}\n`);
    await c.sleep(60_000);
    return Number(c.environment["EXIT"] ?? 0);
  },
  serve: async (c: ScriptedContainer) => {
    await c.sleep(1e9);
    return 0;
  },
  stubborn: async () => stubborn(),
  probed: async (c: ScriptedContainer) => {
    c.answerProbes(() => {
      looks++;
      return true;
    });
    await c.sleep(1e9);
    return 0;
  },
};
let looks = 0;
// Takes no notice of being asked to end.
const stubborn = async (): Promise<number> => new Promise(() => undefined);
const exit = (code: number): object => ({ environmentVariables: [{ name: "EXIT", value: String(code) }] });

describe("an emulator with a state folder that is killed", () => {
  let engine: LastingEngine;
  let lives: Lives;
  beforeEach(async () => {
    engine = new LastingEngine(images);
    lives = new Lives(() => engine.connect(), { pace: { allocationInMs: 5_000, pullInMs: 1_000, startInMs: 2_000 } });
    await lives.begin();
  });
  afterEach(() => lives.end());

  const put = (name: string, body: unknown): ReturnType<typeof arm> => arm(lives.emulator, "PUT", `containerGroups/${name}`, { body });
  const get = async (name: string): Promise<ArmBody> => (await arm(lives.emulator, "GET", `containerGroups/${name}`)).body;
  const stateOf = async (name: string): Promise<unknown> => {
    const { properties } = await get(name);
    const view = properties.containers[0].properties.instanceView;
    return { provisioning: properties.provisioningState, group: properties.instanceView.state, container: view?.currentState.state, exitCode: view?.currentState.exitCode, restarts: view?.restartCount };
  };
  const meanwhile = (ms: number) => (): Promise<void> => engine.clock.advance(ms);
  // Time goes on, and what it has changed is written down.
  const advance = async (ms: number): Promise<void> => {
    await engine.clock.advance(ms);
    await arm(lives.emulator, "DELETE", "containerGroups/nobody");
  };

  it("answers afterwards what it answered before", async () => {
    const { subscriptionId } = lives.emulator.clientOptions;
    await arm(lives.emulator, "PUT", `/subscriptions/${subscriptionId}/resourceGroups/mine`, { body: { location: "westus", tags: { a: "b" } } });
    await arm(lives.emulator, "PUT", "containerGroupProfiles/p", { body: groupBody("serve") });
    await arm(lives.emulator, "PUT", "containerGroupProfiles/p", { body: groupBody("work") });
    const made = await put("g", { ...groupBody("work", { restartPolicy: "Always" }, { ...exit(3), ports: [{ port: 80 }] }), tags: { owner: "me" } });
    await put("stopped", groupBody("serve"));
    await put("ended", groupBody("work"));
    await put("waiting", groupBody("serve", { volumes: [{ name: "v", azureFile: { shareName: "none", storageAccountName: "acc", storageAccountKey: "a2V5" } }] }));
    await put("gone", groupBody("serve"));
    await advance(80_000);
    await arm(lives.emulator, "POST", "containerGroups/stopped/stop");
    await arm(lives.emulator, "PATCH", "containerGroups/ended", { body: { tags: { new: "tag" } } });
    await arm(lives.emulator, "DELETE", "containerGroups/gone");
    const token = lives.emulator.environment["ACI_EMULATOR_TOKEN"];
    const path = new URL(made.headers["azure-asyncoperation"] ?? "").pathname;
    const ask = async (): Promise<unknown[]> => {
      const paths = [...["g", "stopped", "ended", "waiting", "gone"].map((name) => `containerGroups/${name}`), "containerGroups", "containerGroupProfiles/p", "containerGroupProfiles/p/revisions", `/subscriptions/${subscriptionId}/resourceGroups`, path];
      const answers = [];
      for (const one of paths) answers.push((await arm(lives.emulator, "GET", one)).body);
      return answers;
    };
    const before = await ask();
    expect(before[0]).toMatchObject({ properties: { instanceView: { state: "Running" }, containers: [{ properties: { instanceView: { restartCount: 1, previousState: { exitCode: 3 } } } }] } });
    await lives.kill();
    expect(lives.emulator.environment["ACI_EMULATOR_TOKEN"]).toBe(token);
    const after = await ask();
    expect(after).toEqual(before.map((body, index) => (index === 3 ? (after[3] as object) : body)));
    expect(after[3]).toMatchObject({ properties: { provisioningState: "Pending", instanceView: { events: [{ name: "FailedMount" }] } } });
    // The same body is still the same.
    const again = await put("g", { ...groupBody("work", { restartPolicy: "Always" }, { ...exit(3), ports: [{ port: 80 }] }), tags: { owner: "me" } });
    expect([again.status, again.headers["azure-asyncoperation"]]).toEqual([200, undefined]);
  });

  it("has what it acknowledged in its file before it answers, for nobody else to read", async () => {
    for (const [method, path, body] of [["PUT", "containerGroups/g", groupBody("serve")], ["PATCH", "containerGroups/g", { tags: { late: "tag" } }], ["DELETE", "containerGroups/g", undefined]] as const) {
      await arm(lives.emulator, method, path, { body });
      const text = await readFile(join(lives.folder, "state.json"), "utf8");
      expect([text.includes('"name":"g"'), text.includes("late")]).toEqual([method !== "DELETE", method === "PATCH"]);
    }
    expect((await stat(join(lives.folder, "state.json"))).mode & 0o777).toBe(0o600);
  });

  it("keeps secrets in that file only, and tells them to nobody", async () => {
    const secrets = ["of-the-variable", "of-the-registry", "b2YtdGhlLWFjY291bnQ=", "b2YtdGhlLXZvbHVtZQ=="];
    const volumes = [{ name: "share", azureFile: { shareName: "books", storageAccountName: "acc", storageAccountKey: secrets[2] } }, { name: "secret", secret: { file: secrets[3] } }];
    const variables = [{ name: "EXIT", value: "1" }, { name: "SECRET", secureValue: secrets[0] }];
    await lives.emulator.share("acc", "books");
    await put("g", groupBody("work", { restartPolicy: "OnFailure", volumes, imageRegistryCredentials: [{ server: "registry.example", username: "me", password: secrets[1] }] }, { environmentVariables: variables }));
    await put("ended", groupBody("work", {}, { environmentVariables: variables }));
    await advance(80_000);
    await lives.kill();
    await lives.emulator.share("acc", "books");
    await advance(80_000);
    expect(await stateOf("g")).toMatchObject({ container: "Running", restarts: 2 });
    const has = (text: string): boolean[] => secrets.map((secret) => text.includes(secret));
    const told = [lives.emulator.banner, lives.emulator.groups(), lives.emulator.requests, ...(await Promise.all(["containerGroups/g", "containerGroups/ended", "containerGroups", "/emulator/state"].map(async (path) => (await arm(lives.emulator, "GET", path)).body)))];
    expect(has(JSON.stringify(told))).toEqual([false, false, false, false]);
    await lives.emulator.close();
    for (const name of await readdir(lives.folder, { recursive: true })) {
      const path = join(lives.folder, name);
      if ((await stat(path)).isFile()) expect([name, has(await readFile(path, "utf8"))]).toEqual([name, has(name === "state.json" ? secrets.join(" ") : "")]);
    }
    await lives.begin(lives.folder);
    await arm(lives.emulator, "DELETE", "containerGroups/g");
    await arm(lives.emulator, "DELETE", "containerGroups/ended");
    expect(has(await readFile(join(lives.folder, "state.json"), "utf8"))).toEqual([false, false, false, false]);
  });

  it("goes on watching a container that runs, which keeps its secrets and its output", async () => {
    await put("g", groupBody("work", { restartPolicy: "OnFailure" }, { environmentVariables: [{ name: "EXIT", value: "1" }, { name: "SECRET", secureValue: "hush" }] }));
    await advance(10_000);
    await lives.kill(meanwhile(20_000));
    expect(await stateOf("g")).toMatchObject({ group: "Running", container: "Running", restarts: 0 });
    expect((await arm(lives.emulator, "GET", "containerGroups/g/containers/main/logs")).body.content).toBe("run 0 with hush\n");
    await advance(55_000);
    expect(await stateOf("g")).toMatchObject({ container: "Running", restarts: 1 });
    expect((await arm(lives.emulator, "GET", "containerGroups/g/containers/main/logs")).body.content).toBe("run 1 with hush\n");
    expect(JSON.stringify(await get("g"))).not.toContain("hush");
    expect(engine.starts.map(({ run }) => run)).toEqual([0, 1]);
  });

  it("tells by its first answer what ended meanwhile, and when", async () => {
    await put("never", groupBody("work", {}, exit(7)));
    await put("always", groupBody("work", { restartPolicy: "Always" }, exit(7)));
    await advance(10_000);
    const finishedAt = new Date(engine.clock.now() + 58_000).toISOString().replace(".000", "");
    await lives.kill(meanwhile(3_600_000));
    expect(await stateOf("never")).toEqual({ provisioning: "Succeeded", group: "Failed", container: "Terminated", exitCode: 7, restarts: 0 });
    expect((await get("never")).properties.containers[0].properties.instanceView?.currentState).toMatchObject({ finishTime: finishedAt, detailStatus: "Error" });
    expect(await stateOf("always")).toMatchObject({ group: "Running", container: "Waiting" });
    await advance(10_000);
    expect(await stateOf("always")).toMatchObject({ container: "Running", restarts: 1 });
  });

  it("waits on in the middle of a back-off, and doubles the next", async () => {
    await put("g", groupBody("work", { restartPolicy: "Always" }, exit(1)));
    await advance(8_000 + 60_000 + 4_000);
    await lives.kill(meanwhile(2_000));
    expect(await stateOf("g")).toMatchObject({ container: "Waiting" });
    await advance(3_999);
    expect(engine.starts).toHaveLength(1);
    await advance(1);
    expect(engine.starts).toHaveLength(2);
    await advance(60_000 + 19_999);
    expect(engine.starts).toHaveLength(2);
    await advance(1);
    expect(engine.starts).toHaveLength(3);
  });

  it("finds a container that was started after the last word about it, and does not start it twice", async () => {
    await put("g", groupBody("work", { restartPolicy: "Always" }, exit(1)));
    await advance(7_000);
    const early = await lives.atThisMoment();
    await advance(3_000);
    await lives.kill(meanwhile(0), early);
    expect(await stateOf("g")).toEqual({ provisioning: "Succeeded", group: "Running", container: "Running", exitCode: undefined, restarts: 0 });
    await advance(58_000 + 1_000);
    const waiting = await lives.atThisMoment();
    await advance(10_000);
    await lives.kill(meanwhile(0), waiting);
    expect(await stateOf("g")).toMatchObject({ container: "Running", restarts: 1 });
    expect(engine.starts.map(({ run }) => run)).toEqual([0, 1]);
  });

  it.each([1_000, 5_500, 7_000, 9_000, 70_000, 75_500, 130_000, 140_000])("carries on with provisioning %i ms after its begin, and starts nothing twice", async (at) => {
    const init = (name: string): object => ({ name, properties: { image: "work" } });
    const made = await put("g", groupBody("work", { initContainers: [init("one"), init("two")] }));
    await advance(at);
    await lives.kill();
    await advance(200_000 - at);
    expect(await stateOf("g")).toMatchObject({ provisioning: "Succeeded", group: "Succeeded", exitCode: 0 });
    expect(engine.starts.map(({ name }) => name)).toEqual(["one", "two", "main"]);
    const url = new URL(made.headers["azure-asyncoperation"] ?? "");
    expect((await follow(lives.emulator, `${lives.emulator.endpoint}${url.pathname}${url.search}`)).body.status).toBe("Succeeded");
  });

  describe("and whose groups have lost a share", () => {
    const shared = { volumes: [{ name: "v", azureFile: { shareName: "books", storageAccountName: "acc", storageAccountKey: "a2V5" } }] };
    beforeEach(() => lives.emulator.share("acc", "books"));

    it("goes on watching their containers, and removes them", async () => {
      await put("g", groupBody("work", shared, exit(3)));
      await put("deleted", groupBody("serve", shared));
      await advance(10_000);
      await lives.kill();
      expect([await stateOf("g"), await stateOf("deleted")]).toMatchObject([{ container: "Running" }, { container: "Running" }]);
      await advance(60_000);
      expect(await stateOf("g")).toMatchObject({ container: "Terminated", exitCode: 3, restarts: 0 });
      for (const name of ["g", "deleted"]) expect((await arm(lives.emulator, "DELETE", `containerGroups/${name}`)).status).toBe(200);
      await advance(60_000);
      expect(engine.left.size).toBe(0);
    });

    it("makes those anew once the share is there of which nothing has run", async () => {
      await put("g", groupBody("work", shared));
      await advance(5_500);
      expect([engine.left.size, engine.starts.length]).toEqual([1, 0]);
      await lives.kill();
      expect(engine.left.size).toBe(0);
      await lives.emulator.share("acc", "books");
      await advance(80_000);
      expect(await stateOf("g")).toMatchObject({ container: "Terminated", exitCode: 0, restarts: 0 });
    });
  });

  it("removes what it could not take over", async () => {
    await put("g", groupBody("serve"));
    await advance(10_000);
    engine.isDown = true;
    await lives.kill();
    expect((await get("g")).properties.instanceView.events.at(-1)?.message).toBe("The engine does not answer");
    engine.isDown = false;
    await arm(lives.emulator, "DELETE", "containerGroups/g");
    await advance(10_000);
    expect(engine.left.size).toBe(0);
  });

  it("tells a container that somebody removed as killed, and leaves the rest to the restart policy", async () => {
    await put("g", groupBody("serve", { restartPolicy: "OnFailure" }));
    await advance(10_000);
    await lives.kill(async () => engine.runOf("main")?.run.remove());
    expect((await get("g")).properties.containers[0].properties.instanceView).toMatchObject({ currentState: { state: "Waiting" }, previousState: { exitCode: 137, detailStatus: "Error" } });
    await advance(10_000);
    expect(await stateOf("g")).toMatchObject({ container: "Running", restarts: 1 });
  });

  it("finishes a delete and a stop that were under way, and starts the stopped group again", async () => {
    await put("deleted", groupBody("stubborn"));
    await put("stopped", groupBody("stubborn"));
    await advance(10_000);
    await arm(lives.emulator, "DELETE", "containerGroups/deleted");
    await arm(lives.emulator, "POST", "containerGroups/stopped/stop");
    expect(engine.left.size).toBe(2);
    await lives.kill();
    expect(engine.left.size).toBe(0);
    expect((await arm(lives.emulator, "GET", "containerGroups/deleted")).status).toBe(404);
    expect(await stateOf("stopped")).toMatchObject({ group: "Stopped", container: undefined });
    expect((await arm(lives.emulator, "POST", "containerGroups/stopped/start")).status).toBe(202);
    await advance(10_000);
    expect(await stateOf("stopped")).toMatchObject({ group: "Running", container: "Running", restarts: 0 });
  });

  it("restarts a group whose restart had just begun", async () => {
    await put("g", groupBody("stubborn"));
    await advance(10_000);
    await arm(lives.emulator, "POST", "containerGroups/g/restart");
    await lives.kill();
    expect(await stateOf("g")).toMatchObject({ provisioning: "Updating", container: undefined });
    await advance(10_000);
    expect(await stateOf("g")).toMatchObject({ provisioning: "Succeeded", container: "Running", restarts: 0 });
    expect(engine.left.size).toBe(1);
  });

  it("writes down how a container ended before the engine forgets it", async () => {
    const known: boolean[] = [];
    engine.onRemove = () => known.push(readFileSync(join(lives.folder, "state.json"), "utf8").includes('"exitCode":6'));
    await put("g", groupBody("work", { restartPolicy: "Always" }, exit(6)));
    await advance(80_000);
    expect(known).toEqual([true]);
  });

  it("leaves a container running that was being started when it was closed", async () => {
    let release = (): void => undefined;
    engine.hold = new Promise((resolve) => (release = resolve));
    await put("g", groupBody("work"));
    await advance(10_000);
    const { folder } = lives;
    await lives.emulator.close();
    release();
    await engine.clock.advance(1_000);
    await lives.begin(folder);
    expect(await stateOf("g")).toMatchObject({ provisioning: "Succeeded", container: "Running" });
    await advance(60_000);
    expect(await stateOf("g")).toMatchObject({ container: "Terminated", exitCode: 0 });
    expect(engine.starts).toHaveLength(1);
  });

  it("asks the probes of a container that runs on only while there is an emulator", async () => {
    await put("g", groupBody("probed", {}, { livenessProbe: { exec: { command: ["look"] }, periodSeconds: 10 } }));
    await advance(60_000);
    await lives.emulator.close();
    const atTheEnd = looks;
    expect(atTheEnd).toBeGreaterThan(3);
    await engine.clock.advance(60_000);
    expect(looks).toBe(atTheEnd);
    await lives.begin(lives.folder);
    await engine.clock.advance(60_000);
    expect(looks).toBeGreaterThan(atTheEnd + 3);
  });

  it("knows the secret by which a container that runs on gets tokens of its group's identity", async () => {
    await put("g", { ...groupBody("serve"), identity: { type: "SystemAssigned" } });
    await put("other", { ...groupBody("serve"), identity: { type: "SystemAssigned" } });
    await advance(10_000);
    const secrets = engine.starts.map(({ environment }) => environment["IDENTITY_HEADER"] ?? "");
    expect(new Set(secrets).size).toBe(2);
    await lives.kill();
    const ask = (secret = ""): ReturnType<typeof send> => send(`${lives.emulator.endpoint}/emulator/identity/token?resource=x`, "GET", { "x-identity-header": secret }, undefined);
    expect((await ask(secrets[0])).status).toBe(200);
    await arm(lives.emulator, "DELETE", "containerGroups/g");
    await engine.clock.advance(10_000);
    expect([(await ask(secrets[0])).status, (await ask(secrets[1])).status]).toEqual([401, 200]);
  });

  it("leaves containers running when it is closed, and removes them when it is reset", async () => {
    await put("g", groupBody("serve"));
    await advance(10_000);
    await lives.emulator.close();
    expect(engine.left.size).toBe(1);
    await lives.begin(lives.folder);
    expect(await stateOf("g")).toMatchObject({ container: "Running" });
    await lives.emulator.reset();
    expect(engine.left.size).toBe(0);
    await lives.kill();
    expect([lives.emulator.groups(), engine.left.size]).toEqual([[], 0]);
  });
});

describe("a state folder with scripted containers", () => {
  it("tells those that ran as killed, since functions end with the program, and starts them by policy", async () => {
    const clock = new VirtualClock();
    const lives = new Lives(() => ({ engine: scripted(images, { clock }), cut: () => undefined }));
    await lives.begin();
    try {
      await arm(lives.emulator, "PUT", "containerGroups/never", { body: groupBody("serve") });
      await arm(lives.emulator, "PUT", "containerGroups/always", { body: groupBody("serve", { restartPolicy: "Always" }) });
      await clock.advance(1_000);
      await arm(lives.emulator, "DELETE", "containerGroups/nobody");
      await lives.kill();
      const codes = lives.emulator.groups().map(({ name, state, containers }) => [name, state, containers[0]?.exitCode]);
      expect(codes).toEqual([["never", "Failed", 137], ["always", "Running", undefined]]);
      expect((await arm(lives.emulator, "GET", "containerGroups/never/containers/main/logs")).body.error.code).toBe("ContainerLogNotAvailable");
      await clock.advance(10_000);
      expect(lives.emulator.groups()[1]?.containers[0]).toMatchObject({ state: "Running", restartCount: 1 });
      const { folder } = lives;
      await lives.emulator.close();
      await expect(startEmulator({ engine: scripted(images, { clock: new VirtualClock() }), stateFolder: folder })).rejects.toThrow(/clock has not reached.*new VirtualClock\(/);
    } finally {
      await lives.end();
    }
  });
});
