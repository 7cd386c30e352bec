import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { framesOf } from "../api/frames.js";
import type { DockerClient } from "../api/docker-client.js";
import { ensureImage } from "../api/own-image.js";
import { linkLocal } from "../docker-network.js";
import { hostConfig } from "../host-config.js";
import { LABELS } from "../labels.js";
import { RELAY_PROGRAMS } from "./relay-program.js";

// The address at which containers expect the metadata service.
const METADATA_ADDRESS = "169.254.169.254";
// By its content, so that an image of another version is never taken for it.
const IMAGE = `localhost/aci-lifecycle/relay:${createHash("sha256").update(JSON.stringify(RELAY_PROGRAMS)).digest("hex").slice(0, 12)}`;
const HEAD = 8;
// It has room for no more, and an answer that is longer ends it.
const MOST_TOLD_IN_BYTES = 65_536;
const TOO_LONG = Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

// How its container is found again.
export const METADATA_ROLE = "metadata";

/** Answers the head of a request that has come from an address; undefined breaks the connection. */
export type RelayAnswer = (from: string, head: Buffer) => Promise<Buffer | undefined>;

/**
 * Starts the container that is 169.254.169.254 on the network of the groups. It and the emulator talk through its standard
 * input and output, so that nothing of this machine listens for containers. Resolves when it listens. When it has ended after
 * that, its container is removed, so that the next one can have the address; `onEnd` is told of it.
 */
export async function startRelay(client: DockerClient, network: string, labels: Readonly<Record<string, string>>, answer: RelayAnswer, onEnd: (removed: Promise<void>) => void): Promise<void> {
  await ensureImage(client, IMAGE, "relay", (architecture) => {
    const program = RELAY_PROGRAMS[architecture];
    return program === undefined ? undefined : Buffer.from(program, "base64");
  });
  const body = {
    Image: IMAGE,
    Labels: { ...labels, [LABELS.role]: METADATA_ROLE },
    AttachStdin: true,
    AttachStdout: true,
    OpenStdin: true,
    StdinOnce: true,
    NetworkingConfig: { EndpointsConfig: { [network]: linkLocal(METADATA_ADDRESS) } },
    // What it prints are requests of containers, which nobody else is to read.
    HostConfig: { ...hostConfig({ cpu: undefined, memoryInGB: undefined }, network, []), LogConfig: { Type: "none" } },
  };
  const { Id } = await client.call<{ Id: string }>("POST", "/containers/create", { body });
  // It may be gone already.
  const remove = (): Promise<void> =>
    client.call("DELETE", `/containers/${Id}`, { query: { force: 1, v: 1 } }).then(
      () => undefined,
      () => undefined,
    );
  try {
    const link = await client.hijack(`/containers/${Id}/attach?stream=1&stdin=1&stdout=1`, undefined);
    link.on("error", () => undefined);
    await client.call("POST", `/containers/${Id}/start`).catch((error: unknown) => {
      link.destroy();
      throw error;
    });
    await listen(link, answer, () => onEnd(remove()));
  } catch (error) {
    await remove();
    throw error;
  }
}

// Resolves when the relay listens; `onEnd` is told when it has ended after that.
function listen(link: Duplex, answer: RelayAnswer, onEnd: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let listens = false as boolean;
    const onListening = (): void => {
      listens = true;
      resolve();
    };
    void converse(link, answer, onListening)
      .catch(() => undefined)
      .finally(() => {
        link.destroy();
        if (listens) onEnd();
        else reject(new Error("the relay ended before it listened"));
      });
  });
}

// See scripts/relay/relay.c for what is said.
async function converse(link: Duplex, answer: RelayAnswer, onListening: () => void): Promise<void> {
  let said = Buffer.alloc(0);
  for await (const { data } of framesOf(link)) {
    said = Buffer.concat([said, data]);
    while (said.length >= HEAD && said.length >= HEAD + said.readUInt32BE(4)) {
      const end = HEAD + said.readUInt32BE(4);
      if (end === HEAD) onListening();
      else link.write(await packed(answer([...said.subarray(0, 4)].join("."), said.subarray(HEAD, end))));
      said = said.subarray(end);
    }
  }
}

async function packed(answer: Promise<Buffer | undefined>): Promise<Buffer> {
  const told = (await answer) ?? Buffer.alloc(0);
  const sent = told.length > MOST_TOLD_IN_BYTES ? TOO_LONG : told;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(sent.length);
  return Buffer.concat([length, sent]);
}
