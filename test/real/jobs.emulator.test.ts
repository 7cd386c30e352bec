import { describe, expect, it } from "vitest";
import { runContainerJob, type JobResult, type RunContainerJobOptions } from "aci-lifecycle";
import { ENGINES, IMAGE, realFor, sh } from "./engines.js";

// They wait for containers and looks, most of the time, and so do it together.
describe.each(ENGINES)("a job on the %s engine", { concurrent: true }, (engine) => {
  const real = realFor(engine);
  const run = (script: string, more: object = {}, options: RunContainerJobOptions = {}): Promise<JobResult> => runContainerJob(real.client, { ...sh(script), ...more }, { ...options, reject: false });

  it.each([0, 1, 3, 143])("hands out exit code %i", async (exitCode) => {
    const result = await run(`exit ${exitCode}`);
    expect(result).toMatchObject({ exitCode, outcome: exitCode === 0 ? "succeeded" : "failed", reason: exitCode === 0 ? "Completed" : "Error", cleanup: "done" });
  });

  it("ends as failed when the command does not exist", async () => {
    const result = await runContainerJob(real.client, { image: IMAGE, command: ["/no/such/command"] }, { reject: false });
    expect(result).toMatchObject({ outcome: "failed", exitCode: 127 });
  });

  it("keeps each output stream in its own order", async () => {
    const { logs } = await run('i=0; while [ $i -lt 200 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done');
    const lines = logs.trimEnd().split("\n");
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    expect(lines.filter((line) => line.startsWith("out"))).toEqual(numbers.map((i) => `out ${i}`));
    expect(lines.filter((line) => line.startsWith("err"))).toEqual(numbers.map((i) => `err ${i}`));
  });

  it("has an empty log of a job that prints nothing", async () => {
    expect(await run("true")).toMatchObject({ logs: "", isLogTruncated: false, exitCode: 0 });
  });

  it("streams lines while the job runs", async () => {
    // It ends only once its first line has been heard.
    const share = await real.emulator.share("account", `heard-${engine}`);
    const seen: string[] = [];
    const write = async (lines: readonly { text: string }[]): Promise<void> => {
      seen.push(...lines.map(({ text }) => text));
      await share.write("heard", "");
    };
    const spec = {
      ...sh('echo first; while [ ! -e "$DATA/heard" ]; do sleep 0.1; done; echo last'),
      environment: { DATA: "/data" },
      volumes: [{ name: "data", azureFile: { account: "account", share: `heard-${engine}`, accountKey: { secureValue: "k" } } }],
      mounts: [{ volume: "data", path: "/data" }],
    };
    const { logs } = await runContainerJob(real.client, spec, { logSink: { write } });
    expect(seen).toEqual(["first", "last"]);
    expect(logs).toBe("first\nlast\n");
  });

  it("gives the container its environment, secrets and files, and its init container's too", async () => {
    const share = await real.emulator.share("account", `share-${engine}`);
    await share.write("in.txt", "from the share\n");
    const result = await runContainerJob(real.client, {
      ...sh('echo "$PLAIN $SECRET"; cat "$DATA/in.txt" "$SCRATCH/made.txt" "$KEYS/key.txt"; echo written > "$DATA/out.txt"'),
      environment: { PLAIN: "p", SECRET: { secureValue: "s3cr3t" }, DATA: "/data", SCRATCH: "/scratch", KEYS: "/keys" },
      volumes: [
        { name: "data", azureFile: { account: "account", share: `share-${engine}`, accountKey: { secureValue: "k" } } },
        { name: "scratch", emptyDir: {} },
        { name: "keys", secret: { "key.txt": { secureValue: "from the secret\n" } } },
      ],
      mounts: [
        { volume: "data", path: "/data" },
        { volume: "scratch", path: "/scratch" },
        { volume: "keys", path: "/keys", isReadOnly: true },
      ],
      initContainers: [{ name: "prepare", ...sh('echo "from the init container" > "$SCRATCH/made.txt"'), environment: { SCRATCH: "/scratch" }, mounts: [{ volume: "scratch", path: "/scratch" }] }],
    });
    expect(result.logs).toBe("p s3cr3t\nfrom the share\nfrom the init container\nfrom the secret\n");
    expect((await share.read("out.txt")).toString()).toBe("written\n");
    expect(result.containers["prepare"]).toMatchObject({ state: "Terminated", exitCode: 0 });
    expect(JSON.stringify({ ...result, logs: "", containers: {} })).not.toContain("s3cr3t");
  });

  it("is ended by the main container, whatever its sidecars do", async () => {
    const result = await run("sleep 1; echo done", { sidecars: [{ name: "forever", ...sh("echo beside; sleep 1000") }] });
    expect(result).toMatchObject({ outcome: "succeeded", cleanup: "done" });
    expect(result.containers["forever"]).toMatchObject({ state: "Running", logs: "beside\n" });
  });

  it("is ended by all containers, or by one of its sidecars, where that is wanted", async () => {
    const sidecars = [{ name: "beside", ...sh("sleep 3; echo beside; exit 4") }];
    const [all, named] = await Promise.all([run("echo done", { sidecars }, { doneWhen: "all" }), run("echo done", { sidecars }, { doneWhen: { container: "beside" } })]);
    expect(all).toMatchObject({ outcome: "failed", exitCode: 0, logs: "done\n", error: { text: 'Container "beside" ended with exit code 4' }, containers: { beside: { exitCode: 4, logs: "beside\n" } }, cleanup: "done" });
    expect(named).toMatchObject({ outcome: "failed", exitCode: 4, logs: "beside\n", cleanup: "done" });
  });

  it("is ended by a line of its log, while its container runs on", async () => {
    const result = await run("echo starting; sleep 2; echo ready on port 8080; sleep 1000", {}, { doneWhen: { logLine: /^ready on port \d+$/u } });
    expect(result).toMatchObject({ outcome: "succeeded", logs: "starting\nready on port 8080\n", containers: { main: { state: "Running" } }, cleanup: "done" });
    expect(result.exitCode).toBeUndefined();
  });

  it("is judged by its log where the container ends before the line was seen", async () => {
    const doneWhen = { logLine: "ready" };
    const [seen, unseen] = await Promise.all([run("printf 'it is ready'; exit 3", {}, { doneWhen }), run("echo not yet; exit 0", {}, { doneWhen })]);
    expect(seen).toMatchObject({ outcome: "succeeded", logs: "it is ready", containers: { main: { exitCode: 3 } }, cleanup: "done" });
    expect(unseen).toMatchObject({ outcome: "failed", exitCode: 0, error: { code: "ACI_JOB_FAILED" }, cleanup: "done" });
  });

  it("times out, with its logs", async () => {
    const result = await runContainerJob(real.client, sh("echo begun; sleep 1000"), { reject: false, runTimeoutInMs: 1500 });
    expect(result).toMatchObject({ outcome: "timedOut", logs: "begun\n", cleanup: "done" });
  });

  it("is canceled by an abort, and leaves no group", async () => {
    const controller = new AbortController();
    const running = runContainerJob(real.client, sh("echo begun; sleep 1000"), { abortSignal: controller.signal, reject: false, onEvent: ({ type }) => type === "jobStarted" && controller.abort(new Error("enough")) });
    expect(await running).toMatchObject({ outcome: "canceled", logs: "begun\n", cleanup: "done" });
  });
});

// What waits beside them would wait for the work that these are.
describe.each(ENGINES)("a job that prints much on the %s engine", (engine) => {
  const real = realFor(engine);
  const run = (script: string): Promise<JobResult> => runContainerJob(real.client, sh(script));

  it("hands out 3 MB of output whole", async () => {
    const { logs, isLogTruncated } = await run("yes 'thirty characters in each line' | head -c 3000000");
    expect([logs.length, isLogTruncated]).toEqual([3_000_000, false]);
  });

  it("marks what is missing of 20 MB", async () => {
    const { logs, isLogTruncated, outcome } = await run("yes 'thirty characters in each line' | head -c 20000000; echo; echo the end");
    expect(outcome).toBe("succeeded");
    expect(isLogTruncated).toBe(true);
    expect(logs.length).toBeGreaterThan(3_000_000);
    expect(logs.endsWith("the end\n")).toBe(true);
  });
});

describe.each(ENGINES)("one group on the %s engine", { concurrent: true }, (engine) => {
  const real = realFor(engine);

  it("is created, followed, stopped with TERM, started, restarted and deleted", async () => {
    const script = 'trap "echo trapped; exit 7" TERM; echo ready; while true; do sleep 0.1; done';
    await real.client.create({ name: "group", containers: [{ name: "one", ...sh(script) }], restartPolicy: "Never" });
    await expect(real.client.create({ name: "group", containers: [{ name: "one", ...sh("true") }] })).rejects.toMatchObject({ code: "ACI_NAME_CONFLICT" });
    for await (const { text } of real.client.followLogs("group")) if (text === "ready") break;
    expect((await real.client.get("group")).state).toBe("Running");
    const names: string[] = [];
    for await (const { groupName } of real.client.list()) names.push(groupName);
    expect(names).toContain("group");
    await real.client.stop("group");
    expect((await real.client.get("group")).state).toBe("Stopped");
    await expect(real.client.restart("group")).rejects.toMatchObject({ serviceCode: "ContainerGroupStopped" });
    await real.client.start("group");
    await real.client.restart("group");
    expect((await real.client.collectLogs("group")).text).toContain("ready");
    await real.client.delete("group");
    await real.client.delete("group");
    await expect(real.client.get("group")).rejects.toMatchObject({ code: "ACI_NOT_FOUND" });
    expect(real.emulator.groups().map(({ name }) => name)).not.toContain("group");
  });

  it("completes", async () => {
    await real.client.create({ name: "short", containers: [{ name: "one", ...sh("echo bye; exit 4") }], restartPolicy: "Never" });
    const { containers } = await real.client.awaitCompletion("short", { timeoutInMs: 60_000 });
    expect(containers[0]?.currentState).toMatchObject({ state: "Terminated", exitCode: 4 });
    await real.client.delete("short");
  });
});

describe.each(ENGINES)("a job of a service in trouble on the %s engine", { concurrent: true }, (engine) => {
  const real = realFor(engine);

  it("survives faults of the service at every verb", async () => {
    for (const on of ["create", "get", "logs", "delete", "list"] as const) real.emulator.inject({ on, times: 1, answer: "reset" });
    for (const on of ["create", "get", "delete"] as const) real.emulator.inject({ on, times: 1, answer: "resetAfter" });
    expect(await runContainerJob(real.client, { ...sh("echo hello"), key: "faults" })).toMatchObject({ outcome: "succeeded", logs: "hello\n", cleanup: "done" });
  });
});
