import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { runContainerJob } from "aci-lifecycle";
import { ENGINES, sh, startReal } from "./engines.js";

const held = (): string[] => process.getActiveResourcesInfo().filter((kind) => ["TCPSocketWrap", "TCPServerWrap", "Timeout"].includes(kind));

// The abort falls while the request is on its way: the emulator holds it back and tells the test that it has come.
it.each(ENGINES.flatMap((engine) => (["list", "get", "create", "logs", "delete"] as const).map((verb) => [engine, verb] as const)))(
  "on the %s engine an abort during a %s request leaves no group, socket, timer or listener",
  async (engine, verb) => {
    const { emulator, client } = await startReal(engine);
    const controller = new AbortController();
    emulator.inject({ on: verb, answer: "pass", delayInMs: 300 });
    const spec = { ...sh("echo begun; sleep 1"), key: `${engine}-${verb}` };
    const running = runContainerJob(client, spec, { abortSignal: controller.signal, reject: false, onEvent: ({ type }) => type === abortAt[verb] && controller.abort(new Error("enough")) });
    if (verb === "list" || verb === "get") setImmediate(() => controller.abort(new Error("enough")));
    const { outcome, cleanup } = await running;
    expect(outcome).toBe(verb === "logs" || verb === "delete" ? "succeeded" : "canceled");
    expect(cleanup).toBe("done");
    expect(emulator.groups()).toEqual([]);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    await emulator.close();
    expect(held()).toEqual([]);
  },
);

const abortAt: Readonly<Record<string, string>> = { create: "jobCreating", logs: "jobCollecting", delete: "jobDeleting" };
