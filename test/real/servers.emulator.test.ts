import { describe, expect, it } from "vitest";
import { byBacklog, ensureServer, memoryStore, ServerPool, type ServerSpec, type VolumeSpec } from "aci-lifecycle";
import type { ShareFolder } from "aci-lifecycle/emulator";
import { azureFiles } from "aci-lifecycle/storage";
import { ENGINES, realFor, sh } from "./engines.js";

// So many that none has done all before the next has started, on whatever machine.
const ITEMS = 20;
// Takes one item after another, each by a rename.
const WORKER = 'while :; do for item in "$QUEUE"/todo/*; do name="${item##*/}"; mv "$item" "$QUEUE/doing/$name" 2>/dev/null || continue; sleep 1; mv "$QUEUE/doing/$name" "$QUEUE/done/$name-by-$ACI_SERVER_ID"; done; sleep 0.2; done';
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(ENGINES)("servers on the %s engine", (engine) => {
  const real = realFor(engine);

  async function sharedBy(name: string): Promise<{ readonly share: ShareFolder; readonly volumes: readonly VolumeSpec[] }> {
    const share = await real.emulator.share("servers", name);
    return { share, volumes: [{ name: "shared", azureFile: azureFiles({ ...(await real.emulator.fileService("servers")), share: name }).mount() }] };
  }

  // Does a backlog of items of a second each with so many servers at the most.
  async function burst(servers: number): Promise<{ readonly tookInMs: number; readonly workers: number }> {
    const { share, volumes } = await sharedBy(`burst-${servers}`);
    for (const folder of ["doing", "done"]) await share.write(`${folder}/.keep`, "");
    for (let n = 0; n < ITEMS; n++) await share.write(`todo/item-${n}`, "work");
    const count = async (folders: RegExp): Promise<number> => (await share.list()).filter((path) => folders.test(path)).length;
    const server: ServerSpec = { ...sh(WORKER), environment: { QUEUE: "/queue" }, volumes, mounts: [{ volume: "shared", path: "/queue" }] };
    const scaling = byBacklog({ itemsPerServer: ITEMS / servers, length: async () => ((await count(/^(todo|doing)\/item/u)) > 0 ? ITEMS : 0) });
    const pool = new ServerPool(real.client, { name: `burst-${servers}`, server, scaling, store: memoryStore(), max: servers, scaleInCooldownInMs: 500 });
    const since = performance.now();
    let doneAt: number | undefined;
    let most = 0;
    for (;;) {
      const { servers: counts } = await pool.reconcile();
      most = Math.max(most, counts.running);
      if (doneAt === undefined && (await count(/^done\/item/u)) === ITEMS) doneAt = performance.now();
      if (doneAt !== undefined && Object.values(counts).every((one) => one === 0)) break;
      await wait(300);
    }
    expect(most).toBe(servers);
    const workers = new Set((await share.list()).flatMap((path) => /-by-(.*)$/u.exec(path)?.[1] ?? []));
    return { tookInMs: Math.round(doneAt - since), workers: workers.size };
  }

  it("do a backlog together, and are gone at the end", async () => {
    const [alone, together] = await Promise.all([burst(1), burst(4)]);
    expect(real.emulator.groups()).toEqual([]);
    console.log(`${engine}: ${ITEMS} items took one server ${alone.tookInMs} ms, ${together.workers} of four ${together.tookInMs} ms`);
    expect(alone.workers).toBe(1);
    expect(together.workers).toBeGreaterThan(1);
  });

  it("are one for each key, whoever asks and how often, and take its messages in order", async () => {
    const { share, volumes } = await sharedBy("keys");
    const script = 'while :; do for message in "$MESSAGES/in/$ACI_SERVER_ID"/*; do [ -s "$message" ] && echo "$(cat "$message") by $ACI_SERVER_ID $RUN" >> "$MESSAGES/log-$ACI_SERVER_ID" && rm "$message"; done; sleep 0.1; done';
    const spec: ServerSpec = { ...sh(`RUN=$(date +%s%N); ${script}`), environment: { MESSAGES: "/messages" }, volumes, mounts: [{ volume: "shared", path: "/messages" }] };
    const groups = new Set<string>();
    const send = async (key: string, n: number): Promise<void> => {
      groups.add((await ensureServer(real.client, { key, ...spec })).groupName);
      await share.write(`in/${key}/${n}`, `message ${n}`);
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => send(`sheet-${n % 2}`, n)));
    expect(real.emulator.groups().map(({ name }) => name).sort()).toEqual([...groups].sort());
    expect(groups.size).toBe(2);
    for (const n of [8, 9]) await send(`sheet-${n % 2}`, n);
    while ((await share.list()).some((path) => path.startsWith("in/"))) await wait(100);
    for (const sheet of [0, 1]) {
      const lines = String(await share.read(`log-sheet-${sheet}`)).trim().split("\n");
      expect(lines).toHaveLength(5);
      // One process took them all.
      expect(new Set(lines.map((line) => line.split(" by ")[1])).size).toBe(1);
      expect(lines.at(-1)).toContain(`message ${8 + sheet} by sheet-${sheet}`);
    }
    for (const group of groups) await real.client.delete(group);
  });
});
