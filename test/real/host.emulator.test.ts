import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { runContainerJob, webhook } from "aci-lifecycle";
import { createSignalReceiver, nodeListener } from "aci-lifecycle/http";
import { SECRET } from "../completion/calls.js";
import { ENGINES, realFor } from "./engines.js";

const CURL = "aci-lifecycle-test/curl:1";
const curl = (url: string): { image: string; command: string[] } => ({ image: CURL, command: ["sh", "-c", `curl -sS -m 5 ${url} || echo "curl ended with $?"`] });

describe.each(ENGINES)("the name of this machine on the %s engine", (engine) => {
  const real = realFor(engine);

  it("leads containers to a server that listens on all addresses, be they alone in their group or not", async () => {
    const server = createServer((_, response) => response.end("served")).listen(0, "0.0.0.0");
    await once(server, "listening");
    try {
      const url = `http://${real.emulator.hostForContainers}:${(server.address() as AddressInfo).port}/`;
      const alone = await runContainerJob(real.client, curl(url));
      const together = await runContainerJob(real.client, { ...curl(url), sidecars: [{ name: "beside", image: CURL, command: ["sleep", "60"] }] });
      expect([alone.logs, together.logs]).toEqual(["served", "served"]);
    } finally {
      server.close();
    }
  });

  it("is where a container calls the receiver of a webhook", async () => {
    const server = createServer().listen(0, "0.0.0.0");
    await once(server, "listening");
    try {
      const kinds: string[] = [];
      const completion = webhook({ url: `http://${real.emulator.hostForContainers}:${(server.address() as AddressInfo).port}/callbacks`, secret: SECRET });
      server.on("request", nodeListener(createSignalReceiver(completion, { onSignal: ({ kind }) => void kinds.push(kind) })));
      await runContainerJob(real.client, { image: CURL, command: ["sh", "-c", "echo worked"] }, { completion });
      expect(kinds).toContain("ended");
    } finally {
      server.close();
    }
  });

  it("leads no container of its own network to the emulator", async () => {
    const { port } = new URL(real.emulator.endpoint);
    const { logs } = await runContainerJob(real.client, curl(`http://${real.emulator.hostForContainers}:${port}/subscriptions`));
    // A process is on this machine, and meets the token there.
    expect(logs).toMatch(engine === "docker" ? /curl ended with (?:7|28)$/mu : /"code":"AuthenticationFailed"/u);
  });
});
