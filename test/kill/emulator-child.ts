// An emulator with a group that runs, until it is killed. Says by a line on stdout when the container has printed.
import { startEmulator } from "aci-lifecycle/emulator";
import { AciClient } from "aci-lifecycle";

const { engine, image } = JSON.parse(process.argv[2] ?? "{}") as { engine: "docker" | "process"; image: string };
const emulator = await startEmulator({ engine });
const client = new AciClient(emulator.clientOptions);
await client.create({
  name: "orphan",
  restartPolicy: "Always",
  containers: [{ name: "main", image, command: ["/bin/sh", "-c", "echo $$; sleep 1000"], cpu: 0.5, memoryInGB: 0.5, mounts: [{ volume: "data", path: "/data" }] }],
  volumes: [{ name: "data", emptyDir: {} }],
});
for await (const { text } of client.followLogs("orphan")) {
  process.stdout.write(`${JSON.stringify({ pid: Number(text) })}\n`);
  break;
}
await new Promise((resolve) => setTimeout(resolve, 600_000));
