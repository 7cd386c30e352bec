// You will see: a job whose container never exits. It is done when a line is in its log, and its group is deleted then. The
// second one waits for two containers to end.
import { AciClient, runContainerJob } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";

const emulator = await startEmulator({ engine: "process" });
try {
  const client = new AciClient(emulator.clientOptions);
  const sh = (script: string): { image: string; command: string[] } => ({ image: "busybox:1", command: ["sh", "-c", script] });

  // Whether a server comes up with this image and these settings.
  const server = await runContainerJob(client, sh("echo starting; sleep 2; echo ready on port 8080; sleep 1000"), { doneWhen: { logLine: /ready on port \d+/u }, runTimeoutInMs: 60_000 });
  console.log(`${server.outcome}: ${server.logs.trim().split("\n").at(-1) ?? ""}, while the container was ${server.containers["main"]?.state ?? "?"}`);

  const upload = { name: "upload", ...sh("sleep 3; echo uploaded") };
  const both = await runContainerJob(client, { ...sh("echo made"), sidecars: [upload] }, { doneWhen: "all" });
  console.log(`${both.logs.trim()}, ${both.containers["upload"]?.logs.trim() ?? "?"}; ${emulator.groups().length} groups are left`);
} finally {
  await emulator.close();
}
