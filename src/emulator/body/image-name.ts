// The grammar of a reference to an image, as registries have it: [host[:port]/]path[:tag][@digest].
const PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const HOST_PART = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const REFERENCE = new RegExp(`^(?:${HOST}/)?(${PART}(?:/${PART})*)(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`);
const LONGEST_NAME = 255;
const LONGEST = 1024;
const DOCKER_HUB = "index.docker.io";

/** Whether an image can have this name at all. */
export function isImageName(image: string): boolean {
  // Intentionally before anything else: a long name would be matched for long.
  return image.length <= LONGEST && nameOf(image).length <= LONGEST_NAME && REFERENCE.test(image);
}

/** The registry that an image comes from. One that names none comes from Docker Hub, which has several names. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? registryAt(first) : DOCKER_HUB;
}

/** The registry that a login's server means: `https://index.docker.io/v1/` is Docker Hub, too. */
export function registryAt(server: string): string {
  const host = server.toLowerCase().replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return ["docker.io", "registry-1.docker.io", "registry.hub.docker.com"].includes(host) ? DOCKER_HUB : host;
}

// Without tag and digest.
function nameOf(image: string): string {
  const [name = ""] = image.split("@");
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}
