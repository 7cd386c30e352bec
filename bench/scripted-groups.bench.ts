import { checkGroup } from "../src/emulator/body/checks/check-group.js";
import { groupAnswer } from "../src/emulator/body/group-answer.js";
import { readGroupBody } from "../src/emulator/body/group-body.js";
import { scripted } from "../src/emulator/engines/scripted/scripted.js";
import { FaultTable } from "../src/emulator/faults/fault-table.js";
import { GroupRegistry } from "../src/emulator/groups/group-registry.js";
import { Identities } from "../src/emulator/identity/identities.js";
import { resolveAssumptions } from "../src/emulator/options/assumptions.js";
import { resolvePace } from "../src/emulator/options/pace.js";
import { Tokens } from "../src/emulator/tokens/tokens.js";
import { VirtualClock } from "../src/internal/clock.js";

// Whole lives of groups in the group model, on one core and without HTTP: read and checked, accepted, allocated, pulled,
// started, ended, looked at, its log read, deleted. 100 at a time share the steps of the clock, as a test's groups do.
const GROUPS = 20_000;
const AT_ONCE = 100;
const TARGET_PER_SECOND = 5_000;

const sent = {
  location: "westeurope",
  tags: { owner: "bench" },
  properties: { osType: "Linux", restartPolicy: "Never", containers: [{ name: "main", properties: { image: "hello", command: ["say", "hi"], resources: { requests: { cpu: 1, memoryInGB: 1.5 } } } }] },
};

const rates: number[] = [];
for (let round = 0; round < 5; round++) rates.push(await measure());
rates.sort((a, b) => a - b);
const median = rates[2] ?? 0;
console.log(`scripted groups: ${Math.round(median)} whole lives a processor second (${rates.map(Math.round).join(", ")}); wanted ${TARGET_PER_SECOND}`);
if (median < TARGET_PER_SECOND) process.exitCode = 1;

async function measure(): Promise<number> {
  const clock = new VirtualClock();
  const engine = scripted(
    {
      hello: async (container) => {
        container.print("hi\n");
        await container.sleep(1_000);
        return 0;
      },
    },
    { clock },
  );
  await engine.open({ id: "bench", clock });
  const registry = new GroupRegistry({ engine, clock, pace: resolvePace("recorded"), findShare: () => undefined, stopGraceInMs: 10_000, faults: new FaultTable("westeurope", clock, 1), identities: new Identities(new Tokens("the secret of the bench"), ""), assumptions: resolveAssumptions() });
  const began = process.cpuUsage();
  for (let done = 0; done < GROUPS; done += AT_ONCE) {
    const groups = Array.from({ length: AT_ONCE }, (_unused, index) => {
      const body = readGroupBody(structuredClone(sent));
      const name = `g-${done + index}`;
      checkGroup(name, body);
      const group = registry.create({ subscriptionId: "s", resourceGroup: "r", name }, body);
      registry.keep(group.deploy(body));
      return group;
    });
    await clock.advance(30_000);
    for (const group of groups) {
      const answer = JSON.stringify(groupAnswer(group, "2023-05-01"));
      const logs = await group.containers[0]?.logs({ isStamped: false, maxBytes: 4 * 1024 * 1024 });
      if (group.state !== "Succeeded" || !answer.includes("Completed") || logs?.toString() !== "hi\n") throw new Error(`Group ${group.address.name} is ${group.state}`);
    }
    await Promise.all(groups.map((group) => registry.remove(group)));
  }
  // By the time that the processor worked, so that what else runs on the machine does not count.
  const { user, system } = process.cpuUsage(began);
  return GROUPS / ((user + system) / 1e6);
}
