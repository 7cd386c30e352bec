import { findContainerJob, memoryStore, poll, runContainerJob, type ContainerSnapshot, type ContainerState, type Snapshot } from "aci-lifecycle";
import { describe, expect, it } from "vitest";
import { MINUTE, SECOND, works, World, type Ran } from "./world.js";

// The stories of the catalogue of faults about starting and running, told on the emulator: C15 to C17 and R1 to R8.
const types = ({ events }: Ran, ...which: readonly string[]): string[] => events.map(({ type }) => type).filter((type) => which.includes(type));

const withMain = (snapshot: Snapshot, more: Partial<ContainerSnapshot>): Snapshot => ({ ...snapshot, containers: snapshot.containers.map((one) => (one.containerName === "main" ? { ...one, ...more } : one)) });
const stateOf = (snapshot: Snapshot): ContainerState | undefined => snapshot.containers[0]?.currentState;

describe("a group that does not start", () => {
  it("C15: is given up when its time is over, says what it waited for, and is deleted", async () => {
    await using world = await World.open({ work: works(MINUTE) }, { faults: [{ happens: "stuckWaiting" }] });
    const ran = await world.run({ image: "work" }, { startTimeoutInMs: 5 * MINUTE });
    expect(ran.result).toMatchObject({ outcome: "neverStarted", error: { code: "ACI_JOB_NOT_STARTED", text: expect.stringMatching(/^The container did not start within 300000 ms: /u) as string }, cleanup: "done" });
    expect(ran.result.timings.totalInMs).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(ran.result.timings.totalInMs).toBeLessThan(6 * MINUTE);
    expect(world.emulator.groups()).toEqual([]);
  });

  it("C16: is given up long before that where its image cannot be pulled, because it costs meanwhile", async () => {
    await using world = await World.open({ work: works(MINUTE) }, { faults: [{ happens: "imagePull" }] });
    const { result } = await world.run({ image: "work" });
    expect(result).toMatchObject({ outcome: "neverStarted", error: { code: "ACI_JOB_NOT_STARTED", text: expect.stringMatching(/^The image of container "main" could not be pulled: /u) as string }, cleanup: "done" });
    expect(result.events.map(({ kind }) => kind)).toContain("BackOff");
    expect(result.timings.totalInMs).toBeLessThan(3 * MINUTE);
  });

  it("C17: is lost where somebody deletes it while it is being made, and not begun again", async () => {
    await using world = await World.open({ work: works(MINUTE) }, { pace: "recorded", faults: [{ happens: "lost", afterInMs: 3 * SECOND }] });
    const { result } = await world.run({ key: "k", image: "work" });
    expect(result).toMatchObject({ outcome: "lost", reason: "the container group disappeared", cleanup: "done" });
    expect(world.count("put")).toBe(1);
  });

  it("C17: is what a store knows of it where it had ended before it was deleted", async () => {
    await using world = await World.open({ work: works(MINUTE) });
    const store = memoryStore();
    const first = await world.run({ key: "k", image: "work" }, { store });
    expect(await world.until(findContainerJob(world.newClient(), "k"))).toBeUndefined();
    const second = await world.until(runContainerJob(world.newClient(), { key: "k", image: "work" }, { store }));
    expect(second).toEqual(first.result);
    expect(world.count("put")).toBe(1);
  });
});

describe("a group that runs", () => {
  it("R1: is not gone because three looks right after its create miss it", async () => {
    await using world = await World.open({ work: works(MINUTE) }, { faults: [{ on: "get", answer: "notFound", after: 0, times: 3 }] });
    const { result } = await world.run({ image: "work" });
    expect(result).toMatchObject({ outcome: "succeeded", exitCode: 0 });
    expect(world.count("put")).toBe(1);
  });

  it("R1: is gone when looks over half a minute and a list say so", async () => {
    await using world = await World.open({ work: works(60 * MINUTE) }, { faults: [{ happens: "lost", afterInMs: MINUTE }] });
    const { result } = await world.run({ image: "work" });
    expect(result.outcome).toBe("lost");
    const list = world.asked.findIndex(({ verb }) => verb === "list");
    const misses = world.asked.slice(0, list).filter(({ verb, at }) => verb === "get" && at - Date.UTC(2026, 0, 1) > MINUTE);
    expect(misses.length).toBeGreaterThanOrEqual(3);
    expect(Number(misses.at(-1)?.at) - Number(misses[0]?.at)).toBeGreaterThanOrEqual(30 * SECOND);
  });

  it("R2: does not go back to what it was because looks are out of date", async () => {
    await using world = await World.open({ work: works(2 * MINUTE, 3) }, { pace: "recorded", faults: [{ on: "get", answer: "stale", after: 3, times: 2 }] });
    let waiting: Snapshot | undefined;
    const struck: string[] = [];
    world.look = (snapshot) => {
      const word = stateOf(snapshot)?.state ?? "";
      if (word === "Waiting") waiting ??= snapshot;
      const isOld = waiting !== undefined && word !== "Waiting" && world.asked.length % 3 === 0;
      if (isOld) struck.push(word);
      return isOld ? (waiting as Snapshot) : snapshot;
    };
    const ran = await world.run({ image: "work" });
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 3, timings: { ranInMs: 2 * MINUTE } });
    expect(types(ran, "jobStarted", "jobEnded", "jobDone")).toEqual(["jobStarted", "jobEnded", "jobDone"]);
    expect(struck.length).toBeGreaterThan(5);
  });

  it("R3: is lost where somebody deletes it, with the output that was read by then", async () => {
    await using world = await World.open({ work: works(60 * MINUTE) }, { faults: [{ happens: "lost", afterInMs: 5 * MINUTE }] });
    const { result } = await world.run({ key: "k", image: "work" });
    expect(result).toMatchObject({ outcome: "lost", logs: "main has begun\n", isLogTruncated: true, cleanup: "done" });
    expect(world.count("put")).toBe(1);
  });

  it("R4: has failed by its first run where the platform begins it anew, and says so", async () => {
    await using world = await World.open({ work: works(5 * MINUTE) }, { faults: [{ happens: "platformRestart", afterInMs: MINUTE }] });
    const ran = await world.run({ image: "work" });
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 143, containers: { main: { restartCount: 1 } } });
    expect(ran.events.filter(({ type }) => type === "jobRestarted")).toMatchObject([{ exitCode: 143 }]);
    // The log of the second run is not the job's.
    expect(ran.result.logs).not.toContain("is done");
  });

  it("R4: is what becomes of its second run, where that is wanted", async () => {
    await using world = await World.open({ work: async (c) => (c.print(`run ${c.run}\n`), await c.sleep(5 * MINUTE), 6) }, { faults: [{ happens: "platformRestart", afterInMs: 2 * MINUTE }] });
    const ran = await world.run({ image: "work" }, { onRestart: "continue" });
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 6, isLogTruncated: true });
    expect(ran.result.logs).toContain("run 1\n");
    expect(types(ran, "jobRestarted", "jobEnded")).toEqual(["jobRestarted", "jobEnded"]);
  });

  it.each(["Unhealthy", "Repairing"])("R5: is waited for while it is %s for an hour, and listeners are told", async (word) => {
    await using world = await World.open({ work: works(65 * MINUTE) });
    world.look = (snapshot) => ({ ...snapshot, provisioningState: stateOf(snapshot)?.state === "Terminated" ? "Succeeded" : word, state: "Pending" });
    const ran = await world.run({ image: "work" }, { completion: poll({ pace: "frugal" }) });
    expect(ran.result).toMatchObject({ outcome: "succeeded", exitCode: 0 });
    expect(ran.events.filter((event) => event.type === "jobObserved" && event.provisioningState === word).length).toBeGreaterThan(10);
  });

  it("R5: is ended by its deadline where that goes on", async () => {
    await using world = await World.open({ work: works(25 * MINUTE) });
    world.look = (snapshot) => ({ ...snapshot, provisioningState: "Unhealthy" });
    const { result } = await world.run({ image: "work" }, { runTimeoutInMs: 10 * MINUTE });
    expect(result).toMatchObject({ outcome: "timedOut", logs: "main has begun\n", cleanup: "done" });
  });

  it.each<[string, (state: ContainerState) => ContainerState | undefined, object]>([
    ["no exit code", (state) => ({ ...state, exitCode: undefined }), { outcome: "lost" }],
    ["no state", () => undefined, { outcome: "lost", reason: "the container group says Succeeded, and its container does not tell how it ended" }],
    ["a state that nobody knows", (state) => ({ ...state, state: "Vanished" }), { outcome: "lost" }],
    ["an end before its start", (state) => ({ ...state, startedAt: state.finishedAt, finishedAt: state.startedAt }), { outcome: "succeeded", timings: { ranInMs: 0 } }],
  ])("R6: is no success without an exit code: %s", async (_what, change, expected) => {
    await using world = await World.open({ work: works(SECOND) });
    world.look = (snapshot) => {
      const state = stateOf(snapshot);
      return state?.state === "Terminated" ? withMain(snapshot, { currentState: change(state) }) : snapshot;
    };
    const { result } = await world.run({ image: "work" });
    expect(result).toMatchObject({ ...expected, cleanup: "done" });
  });

  it.each<[number, string, object]>([
    [137, "OOMKilled", { outcome: "failed", exitCode: 137, reason: "OOMKilled" }],
    [137, "Error", { outcome: "failed", exitCode: 137, reason: "Error" }],
    [0, "Completed", { outcome: "succeeded", exitCode: 0, reason: "Completed" }],
  ])("R7: keeps the reason of its end: %i, %s", async (exitCode, detail, expected) => {
    await using world = await World.open({ work: works(20 * SECOND, exitCode) });
    world.look = (snapshot) => {
      const state = stateOf(snapshot);
      return state?.state === "Terminated" ? withMain(snapshot, { currentState: { ...state, detail } }) : snapshot;
    };
    expect((await world.run({ image: "work" })).result).toMatchObject(expected);
  });

  it("R7: was lost where the platform has ended it for maintenance", async () => {
    await using world = await World.open({ work: works(10 * MINUTE) }, { faults: [{ happens: "maintenance", afterInMs: MINUTE }] });
    expect((await world.run({ image: "work" })).result).toMatchObject({ outcome: "lost", exitCode: 7147 });
  });

  it("R8: is ended by its main container while a sidecar runs, and by none of its sidecars", async () => {
    await using world = await World.open({ work: works(5 * MINUTE), short: works(SECOND, 9), long: works(24 * 60 * MINUTE) });
    const sidecars = [{ name: "short", image: "short" }, { name: "long", image: "long" }];
    const { result } = await world.run({ image: "work", sidecars });
    expect(result).toMatchObject({ outcome: "succeeded", exitCode: 0, containers: { short: { exitCode: 9 }, long: { state: "Running", logs: "long has begun\n" } }, cleanup: "done" });
  });

  it.each<[string, object]>([
    ["fails", { outcome: "failed", error: { code: "ACI_JOB_FAILED", text: 'Init container "prepare" ended with exit code 9' } }],
    ["works", { outcome: "succeeded", containers: { prepare: { exitCode: 0, logs: "prepare has begun\nprepare is done\n" } } }],
  ])("R8: has an init container that %s", async (image, expected) => {
    await using world = await World.open({ main: works(MINUTE), works: works(MINUTE), fails: works(MINUTE, 9) });
    const { result } = await world.run({ image: "main", initContainers: [{ name: "prepare", image }] });
    expect(result).toMatchObject({ ...expected, cleanup: "done" });
  });
});
