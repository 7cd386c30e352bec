import { scripted, startEmulator } from "aci-lifecycle/emulator";
import { afterEach, describe, expect, it, vi } from "vitest";
import { chooseEngine } from "../../../src/emulator/engines/choose-engine.js";

vi.mock("../../../src/emulator/engines/docker/api/find-docker-socket.js", () => ({ findDockerSocket: () => Promise.resolve(sockets.docker) }));
const sockets: { docker: string | undefined } = { docker: undefined };

describe("chooseEngine", () => {
  afterEach(() => {
    sockets.docker = undefined;
  });

  it("takes docker for auto where its socket answers, and says so", async () => {
    sockets.docker = "/run/docker.sock";
    expect(await chooseEngine("auto")).toMatchObject({ engine: { name: "docker" }, reason: "a Docker-compatible socket answers at /run/docker.sock" });
  });

  it("never falls to plain processes: it names the choices instead", async () => {
    await expect(startEmulator()).rejects.toThrow(/Start Docker or Podman.*engine: "process".*without isolation/);
    await expect(startEmulator({ engine: "docker" })).rejects.toThrow(/No container engine answers/);
  });

  it("takes processes by name, and an engine as it is", async () => {
    expect(await chooseEngine("process")).toMatchObject({ engine: { name: "process" }, reason: "it was asked for by name" });
    const engine = scripted({});
    expect((await chooseEngine(engine)).engine).toBe(engine);
  });
});
