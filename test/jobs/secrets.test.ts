import { describe, expect, it } from "vitest";
import { runContainerJob, type LifecycleEvent, type RunContainerJobOptions } from "../../src/index.js";
import type { ContainerJobSpec } from "../../src/jobs/spec/job-spec.js";
import { FakeAzure } from "./fake-azure.js";
import { MemoryFiles } from "./files/memory-files.js";

const SPEC: ContainerJobSpec = { image: "alpine:3", environment: { A: { secureValue: "s3cr3t-inline" }, B: { secret: "b" } } };
const SAYS = "it has s3cr3t-inline and s3cr3t-resolved";

async function run(azure: FakeAzure, options: RunContainerJobOptions = {}, spec = SPEC): Promise<{ outcome: string; shown: string }> {
  const events: LifecycleEvent[] = [];
  const result = await azure.until(runContainerJob(azure.client(), spec, { reject: false, secrets: () => "s3cr3t-resolved", onEvent: (event) => events.push(event), ...options }));
  return { outcome: result.outcome, shown: JSON.stringify([result, events]) };
}

describe("what the service says of a job's secrets", () => {
  it("is not told when a request fails, whichever it is", async () => {
    for (const verb of ["get", "readLogs", "delete"]) {
      const azure = new FakeAzure();
      let times = 0;
      azure.before = (now) => {
        if (now === verb && times++ < 2) throw azure.fault({ statusCode: 503, serviceCode: "s3cr3t-inline", requestId: "s3cr3t-resolved" } as object);
      };
      azure.fault = ((fault) => (facts) => Object.assign(fault.call(azure, facts), { message: SAYS }))(azure.fault.bind(azure));
      const { outcome, shown } = await run(azure);
      expect(outcome).toBe("succeeded");
      expect(shown).toContain("it has [secret] and [secret]");
      expect(shown).not.toContain("s3cr3t");
    }
  });

  it("is not told of an event, a state or an operation", async () => {
    const azure = new FakeAzure();
    const told = { kind: "Failed", text: SAYS, type: "Warning", count: 1, firstAt: "", lastAt: "" };
    azure.look = (snapshot) => ({
      ...snapshot,
      events: [told],
      containers: snapshot.containers.map((container) => ({ ...container, events: [told], currentState: container.currentState && { ...container.currentState, detail: SAYS } })),
      initContainers: [{ containerName: "init", image: "", restartCount: 0, events: [told], previousState: { state: "Terminated", detail: SAYS } }],
    });
    const { shown } = await run(azure);
    expect(shown).toContain("it has [secret] and [secret]");
    expect(shown).not.toContain("s3cr3t");

    azure.look = (snapshot) => ({ ...snapshot, provisioningState: "Failed", state: "Failed", containers: [] });
    azure.operation = { status: "Failed", events: [told], errorText: SAYS } as never;
    const failed = await run(azure);
    expect(failed.outcome).toBe("neverStarted");
    expect(failed.shown).toContain("it has [secret] and [secret]");
    expect(failed.shown).not.toContain("s3cr3t");
  });

  it("is not told of the key of a file store that fails", async () => {
    const azure = new FakeAzure();
    const files = new MemoryFiles();
    files.before = (verb) => {
      if (verb === "write") throw new Error("no access with s3cr3t-key");
    };
    files.mount = () => ({ account: "acct", share: "share", accountKey: { secureValue: "s3cr3t-key" } });
    const { shown } = await run(azure, { fileStore: files }, { ...SPEC, files: { inputs: { "in.txt": { text: "" } } } });
    expect(shown).toContain("no access with [secret]");
    expect(shown).not.toContain("s3cr3t");
  });

  it("leaves alone the words that decisions rest on", async () => {
    const azure = new FakeAzure();
    const words = ["main", "Terminated", "Succeeded", "westeurope", "service"].map((word) => [word, { secureValue: word }]);
    expect((await run(azure, {}, { ...SPEC, environment: Object.fromEntries(words) as ContainerJobSpec["environment"] })).outcome).toBe("succeeded");
  });
});
