import { ImageError, type RegistryLogin } from "../../../engine.js";
import { DockerError, readAll, type DockerClient } from "./docker-client.js";

// Checks that an image is here or could be fetched, as ACI does before it accepts a group. A login is tried for one that is
// here, too; only if it is refused does that matter then: an image may never have been pushed.
export async function checkImage(client: DockerClient, image: string, login: RegistryLogin | undefined): Promise<void> {
  const hasIt = await isHere(client, image);
  if (hasIt && login === undefined) return;
  try {
    await asImageError(image, client.call("GET", `/distribution/${image}/json`, { headers: authHeader(login) }));
  } catch (error) {
    if (!hasIt || !(error instanceof ImageError) || isLoginRefused(error.message)) throw error;
  }
}

// Fetches an image that is not here, and answers its digest where there is one.
export async function pullImage(client: DockerClient, image: string, login: RegistryLogin | undefined): Promise<string | undefined> {
  if (!(await isHere(client, image))) {
    const [fromImage, tag] = partReference(image);
    const lines = await asImageError(image, client.stream("POST", "/images/create", { query: { fromImage, tag }, headers: authHeader(login) }).then(readAll));
    // What fails after the first layer comes as a line of an answer that began well.
    const trouble = /"error":"((?:[^"\\]|\\.)*)"/u.exec(lines.toString())?.[1];
    if (trouble !== undefined) throw new ImageError(reasonOf(trouble), image, trouble);
  }
  const { RepoDigests } = await client.call<{ RepoDigests?: string[] | null }>("GET", `/images/${image}/json`);
  return RepoDigests?.[0]?.split("@")[1];
}

/** Why an image cannot be had, by the engine's words: its status says 500 for six different reasons. */
export function reasonOf(text: string): "inaccessible" | "registry" {
  return /toomanyrequests|too many requests|unexpected HTTP status|status code from registry (?:429|5\d\d)|dial tcp|no such host|EOF|Client\.Timeout|connection re|i\/o timeout/iu.test(text) ? "registry" : "inaccessible";
}

/** Whether it is the login that a registry did not like, by the engine's words. */
export function isLoginRefused(text: string): boolean {
  return /unauthorized|denied|forbidden|no basic auth|incorrect username or password|status: 40[13]/iu.test(text);
}

async function isHere(client: DockerClient, image: string): Promise<boolean> {
  try {
    await client.call("GET", `/images/${image}/json`);
    return true;
  } catch (error) {
    if (error instanceof DockerError && error.status < 500) return false;
    throw error;
  }
}

async function asImageError<T>(image: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DockerError) throw new ImageError(reasonOf(error.reason), image, error.reason);
    throw error;
  }
}

// Name and tag, or name and digest. Without a tag Docker would fetch them all.
function partReference(image: string): [string, string] {
  const [name = "", digest] = image.split("@");
  if (digest !== undefined) return [name, digest];
  const colon = image.lastIndexOf(":");
  return colon > image.lastIndexOf("/") ? [image.slice(0, colon), image.slice(colon + 1)] : [image, "latest"];
}

// The engine wants padded, URL-safe base64.
function authHeader(login: RegistryLogin | undefined): Record<string, string> {
  if (login === undefined) return {};
  const { server: serveraddress, username, password } = login;
  const text = Buffer.from(JSON.stringify({ username, password, serveraddress })).toString("base64");
  return { "X-Registry-Auth": text.replaceAll("+", "-").replaceAll("/", "_") };
}
