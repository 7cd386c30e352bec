// You will see: a thousand jobs in a pool, most urgent first, how far they are, that a second start of the same program does none of
// them again, and where a page is that shows the first run, to be opened in a browser.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AciClient, folderStore, JobPool, PoolReport, type ContainerJobSpec } from "aci-lifecycle";
import { scripted, startEmulator, type ScriptedContainer } from "aci-lifecycle/emulator";

const JOBS = 1000;
let runs = 0;
// On Azure an image of yours; here a function that stands for it.
const resize = (container: ScriptedContainer): number => {
  container.print(`resized ${container.command[1] ?? ""}\n`);
  return ++runs % 100 === 0 ? 1 : 0;
};
const emulator = await startEmulator({ engine: scripted({ resize }) });
const folder = await mkdtemp(join(tmpdir(), "thousand-"));
const page = join(tmpdir(), "a-thousand-jobs.html");
try {
  // On Azure: AciClient.fromEnvironment(), and tableStore() if the next start may be on another machine.
  const client = new AciClient(emulator.clientOptions);
  const specs = Array.from({ length: JOBS }, (_unused, n): ContainerJobSpec => ({ key: `picture-${n}`, image: "resize", command: ["resize", `picture-${n}.png`] }));

  for (const start of ["first", "second"]) {
    const report = new PoolReport({ title: "A thousand pictures" });
    await using pool = new JobPool(client, { name: "pictures", store: folderStore(folder), concurrency: 200, spendingLimit: 5, onEvent: report.listen });
    const began = Date.now();
    const urgent = pool.run({ key: "cover", image: "resize", command: ["resize", "cover.png"] }, { priority: 1 });
    let done = 0;
    for await (const { key, outcome } of pool.map(specs)) {
      if (outcome !== "succeeded" && start === "first") console.log(`${key} ${outcome}`);
      if (++done % 250 === 0) console.log(`${done} of ${JOBS}; ${pool.stats.running} run, ${pool.stats.queued} wait, about ${pool.stats.cost.amount} USD`);
    }
    await urgent;
    if (start === "first") await writeFile(page, report.toHtml());
    console.log(`The ${start} start took ${((Date.now() - began) / 1000).toFixed(1)} s; containers have run ${runs} times.`);
  }
  console.log(`How the first start went: ${page}`);
} finally {
  await emulator.close();
  await rm(folder, { recursive: true });
}
