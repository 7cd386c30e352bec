import { AciClient, memoryStore, runContainerJob, type ContainerJobSpec, type JobResult, type LifecycleEvent, type RunContainerJobOptions } from "aci-lifecycle";
import { startEmulator, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { ENGINES, sh } from "../real/engines.js";

// The stories of the catalogue of faults about starting and running, C15 to C17 and R1 to R8, on containers that really run, in
// real time and all at once: on Docker where it is to be tested. What takes hours, and what no container does, is told on functions and in virtual time beside this.
const PATIENCE = { startTimeoutInMs: 4000 };

interface Ran {
  readonly result: JobResult;
  readonly events: readonly LifecycleEvent[];
  readonly creates: number;
}

describe.concurrent.each(ENGINES.slice(-1))("with the %s engine", (engine) => {
  const tell = async (spec: ContainerJobSpec, faults: StartEmulatorOptions["faults"] = [], options: RunContainerJobOptions = {}): Promise<Ran> => {
    const emulator = await startEmulator({ engine, stopGraceInMs: 1000, faults });
    try {
      const client = new AciClient(emulator.clientOptions);
      const events: LifecycleEvent[] = [];
      const result = await runContainerJob(client, spec, { reject: false, ...options, onEvent: (event) => events.push(event) });
      expect(emulator.groups()).toEqual([]);
      return { result, events, creates: emulator.requests.filter(({ method }) => method === "PUT").length };
    } finally {
      await emulator.close();
    }
  };

  it("C15: a group that does not start is given up when its time is over, and deleted", async () => {
    const { result } = await tell(sh("echo never"), [{ happens: "stuckWaiting" }], PATIENCE);
    expect(result).toMatchObject({ outcome: "neverStarted", logs: "", error: { code: "ACI_JOB_NOT_STARTED" }, cleanup: "done" });
  });

  it("C16: an image that cannot be pulled is given up, and why is said", async () => {
    const { result } = await tell(sh("echo never"), [{ happens: "imagePull" }], { startTimeoutInMs: 20_000 });
    expect(result).toMatchObject({ outcome: "neverStarted", error: { code: "ACI_JOB_NOT_STARTED" }, cleanup: "done" });
    expect(result.events.map(({ kind }) => kind)).toContain("Failed");
  });

  it("C17: a job is what a store knows of it where it had ended before its group was deleted", async () => {
    const store = memoryStore();
    const first = await tell({ ...sh("echo once"), key: "k" }, [], { store });
    const again = await tell({ ...sh("echo once"), key: "k" }, [], { store });
    expect(again.result).toEqual(first.result);
    expect([first.creates, again.creates]).toEqual([1, 0]);
  });

  it("R1: looks right after the create that miss the group lose nothing", async () => {
    const { result, creates } = await tell(sh("echo done; exit 3"), [{ on: "get", answer: "notFound", after: 0, times: 2 }]);
    expect([result.exitCode, result.logs, creates]).toEqual([3, "done\n", 1]);
  });

  it("R2: a job does not go back to what it was because looks are out of date", async () => {
    const { result, events } = await tell(sh("sleep 3; echo done; exit 4"), [{ on: "get", answer: "stale", after: 2, times: 2 }]);
    expect([result.exitCode, result.logs]).toEqual([4, "done\n"]);
    expect(events.filter(({ type }) => ["jobStarted", "jobEnded", "jobDone"].includes(type)).map(({ type }) => type)).toEqual(["jobStarted", "jobEnded", "jobDone"]);
  });

  it("R3: a job whose group somebody deletes is lost, with the output that was read by then, and not begun again", async () => {
    const lines: string[] = [];
    const logSink = { write: (seen: readonly { readonly text: string }[]) => void lines.push(...seen.map(({ text }) => text)) };
    const { result, creates } = await tell(sh("echo begun; sleep 60"), [{ happens: "lost", afterInMs: 8000 }], { logSink, retryOnLost: false });
    expect(result).toMatchObject({ outcome: "lost", logs: "begun\n", isLogTruncated: true, cleanup: "done" });
    expect([lines, creates]).toEqual([["begun"], 1]);
  });

  it("R4: a job that the platform begins anew has failed by its first run", async () => {
    const { result, events } = await tell(sh("echo begun; sleep 12; echo done"), [{ happens: "platformRestart", afterInMs: 3000 }]);
    expect(result.outcome).toBe("failed");
    expect(result.exitCode).toBeGreaterThan(128);
    // A look may fall between the two runs: then there has been no second one yet.
    expect(events.filter(({ type }) => type === "jobRestarted")).toHaveLength(result.containers["main"]?.restartCount ?? NaN);
  });

  it("R4: a job that the platform begins anew is what becomes of its second run, where that is wanted", async () => {
    const { result } = await tell(sh("echo begun; sleep 6; echo done; exit 6"), [{ happens: "platformRestart", afterInMs: 3000 }], { onRestart: "continue" });
    expect(result).toMatchObject({ outcome: "failed", exitCode: 6, containers: { main: { restartCount: 1 } } });
    expect(result.logs).toContain("begun\ndone\n");
  });

  it("R7: a job that the platform has ended for maintenance was lost", async () => {
    const { result } = await tell(sh("echo begun; sleep 60"), [{ happens: "maintenance", afterInMs: 3000 }]);
    expect(result).toMatchObject({ outcome: "lost", exitCode: 7147, cleanup: "done" });
  });

  it("R8: a job is ended by its main container while a sidecar runs, and by none of its sidecars", async () => {
    const sidecars = [{ name: "short", ...sh("exit 9") }, { name: "long", ...sh("echo on; sleep 600") }];
    const { result } = await tell({ ...sh("sleep 3; echo done"), sidecars });
    expect(result).toMatchObject({ outcome: "succeeded", exitCode: 0, logs: "done\n", containers: { short: { exitCode: 9 }, long: { state: "Running", logs: "on\n" } }, cleanup: "done" });
  });

  it.each<[string, number, object]>([
    ["fails", 9, { outcome: "failed", error: { code: "ACI_JOB_FAILED", text: 'Init container "prepare" ended with exit code 9' } }],
    ["works", 0, { outcome: "succeeded", logs: "done\n", containers: { prepare: { exitCode: 0, logs: "prepared\n" } } }],
  ])("R8: a job has an init container that %s", async (_word, exitCode, expected) => {
    const { result } = await tell({ ...sh("echo done"), initContainers: [{ name: "prepare", ...sh(`echo prepared; exit ${exitCode}`) }] });
    expect(result).toMatchObject({ ...expected, cleanup: "done" });
  });
});
