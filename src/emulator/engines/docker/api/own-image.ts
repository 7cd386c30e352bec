import { DockerError, type DockerClient } from "./docker-client.js";
import { tar } from "./tar.js";

// Makes sure of an image that has one program and nothing else, made here, so that nothing has to be fetched for it.
export async function ensureImage(client: DockerClient, image: string, name: string, programFor: (architecture: string) => Buffer | undefined): Promise<void> {
  try {
    await client.call("GET", `/images/${image}/json`);
    return;
  } catch (error) {
    if (!(error instanceof DockerError) || error.status !== 404) throw error;
  }
  const { Architecture } = await client.call<{ Architecture: string }>("GET", "/info");
  // Podman has Go's names for them.
  const program = programFor({ amd64: "x86_64", arm64: "aarch64" }[Architecture] ?? Architecture);
  if (program === undefined) throw new Error(`The Docker engine has the architecture ${Architecture}; x86_64 and aarch64 are served`);
  const body = tar([{ name, mode: 0o755, data: program }]);
  await client.call("POST", "/images/create", { query: { fromSrc: "-", repo: image, changes: `ENTRYPOINT ["/${name}"]` }, body });
}
