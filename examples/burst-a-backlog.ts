// You will see: a backlog of which one worker in this process takes what it can, and for the rest servers on ACI, as many as it
// needs; the backlog is done, and the fleet is zero again.
import { rename } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { AciClient, byBacklog, memoryStore, ServerPool } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";
import { azureFiles } from "aci-lifecycle/storage";

// Takes one item after another, each by a rename, which one worker alone can do.
const WORKER = `while :; do
  for item in "$QUEUE"/todo/*; do
    name="\${item##*/}"; mv "$item" "$QUEUE/doing/$ACI_SERVER_ID.$name" 2>/dev/null || continue
    sleep 1; mv "$QUEUE/doing/$ACI_SERVER_ID.$name" "$QUEUE/done/$name"
  done; sleep 0.2
done`;

const emulator = await startEmulator({ engine: "process" });
try {
  const client = new AciClient(emulator.clientOptions);
  // On Azure: azureFiles({ accountName, accountKey, share: "queue" })
  const queue = await emulator.share("burststore", "queue");
  const volume = azureFiles({ ...(await emulator.fileService("burststore")), share: "queue" }).mount();
  for (const folder of ["doing", "done"]) await queue.write(`${folder}/.keep`, "");
  for (let n = 0; n < 40; n++) await queue.write(`todo/item-${String(n).padStart(2, "0")}`, "work");
  const left = async (): Promise<string[]> => (await queue.list()).filter((path) => /^(todo|doing)\/.*item/u.test(path));

  // The worker that is there anyway, in a cluster for instance.
  const inCluster = new AbortController();
  const base = (async () => {
    while (!inCluster.signal.aborted) {
      const item = (await left()).find((path) => path.startsWith("todo/"))?.slice(5);
      const isMine = item !== undefined && (await rename(`${queue.path}/todo/${item}`, `${queue.path}/doing/base.${item}`).then(() => true, () => false));
      await setTimeout(1000);
      if (isMine) await rename(`${queue.path}/doing/base.${item}`, `${queue.path}/done/${item}`);
    }
  })();

  const pool = new ServerPool(client, {
    name: "burst",
    server: { image: process.env["EXAMPLE_IMAGE"] ?? "busybox:1", command: ["sh", "-c", WORKER], environment: { QUEUE: "/queue" }, volumes: [{ name: "queue", azureFile: volume }], mounts: [{ volume: "queue", path: "/queue" }] },
    scaling: byBacklog({ itemsPerServer: 5, length: async () => (await left()).length, base: { workers: 1, itemsPerWorker: 5 } }),
    store: memoryStore(),
    max: 6,
    scaleInCooldownInMs: 1000,
  });
  // A server that has an item is not deleted while it says so; an item whose server is gone all the same is for the others.
  const lookAfterItems = async (): Promise<void> => {
    const observedAt = new Date().toISOString();
    const items = (await left()).flatMap((path) => (path.startsWith("doing/") ? [path.slice(6)] : []));
    const alive = new Set(["base"]);
    for await (const { id, state } of pool.servers()) {
      if (state === "deleting") continue;
      alive.add(id);
      await pool.report(id, { sessions: items.filter((item) => item.startsWith(id)).length, observedAt });
    }
    for (const item of items.filter((one) => !alive.has(one.split(".")[0] ?? ""))) await rename(`${queue.path}/doing/${item}`, `${queue.path}/todo/${item.split(".")[1] ?? ""}`);
  };
  const since = Date.now();
  for (let isOver = false; !isOver; ) {
    await setTimeout(500);
    await lookAfterItems();
    const { target, servers, actions } = await pool.reconcile();
    for (const { kind, serverId } of actions) if (["create", "drain"].includes(kind)) console.log(`${kind} ${serverId}: ${(await left()).length} items left, ${target} servers wanted`);
    isOver = (await left()).length === 0 && Object.values(servers).every((count) => count === 0);
  }
  inCluster.abort();
  await base;
  console.log(`40 items of a second each took ${Math.round((Date.now() - since) / 1000)} s; ${emulator.groups().length} servers are left`);
} finally {
  await emulator.close();
}
