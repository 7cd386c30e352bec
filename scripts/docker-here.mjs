// Tells whether a Docker-compatible engine answers on this machine, and whether it has an image.
import { existsSync } from "node:fs";
import http from "node:http";

export const PODMAN_SOCKET = "/run/podman/podman.sock";
const PULL_LIMIT_IN_MS = 20_000;

export async function isDockerHere() {
  return (await findSocket()) !== undefined;
}

// True if the image is there or could be pulled.
export async function pullImage(image) {
  const socketPath = await findSocket();
  if (socketPath === undefined) return false;
  if ((await ask(socketPath, "GET", `/images/${image}/json`, 5000)) === 200) return true;
  const [name, tag = "latest"] = image.split(":");
  await ask(socketPath, "POST", `/images/create?fromImage=${encodeURIComponent(name)}&tag=${tag}`, PULL_LIMIT_IN_MS);
  return (await ask(socketPath, "GET", `/images/${image}/json`, 5000)) === 200;
}

async function findSocket() {
  const fromEnvironment = process.env.DOCKER_HOST?.startsWith("unix://") ? [process.env.DOCKER_HOST.slice("unix://".length)] : [];
  for (const socketPath of [...fromEnvironment, "/var/run/docker.sock", PODMAN_SOCKET]) if (await answersAt(socketPath)) return socketPath;
  return undefined;
}

// True if an engine answers at the socket.
export async function answersAt(socketPath) {
  return existsSync(socketPath) && (await ask(socketPath, "GET", "/_ping", 2000)) === 200;
}

function ask(socketPath, method, path, timeout) {
  return new Promise((resolve) => {
    const request = http.request({ socketPath, method, path, timeout }, (response) => {
      response.resume();
      response.on("close", () => resolve(response.statusCode));
    });
    request.on("error", () => resolve(undefined));
    request.on("timeout", () => request.destroy());
    request.end();
  });
}
