import { ContainerInstanceManagementClient } from "@azure/arm-containerinstance";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmulator, type Emulator } from "../../src/emulator/index.js";
import { AciClient, poll, runContainerJob, RunHistory } from "../../src/index.js";

// Real seconds that the jobs run, one after the other; each at once for all loops.
const SECONDS = [2, 3.3, 4.6, 5.9, 7.2, 8.5];
// A start takes a while, and less than Azure's.
const PACE = { startInMs: 1000 };

interface Run {
  readonly lagInMs: number;
}

// Microsoft's own client as its documentation shows it, and ours, in real time on plain processes.
export async function runReal(): Promise<void> {
  const history = new RunHistory();
  const loops: readonly (readonly [string, (emulator: Emulator, seconds: number) => Promise<Run>])[] = [
    ["raw SDK, 1 s", (emulator, seconds) => rawSdk(emulator, seconds, 1000)],
    ["raw SDK, 5 s", (emulator, seconds) => rawSdk(emulator, seconds, 5000)],
    ["poll()", (emulator, seconds) => own(emulator, seconds, "balanced")],
    ['poll({ pace: "fast" })', (emulator, seconds) => own(emulator, seconds, "fast")],
    ["poll({ history }), the same job six times", (emulator) => own(emulator, 5, "balanced", history)],
  ];
  console.log("Real time, plain processes: requests and mean lag of jobs of 2 to 9 s.");
  for (const line of await Promise.all(loops.map(([name, loop]) => measureReal(name, loop)))) console.log(line);
}

// An emulator for each loop, so that the server counts its requests alone.
async function measureReal(name: string, loop: (emulator: Emulator, seconds: number) => Promise<Run>): Promise<string> {
  // Microsoft's client sends no token over plain http.
  await using emulator = await startEmulator({ engine: "process", pace: PACE, https: name.startsWith("raw") });
  const lags: number[] = [];
  for (const seconds of SECONDS) lags.push((await loop(emulator, seconds)).lagInMs);
  const mean = lags.reduce((sum, lag) => sum + lag, 0) / lags.length;
  return `${name}: ${(emulator.requests.length / SECONDS.length).toFixed(1)} requests, ${(mean / 1000).toFixed(2)} s, at most ${(Math.max(...lags) / 1000).toFixed(2)} s`;
}

async function rawSdk({ endpoint, certificate, clientOptions }: Emulator, seconds: number, everyInMs: number): Promise<Run> {
  const { credential, subscriptionId, resourceGroup, location } = clientOptions;
  const client = new ContainerInstanceManagementClient(credential, subscriptionId, { endpoint, tlsOptions: { ca: certificate ?? "" } });
  const name = `raw-${Math.round(seconds * 10)}`;
  await client.containerGroups.beginCreateOrUpdateAndWait(resourceGroup, name, {
    location,
    osType: "Linux",
    restartPolicy: "Never",
    containers: [{ name: "main", image: "busybox:1", command: ["sleep", String(seconds)], resources: { requests: { cpu: 1, memoryInGB: 1 } } }],
  });
  for (;;) {
    const { containers } = await client.containerGroups.get(resourceGroup, name);
    const current = containers[0]?.instanceView?.currentState;
    if (current?.state === "Terminated") {
      const lagInMs = Date.now() - Number(current.finishTime);
      await client.containers.listLogs(resourceGroup, name, "main");
      await client.containerGroups.beginDeleteAndWait(resourceGroup, name);
      return { lagInMs };
    }
    await sleep(everyInMs);
  }
}

async function own({ clientOptions }: Emulator, seconds: number, pace: "fast" | "balanced", history?: RunHistory): Promise<Run> {
  const client = new AciClient(clientOptions);
  let endedAt = NaN;
  const result = await runContainerJob(client, { image: "busybox:1", command: ["sleep", String(seconds)] }, {
    completion: poll({ pace, history }),
    onEvent: ({ type }) => {
      if (type === "jobEnded") endedAt = Date.now();
    },
  });
  return { lagInMs: endedAt - Date.parse(String(result.containers["main"]?.finishedAt)) };
}
