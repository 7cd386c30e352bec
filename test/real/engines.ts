import { afterAll, beforeAll, expect } from "vitest";
import { AciClient } from "aci-lifecycle";
import { startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { DockerClient } from "../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../src/emulator/engines/docker/api/find-docker-socket.js";

/** The engines that this machine is to be tested with. The runner of the tests says what it leaves out. */
export const ENGINES: readonly ("docker" | "process")[] = (["process", "docker"] as const).filter((engine) => process.env[`ACI_TEST_${engine.toUpperCase()}`] !== "no");
/** A local image with a shell; to the process engine it is only a label. */
export const IMAGE = "aci-lifecycle-test/busybox:1";

export const sh = (script: string): { image: string; command: string[] } => ({ image: IMAGE, command: ["/bin/sh", "-c", script] });

export interface Real {
  readonly emulator: Emulator;
  readonly client: AciClient;
}

export async function startReal(engine: "docker" | "process"): Promise<Real> {
  const emulator = await startEmulator({ engine, stopGraceInMs: 2000 });
  return { emulator, client: new AciClient(emulator.clientOptions) };
}

/** An emulator for the tests of one `describe`, which leave no group in it. It is there once they run. */
export function realFor(engine: "docker" | "process"): Real {
  const real: { emulator?: Emulator; client?: AciClient } = {};
  beforeAll(async () => void Object.assign(real, await startReal(engine)));
  afterAll(async () => {
    expect(real.emulator?.groups()).toEqual([]);
    await real.emulator?.close();
  });
  return real as Real;
}

/** Whether what answers at Docker's socket is Podman. */
export async function isPodmanHere(): Promise<boolean> {
  const socketPath = await findDockerSocket();
  return socketPath !== undefined && JSON.stringify(await new DockerClient(socketPath).call("GET", "/version")).includes("Podman");
}
