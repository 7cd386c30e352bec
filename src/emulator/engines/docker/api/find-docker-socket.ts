import http from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

const ANSWERS_WITHIN_IN_MS = 2000;

/** The first socket at which a Docker-compatible engine answers: DOCKER_HOST's, Docker's, Docker Desktop's, Podman's. */
export async function findDockerSocket(): Promise<string | undefined> {
  const { DOCKER_HOST, XDG_RUNTIME_DIR } = process.env;
  const runtime = XDG_RUNTIME_DIR === undefined ? [] : [join(XDG_RUNTIME_DIR, "docker.sock"), join(XDG_RUNTIME_DIR, "podman", "podman.sock")];
  const usual = ["/var/run/docker.sock", join(homedir(), ".docker", "run", "docker.sock"), ...runtime, "/run/podman/podman.sock"];
  const candidates = DOCKER_HOST === undefined ? usual : DOCKER_HOST.startsWith("unix://") ? [DOCKER_HOST.slice("unix://".length)] : [];
  for (const socketPath of candidates) if (await answers(socketPath)) return socketPath;
  return undefined;
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: "/_ping", agent: false, timeout: ANSWERS_WITHIN_IN_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
    request.once("timeout", () => request.destroy());
  });
}
