// You will see: a completion strategy of one's own. The container leaves a marker file on a file share when it is done, and
// whoever waits looks there, which costs no request to Azure Resource Manager.
import { setTimeout } from "node:timers/promises";
import { AciClient, runContainerJob, type CompletionStrategy, type FileStore } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";
import { azureFiles } from "aci-lifecycle/storage";

function markerFile(store: FileStore): CompletionStrategy {
  return {
    name: "markerFile",
    prepare: ({ command = [], groupName }) => ({
      command: ["sh", "-c", '"$@"; code=$?; touch "$MARKER"; exit $code', "sh", ...command],
      environment: { MARKER: `/markers/${groupName}` },
      volumes: [{ name: "markers", azureFile: store.mount() }],
      mounts: [{ volume: "markers", path: "/markers" }],
    }),
    // Soon after the marker, again and again, as the container may still be ending; else every minute.
    nextCheck: ({ signals: { ended }, unseenForInMs }) => ({ earliestInMs: Math.max(0, ended === undefined ? 60_000 - unseenForInMs : 200 * 2 ** ended.looksSince - ended.agoInMs) }),
    async receive({ groupName }, { waitInMs, abortSignal }) {
      const until = Date.now() + waitInMs;
      do {
        const files = (await store.list("", { abortSignal })) ?? [];
        if (files.some(({ path }) => path === groupName)) return [{ id: groupName, groupName, kind: "ended", source: "markerFile", at: new Date().toISOString() }];
        await setTimeout(Math.min(waitInMs, 500), undefined, { signal: abortSignal });
      } while (Date.now() < until);
      return [];
    },
    acknowledge: ({ groupName }) => store.delete(groupName),
  };
}

const emulator = await startEmulator({ engine: "process" });
try {
  const client = new AciClient(emulator.clientOptions);
  // On Azure: azureFiles({ accountName, accountKey, share: "markers" })
  await emulator.share("jobstore", "markers");
  const store = azureFiles({ ...(await emulator.fileService("jobstore")), share: "markers" });
  const { logs, timings } = await runContainerJob(client, { image: "busybox:1", command: ["sh", "-c", "sleep 3; echo worked"] }, { completion: markerFile(store) });
  console.log(`${logs.trim()}: known ${timings.noticedInMs ?? "?"} ms after the end, with ${emulator.requests.filter(({ path }) => path.includes("/containerGroups/")).length} requests`);
  console.log(`${(await (await emulator.share("jobstore", "markers")).list()).length} marker files are left`);
} finally {
  await emulator.close();
}
