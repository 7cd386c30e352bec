import { cancelContainerJob, findContainerJob, resumeContainerJob, runContainerJob, startContainerJob, stepContainerJob, webhook, poll, type DoneWhen, type JobHandle, type JobStep } from "aci-lifecycle";
import { describe, expect, it } from "vitest";
import { MINUTE, SECOND, works, World, type Program } from "./world.js";

// A server that is ready after a while, and never ends by itself.
const serves = (afterInMs: number, line = "listening on port 8080\n", before = ""): Program => async (container) => {
  container.print(before);
  await container.sleep(afterInMs);
  container.print(line);
  await container.sleep(24 * 60 * MINUTE);
  return 0;
};
const READY: DoneWhen = { logLine: "listening on" };

describe("a job that a line of its log ends", () => {
  it.each<[string, DoneWhen]>([
    ["a text", READY],
    ["a regular expression", { logLine: /^listening on port \d+$/u }],
    ["one with a flag that remembers", { logLine: /LISTENING/gi }],
  ])("succeeds when %s is in it, while the container runs on, and leaves no group", async (_what, doneWhen) => {
    await using world = await World.open({ server: serves(90 * SECOND) });
    const { result, events } = await world.run({ image: "server" }, { doneWhen });
    expect(result).toMatchObject({ outcome: "succeeded", logs: "listening on port 8080\n", cleanup: "done", containers: { main: { state: "Running" } } });
    expect(Object.keys(result)).not.toContain("exitCode");
    expect(events.filter(({ type }) => type === "jobEnded")).toMatchObject([{ outcome: "succeeded" }]);
    expect(result.timings.totalInMs).toBeLessThan(2 * MINUTE);
    expect(world.emulator.groups()).toEqual([]);
  });

  it("takes a line when it is whole, and with Windows' line ends too", async () => {
    const program: Program = async (container) => {
      container.print("do");
      await container.sleep(30 * SECOND);
      container.print("ne: 3 of 5\ndone\r\n");
      await container.sleep(60 * MINUTE);
      return 0;
    };
    await using world = await World.open({ server: program });
    const { result } = await world.run({ image: "server" }, { doneWhen: { logLine: /^done$/u } });
    expect(result).toMatchObject({ outcome: "succeeded", logs: "done: 3 of 5\ndone\r\n" });
    expect(result.timings.totalInMs).toBeGreaterThan(30 * SECOND);
  });

  it.each<[string, Program, object]>([
    ["with the line, and well", works(20 * SECOND), { outcome: "succeeded" }],
    ["with the line as its last words, which no line break ends", async (container) => (await container.sleep(20 * SECOND), container.print("it is done"), 0), { outcome: "succeeded" }],
    ["with the line, at once, and without a line break", (container) => (container.print("it is done"), 0), { outcome: "succeeded" }],
    ["with the line, and badly", works(20 * SECOND, 3), { outcome: "succeeded", containers: { main: { exitCode: 3 } } }],
    ["without it, and well", () => 0, { outcome: "failed", exitCode: 0, error: { code: "ACI_JOB_FAILED", text: 'The container ended with exit code 0, and no line with "is done" was seen in its log' } }],
    ["without it, and badly", async (container) => (await container.sleep(20 * SECOND), 4), { outcome: "failed", exitCode: 4 }],
  ])("whose container ends by itself is judged by its whole log: %s", async (_what, program, expected) => {
    await using world = await World.open({ job: program });
    const { result, events } = await world.run({ image: "job" }, { doneWhen: { logLine: "is done" } });
    expect(result).toMatchObject({ ...expected, cleanup: "done" });
    expect(events.filter(({ type }) => type === "jobEnded")).toMatchObject([{ outcome: result.outcome }]);
  });

  it("finds it in a log that is late, and through faults", async () => {
    await using world = await World.open({ job: works(20 * SECOND) }, { faults: [{ on: "logs", answer: "internal", times: 2 }, { on: "logs", answer: "logNotAvailable", times: 2 }, { on: "logs", answer: "emptyLogs", times: 1 }] });
    const { result } = await world.run({ image: "job" }, { doneWhen: { logLine: "is done" } });
    expect(result.outcome).toBe("succeeded");
  });

  it("does not find what was pushed out of the log before anybody looked", async () => {
    const line = `${"x".repeat(99)}\n`;
    const program: Program = async (container) => {
      container.print("is done\n");
      await container.sleep(10);
      container.print(line.repeat(50_000));
      return 0;
    };
    await using world = await World.open({ job: program });
    const { result } = await world.run({ image: "job" }, { doneWhen: { logLine: "is done" } });
    expect(result).toMatchObject({ outcome: "failed", isLogTruncated: true });
  });

  it("takes no line of a sidecar for its own", async () => {
    await using world = await World.open({ job: async (container) => (await container.sleep(MINUTE), 0), server: serves(SECOND) });
    const { result } = await world.run({ image: "job", sidecars: [{ name: "server", image: "server" }] }, { doneWhen: READY });
    expect(result).toMatchObject({ outcome: "failed", exitCode: 0, containers: { server: { logs: "listening on port 8080\n" } } });
  });

  it("is timed out where the line does not come", async () => {
    await using world = await World.open({ server: serves(60 * MINUTE) });
    const { result } = await world.run({ image: "server" }, { doneWhen: READY, runTimeoutInMs: 5 * MINUTE });
    expect(result).toMatchObject({ outcome: "timedOut", cleanup: "done" });
  });

  it("may wait for the line of a sidecar, which then is the job's container", async () => {
    await using world = await World.open({ job: works(10 * SECOND), server: serves(90 * SECOND) });
    const { result } = await world.run({ image: "job", sidecars: [{ name: "server", image: "server" }] }, { doneWhen: { ...READY, container: "server" } });
    expect(result).toMatchObject({ outcome: "succeeded", logs: "listening on port 8080\n", containers: { main: { state: "Terminated", logs: "main has begun\nmain is done\n" } } });
  });

  it("is looked for at the pace of the completion strategy", async () => {
    await using world = await World.open({ server: serves(90 * SECOND) });
    const completion = { ...poll(), name: "mine", longestPauseInMs: 10 * MINUTE, nextCheck: () => ({ earliestInMs: 10 * MINUTE }) };
    const { result } = await world.run({ image: "server" }, { doneWhen: READY, completion });
    expect(result.outcome).toBe("succeeded");
    expect(result.timings.totalInMs).toBeGreaterThan(9 * MINUTE);
    expect(world.count("get")).toBeLessThan(6);
  });
});

describe("a job that waits for others than its main container", () => {
  const spec = { image: "short", sidecars: [{ name: "long", image: "long" }] };

  it.each<[DoneWhen | undefined, object]>([
    [undefined, { outcome: "succeeded", exitCode: 0, logs: "main has begun\nmain is done\n", containers: { long: { state: "Running" } } }],
    ["main", { outcome: "succeeded", exitCode: 0, containers: { long: { state: "Running" } } }],
    ["all", { outcome: "failed", exitCode: 0, logs: "main has begun\nmain is done\n", error: { text: 'Container "long" ended with exit code 3' }, containers: { long: { exitCode: 3 } } }],
    [{ container: "long" }, { outcome: "failed", exitCode: 3, logs: "long has begun\nlong is done\n", error: { text: "Job ended with exit code 3" } }],
  ])("is ended as %j says", async (doneWhen, expected) => {
    await using world = await World.open({ short: works(10 * SECOND), long: works(5 * MINUTE, 3) });
    const { result } = await world.run(spec, { doneWhen });
    expect(result).toMatchObject({ ...expected, cleanup: "done" });
    expect(result.timings.totalInMs > 5 * MINUTE).toBe(doneWhen === "all" || typeof doneWhen === "object");
  });

  it("succeeds when all do, and learns how long that took", async () => {
    await using world = await World.open({ short: works(10 * SECOND), long: works(5 * MINUTE) });
    const counts: number[] = [];
    for (let run = 0; run < 4; run++) {
      const before = world.count("get");
      expect((await world.run(spec, { doneWhen: "all" })).result).toMatchObject({ outcome: "succeeded", exitCode: 0 });
      counts.push(world.count("get") - before);
    }
    expect(counts.at(-1)).toBeLessThan(Number(counts[0]) / 2);
  });

  it("is canceled from elsewhere while the others run, and who cancels it need not wait for what cannot follow", async () => {
    await using world = await World.open({ short: works(10 * SECOND), long: works(60 * MINUTE) });
    const running = runContainerJob(world.client, { key: "k", ...spec }, { doneWhen: "all", reject: false });
    await world.until(world.clock.sleep(MINUTE));
    let endedAt = Infinity;
    const told = running.finally(() => (endedAt = world.clock.now()));
    const [result] = await world.until(Promise.all([told, cancelContainerJob(world.newClient(), { key: "k" }, { reason: "enough" })]));
    expect(result).toMatchObject({ outcome: "canceled", exitCode: 0, reason: "enough", cleanup: "done" });
    expect(world.clock.now() - endedAt).toBeLessThan(15 * SECOND);
  });

  it("has what its strategy needs put into the container that decides", async () => {
    const seen: Record<string, readonly string[]> = {};
    const program: Program = (container) => ((seen[container.name] = [...container.command, String("ACI_JOB_CALLBACK_URL" in container.environment)]), 0);
    await using world = await World.open({ a: program, b: program });
    const completion = webhook({ url: "https://x.example/", secret: "the secret of the tests, long enough", clock: world.clock });
    const { result } = await world.run({ image: "a", command: ["main's"], sidecars: [{ name: "other", image: "b", command: ["other's"] }] }, { doneWhen: { container: "other" }, completion });
    expect(result.outcome).toBe("succeeded");
    expect(seen["main"]).toEqual(["main's", "false"]);
    expect(seen["other"]).toEqual([expect.any(String), "-c", expect.any(String), "aci-lifecycle", "other's", "true"]);
  });
});

describe("what ends a job is known", () => {
  it("to who has its handle, and takes a step at a time", async () => {
    await using world = await World.open({ server: serves(90 * SECOND) });
    let handle: JobHandle = await world.until(startContainerJob(world.client, { key: "k", image: "server" }, { doneWhen: { logLine: /LISTENING/iu } }));
    let step: JobStep;
    do {
      step = await world.until(stepContainerJob(world.newClient(), JSON.parse(JSON.stringify(handle)) as JobHandle));
      handle = step.handle;
      if (!step.done) await world.clock.advance(step.nextCheckInMs);
    } while (!step.done);
    expect(step.result).toMatchObject({ outcome: "succeeded", logs: "listening on port 8080\n" });
  });

  it.each<[DoneWhen, object]>([
    [{ logLine: "is done" }, { outcome: "succeeded" }],
    [{ logLine: /IS DONE/iu, container: "long" }, { outcome: "succeeded", logs: "long has begun\nlong is done\n" }],
    ["all", { outcome: "failed", exitCode: 0 }],
    [{ container: "long" }, { outcome: "failed", exitCode: 3 }],
  ])("to who has only its key: %o", async (doneWhen, expected) => {
    await using world = await World.open({ short: works(MINUTE), long: works(5 * MINUTE, 3) });
    await world.until(startContainerJob(world.client, { key: "k", image: "short", sidecars: [{ name: "long", image: "long" }] }, { doneWhen }));
    const other = world.newClient();
    expect(await world.until(findContainerJob(other, "k"))).toBeDefined();
    const job = await world.until(resumeContainerJob(other, { key: "k" }));
    const ended = await world.until(job.pollUntilDone().catch((error: unknown) => error));
    expect(ended).toMatchObject({ ...expected, cleanup: "done" });
  });

  it("to a second caller with the same key and options, and the body of the create is the same", async () => {
    await using world = await World.open({ server: serves(90 * SECOND) });
    const run = (client: typeof world.client): ReturnType<typeof runContainerJob> => runContainerJob(client, { key: "k", image: "server" }, { doneWhen: READY });
    const results = await world.until(Promise.all([run(world.client), run(world.newClient())]));
    expect(results.map(({ outcome, groupName }) => [outcome, groupName])).toEqual([["succeeded", results[0].groupName], ["succeeded", results[0].groupName]]);
    expect(world.count("put")).toBeLessThanOrEqual(2);
  });

  it("not where its tag says what nobody understands: then the end of the main container ends it", async () => {
    await using world = await World.open({ job: works(MINUTE) });
    await world.until(startContainerJob(world.client, { key: "k", image: "job" }, { doneWhen: READY }));
    const [group] = world.emulator.groups();
    for (const tag of ["?", '"some"', '{"logLine":{"source":"(","flags":""}}', "7"]) {
      await world.until(world.during(() => fetchTags(world, String(group?.name), { ...group?.tags, "aci-lifecycle-done": tag })));
      const handle = await world.until(findContainerJob(world.newClient(), "k"));
      expect(JSON.stringify(handle)).not.toContain("doneWhen");
    }
    const job = await world.until(resumeContainerJob(world.newClient(), { key: "k" }));
    expect(await world.until(job.pollUntilDone())).toMatchObject({ outcome: "succeeded", exitCode: 0 });
  });
});

async function fetchTags({ emulator }: World, name: string, tags: object): Promise<void> {
  const { endpoint, clientOptions } = emulator;
  const { subscriptionId, resourceGroup, credential } = clientOptions;
  const url = `${endpoint}/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}?api-version=2023-05-01`;
  const { token } = (await credential.getToken());
  const { status } = await fetch(url, { method: "PATCH", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify({ tags }) });
  expect(status).toBe(200);
}
