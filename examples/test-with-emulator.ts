// You will see: two tests of code that uses Azure Container Instances, run without Azure. The containers are functions,
// so that the tests take a second or two; with `engine: "docker"` the same code runs real images.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AciClient, runContainerJob } from "aci-lifecycle";
import { scripted, startEmulator } from "aci-lifecycle/emulator";

// The code under test: it asks a container how long a text is.
async function countLetters(client: AciClient, text: string): Promise<number> {
  const { logs } = await runContainerJob(client, { image: "counter:1", command: ["count", text] });
  return Number(logs);
}

const counter = scripted({
  "counter:1": (container) => {
    container.print(`${container.command[1]?.length ?? 0}\n`);
    return 0;
  },
});

await test("counts the letters of a text", async () => {
  await using emulator = await startEmulator({ engine: counter });
  assert.equal(await countLetters(new AciClient(emulator.clientOptions), "twelve chars"), 12);
  assert.deepEqual(emulator.groups(), []);
});

await test("gets through a throttled request", async () => {
  await using emulator = await startEmulator({ engine: counter });
  emulator.inject({ on: "get", answer: "throttled" });
  assert.equal(await countLetters(new AciClient(emulator.clientOptions), "text"), 4);
  assert.ok(emulator.requests.some(({ status }) => status === 429));
});
