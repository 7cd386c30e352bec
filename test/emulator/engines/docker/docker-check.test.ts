import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import type { CheckAnswer } from "../../../../src/emulator/engine.js";
import type { DockerClient } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { checkRun, type Reach } from "../../../../src/emulator/engines/docker/runs/docker-check.js";

// Several machines at once, with which there is no connection.
const NOWHERE = "224.0.0.1";

async function look(address: string, port: number, reach: Reach): Promise<CheckAnswer> {
  const client = { call: async () => ({ NetworkSettings: { Networks: { one: { IPAddress: address } } } }) } as unknown as DockerClient;
  return checkRun(client, "id", "holder", { kind: "httpGet", scheme: "http", port, path: "/", headers: [] }, { timeoutInMs: 200, abortSignal: new AbortController().signal }, reach);
}

it.runIf(process.platform === "linux")("takes silence for the network's until the address has answered, were it with a refusal", async () => {
  // Takes connections and says nothing.
  const silent = createServer((socket) => socket.on("error", () => undefined).resume()).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const reach = { isReached: false };
  for (let turn = 0; turn < 2; turn++) expect(await look(NOWHERE, 80, reach)).toMatchObject({ outcome: "unknown", detail: expect.stringMatching(/^Get "http:\/\/224\.0\.0\.1:80\/": .*may not reach$/) as string });
  expect(await look("127.0.0.1", port, { isReached: false })).toMatchObject({ outcome: "failed", detail: expect.stringContaining("deadline exceeded") as string });
  silent.close();
  await once(silent, "close");
  expect(await look("127.0.0.1", port, reach)).toMatchObject({ outcome: "failed", detail: expect.stringContaining("connection refused") as string });
  expect(await look(NOWHERE, 80, reach)).toMatchObject({ outcome: "failed" });
});
