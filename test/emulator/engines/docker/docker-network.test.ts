import { describe, expect, it } from "vitest";
import type { DockerClient } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { extraHosts } from "../../../../src/emulator/engines/docker/docker-network.js";

const withBridges = (...names: readonly string[]): DockerClient => ({ call: async () => names.map((Name) => ({ Name })) }) as unknown as DockerClient;

describe("extraHosts", () => {
  it("names this machine where Docker has a bridge of its own, for whose address it asks", async () => {
    expect(await extraHosts(withBridges("aci-lifecycle-1", "bridge"), false)).toEqual(["host.docker.internal:host-gateway"]);
  });

  it("asks for nothing that would keep containers from starting: without that bridge, and on Podman, which has a name of its own", async () => {
    expect(await extraHosts(withBridges("aci-lifecycle-1"), false)).toEqual([]);
    expect(await extraHosts(withBridges("bridge"), true)).toEqual([]);
  });
});
