// You will see: a server, and jobs whose containers call it when they are done. The end is known a moment later, for five
// requests each, however long a job runs.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AciClient, runContainerJob, webhook } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";
import { createSignalReceiver, nodeListener } from "aci-lifecycle/http";

// On Azure: a public https address of yours, such as a Function's, and a secret from your key vault.
const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const completion = webhook({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks`, secret: "a secret that is at least 32 characters long" });
server.on("request", nodeListener(createSignalReceiver(completion, { onSignal: ({ groupName, kind }) => console.log(`${groupName} says: ${kind}`) })));

// As plain processes, which reach 127.0.0.1; with Docker they reach `emulator.hostForContainers`. Anything with a shell and curl calls in this way, whatever it runs.
const emulator = await startEmulator({ engine: "process" });
try {
  const client = new AciClient(emulator.clientOptions);
  for (const seconds of [1, 3]) {
    const before = emulator.requests.length;
    const { logs, timings } = await runContainerJob(client, { image: "alpine/curl:8", command: ["sh", "-c", `sleep ${seconds}; echo worked ${seconds} s`] }, { completion });
    console.log(`${logs.trim()}: known ${timings.noticedInMs ?? "?"} ms after the end, with ${emulator.requests.length - before} requests`);
  }
} finally {
  await emulator.close();
  server.close();
}
