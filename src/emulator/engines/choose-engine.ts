import type { Engine } from "../engine.js";
import { processEngine } from "./process/process-engine.js";

/** The engine that was asked for, and why it is this one. */
export async function chooseEngine(choice: "auto" | "docker" | "process" | Engine, gitImage?: string): Promise<{ readonly engine: Engine; readonly reason: string }> {
  if (typeof choice === "object") return { engine: choice, reason: "it was given" };
  if (choice === "process") return { engine: processEngine(), reason: "it was asked for by name" };
  const { findDockerSocket } = await import("./docker/api/find-docker-socket.js");
  const socketPath = await findDockerSocket();
  if (socketPath === undefined) {
    throw new Error(
      'No container engine answers, so the emulator cannot run containers. Start Docker or Podman (or point DOCKER_HOST at a socket), or ask for another engine: `engine: "process"` runs commands as plain processes of this machine, without isolation; `engine: scripted({ … })` runs functions of a test.',
    );
  }
  const { dockerEngine } = await import("./docker/docker-engine.js");
  return { engine: dockerEngine({ socketPath, gitImage }), reason: `a Docker-compatible socket answers at ${socketPath}` };
}
