import { AciClient, memoryStore, sweep } from "aci-lifecycle";
import type { Heard, Tampering } from "./adversary.js";
import { changing, nth, type Scenario } from "./scenario.js";
import { MINUTE, SECOND, type Stage } from "./stage.js";

const refusedDeletes = (times: number, status: number, code: string) => (stage: Stage) => (heard: Heard): Tampering =>
  heard.kind === "delete" && heard.nth < times ? stage.adversary.refuse(heard, status, code) : undefined;

// Leaves a group behind whose time is over long since.
async function leave(stage: Stage): Promise<string> {
  stage.inject({ on: "delete", answer: "undone", times: 12 });
  const end = await stage.run({}, { cleanupTimeoutInMs: 10 * SECOND });
  stage.adversary.isTalkative = false;
  return end;
}

export const DELETE_FAULTS: readonly Scenario[] = [
  { id: "D1", what: "a delete that does nothing", rules: [{ on: "delete", answer: "undone", times: 20 }], tamper: refusedDeletes(1, 500, "InternalServerError"), ends: "succeeded" },
  { id: "D2", what: "a delete that takes minutes", emulator: { assumptions: { deleteStatus: 202 } }, rules: [{ on: "delete", answer: "undone", times: 2 }], tamper: refusedDeletes(1, 429, "TooManyRequests"), ends: "succeeded" },
  { id: "D3", what: "a delete whose answer is lost, or not what it was", tamper: () => nth("delete", () => "loseAfter", () => ({ status: 404, headers: {}, text: "" }), () => ({ status: 204, headers: {}, text: "" })), ends: "succeeded" },
  {
    id: "D4",
    what: "a delete that is refused",
    act: async (stage: Stage): Promise<string | string[]> => {
      const ends: string[] = [];
      for (const [n, refusal] of ([[409, "ContainerGroupTransitioning"], [403, "AuthorizationFailed"], [409, "ScopeLocked"]] as const).entries()) {
        stage.tamper(refusedDeletes(Infinity, refusal[0], refusal[1])(stage));
        ends.push(await stage.run({ key: `canaries-${n}` }, { cleanupTimeoutInMs: 20 * SECOND }));
      }
      stage.tamper(() => undefined);
      return ends;
    },
    ends: ["succeeded", "succeeded", "succeeded"],
  },
  {
    id: "D5",
    what: "a create of a dead process that arrives after the delete",
    act: async (stage: Stage): Promise<string | string[]> => {
      const end = await stage.run();
      const [late] = stage.adversary.creates;
      if (late !== undefined) await stage.adversary.forward(late);
      await stage.adversary.onCreated();
      stage.adversary.struck++;
      return end;
    },
    ends: "succeeded",
  },
  {
    id: "D6",
    what: "a sweep that cannot read what there is",
    emulator: { pageSize: 1 },
    act: async (stage: Stage): Promise<string | string[]> => {
      const end = await leave(stage);
      await stage.clock.advance(48 * 60 * MINUTE);
      const broken = async (tamper: (heard: Heard) => Tampering, store = memoryStore()): Promise<void> => {
        stage.tamper(tamper);
        await stage.ending(stage.until(sweep(stage.client, { store })).then((report) => ({ outcome: "swept", ...report })));
      };
      const resources = (change: (value: { tags?: Record<string, string> }) => void) => changing("resources", (body) => (body as unknown as { value: { tags?: Record<string, string> }[] }).value.forEach(change));
      await broken((heard) => (heard.kind === "resources" ? stage.adversary.refuse(heard, 403, "AuthorizationFailed") : undefined));
      await broken((heard) => (heard.kind === "resources" ? { status: 200, headers: {}, text: JSON.stringify({ value: [], nextLink: `${stage.adversary.endpoint}/nowhere?${encodeURIComponent("$")}` }) } : stage.adversary.refuse(heard, 500, "InternalServerError")));
      await broken(() => undefined, { ...memoryStore(), read: () => Promise.reject(new Error("the store is not there")) });
      await broken(resources((group) => delete group.tags));
      await broken(resources((group) => (group.tags = Object.fromEntries(Object.entries(group.tags ?? {}).map(([name, value]) => [name.toUpperCase(), value])))));
      await broken((heard) => (heard.kind === "delete" ? stage.adversary.refuse(heard, 409, "ScopeLocked") : undefined));
      stage.tamper(() => undefined);
      return end;
    },
    ends: "succeeded",
  },
  {
    id: "D7",
    what: "a sweep beside a job that runs",
    act: async (stage: Stage): Promise<string | string[]> => {
      const around = stage.adversary.onCreated;
      stage.adversary.onCreated = async () => {
        await around();
        stage.adversary.struck++;
        const own = new AciClient({ ...stage.emulator.clientOptions });
        stage.see("sweep report", await sweep(own, { graceInMs: 1 }));
      };
      return stage.run();
    },
    ends: "succeeded",
  },
  {
    id: "D8",
    what: "two sweeps at once",
    act: async (stage: Stage): Promise<string | string[]> => {
      const end = await leave(stage);
      await stage.clock.advance(48 * 60 * MINUTE);
      stage.tamper(refusedDeletes(1, 500, "InternalServerError")(stage));
      const sweeps = [stage.client, stage.newClient()].map(async (client) => stage.see("sweep report", await sweep(client)));
      await stage.until(...sweeps);
      return end;
    },
    ends: "succeeded",
  },
];

