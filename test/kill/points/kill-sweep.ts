import { AciClient, startContainerJob, sweep } from "aci-lifecycle";
import { scripted, startEmulator, VirtualClock, type Emulator } from "aci-lifecycle/emulator";
import { arm, groupBody } from "../../emulator/arm.js";
import { runToDeath } from "./child-process.js";
import { dice, tick, type Lane } from "./kill-job.js";
import type { Stop, SWEEP_POINTS } from "./points.js";
import { startProxy } from "./proxy.js";

const HOUR = 3_600_000;

/** Kills a process that sweeps three groups whose time is over, sweeps once more, and answers what is wrong then. */
export async function killSweep(point: (typeof SWEEP_POINTS)[number], n: number, lane: Lane): Promise<string[]> {
  const draw = dice(`${point.name}/${n}`);
  const clock = new VirtualClock();
  const engine = scripted({ sleeper: (container) => container.sleep(99 * HOUR).then(() => 0) }, { clock });
  await using emulator = await startEmulator({ engine, assumptions: { deleteStatus: draw() < 0.5 ? 200 : 202 } });
  const client = new AciClient(emulator.clientOptions);
  const foreign = await makeForeign(emulator);
  await Promise.all(["a", "b", "c"].map((key) => startContainerJob(client, { key, image: "sleeper" })));
  await clock.advance(25 * HOUR);
  const stopTicking = tick(clock);
  try {
    await lane(() => die(emulator, point.stops[n % point.stops.length] as Stop & object, 20 * draw()));
    const before = emulator.groups().length - foreign.length;
    const { counts } = await sweep(client);
    const left = emulator.groups().map(({ name }) => name);
    const faults = left.filter((name) => !foreign.includes(name)).map((name) => `leaked: ${name} is left`);
    faults.push(...foreign.filter((name) => !left.includes(name)).map((name) => `lost: ${name}, which is somebody else's, is gone`));
    // A delete of the process that was killed may still have its effect meanwhile.
    if (counts.deleted > before) faults.push(`doubled: the second sweep deleted ${counts.deleted} of ${before}`);
    return faults;
  } finally {
    await stopTicking();
  }
}

async function die(emulator: Emulator, stop: Stop & object, lingerInMs: number): Promise<void> {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const proxy = await startProxy(emulator, "request" in stop ? stop.request : undefined, reach);
  try {
    await runToDeath({ work: "sweep" }, { ...emulator.environment, AZURE_RESOURCE_MANAGER_ENDPOINT: proxy.endpoint }, reached, lingerInMs);
  } finally {
    proxy.close();
  }
}

// Two groups that are not to be touched, as old as the others: one with our owner only, one of another owner's job.
async function makeForeign(emulator: Emulator): Promise<string[]> {
  await arm(emulator, "PUT", "containerGroups/web", { body: { ...groupBody("sleeper"), tags: { "aci-lifecycle-owner": "default" } } });
  await startContainerJob(new AciClient({ ...emulator.clientOptions, owner: "others" }), { key: "theirs", image: "sleeper" });
  return emulator.groups().map(({ name }) => name);
}
