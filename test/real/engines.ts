import { startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { AciClient } from "aci-lifecycle";
import { DockerClient } from "../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../src/emulator/engines/docker/api/find-docker-socket.js";

/** The engines that this machine is to be tested with. The runner of the tests says what it leaves out. */
export const ENGINES: readonly ("docker" | "process")[] = (["process", "docker"] as const).filter((engine) => process.env[`ACI_TEST_${engine.toUpperCase()}`] !== "no");
/** A local image with a shell; to the process engine it is only a label. */
export const IMAGE = "aci-lifecycle-test/busybox:1";

export const sh = (script: string): { image: string; command: string[] } => ({ image: IMAGE, command: ["/bin/sh", "-c", script] });

export async function startReal(engine: "docker" | "process"): Promise<{ emulator: Emulator; client: AciClient }> {
  const emulator = await startEmulator({ engine, stopGraceInMs: 2000 });
  return { emulator, client: new AciClient(emulator.clientOptions) };
}

/** Whether what answers at Docker's socket is Podman. */
export async function isPodmanHere(): Promise<boolean> {
  const socketPath = await findDockerSocket();
  return socketPath !== undefined && JSON.stringify(await new DockerClient(socketPath).call("GET", "/version")).includes("Podman");
}
