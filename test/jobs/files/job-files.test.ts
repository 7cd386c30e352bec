import { expectTypeOf, describe, expect, it } from "vitest";
import { JobDetachedError, resumeContainerJob, runContainerJob, type ContainerJobSpec, type FileCallOptions, type JobHandle, type JobOutput } from "../../../src/index.js";
import { collectOutputs } from "../../../src/jobs/files/move-files.js";
import { FakeAzure } from "../fake-azure.js";
import { MemoryFiles } from "./memory-files.js";

const SPEC = {
  image: "ffmpeg:7",
  command: ["ffmpeg", "-i", "$(ACI_JOB_FOLDER)/in.mov"],
  environment: { OUT: "$(ACI_JOB_FOLDER)/out.mp4", KEY: { secureValue: "$(ACI_JOB_FOLDER)" } },
  sidecars: [{ name: "watch", image: "busybox" }],
  files: { inputs: { "in.mov": { text: "movie" } }, outputs: { video: "out.mp4" } },
} satisfies ContainerJobSpec<"video">;

// The container leaves its file when it starts.
const playing = (azure: FakeAzure, store: MemoryFiles): void => {
  azure.after = (verb) => {
    const [group] = azure.groups.keys();
    if (verb === "put" && group !== undefined) store.files.set(`${group}/out.mp4`, Buffer.from("video"));
  };
};

// Waits as a transfer does, until its signal says to stop.
const hanging = (options: FileCallOptions | undefined): Promise<void> => new Promise((_resolve, reject) => options?.abortSignal?.addEventListener("abort", () => reject(options.abortSignal?.reason as Error)));

describe("a job with files", () => {
  it("mounts the share in every container and tells them its folder", async () => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    playing(azure, fileStore);
    const { outputs } = await azure.until(runContainerJob(azure.client(), SPEC, { fileStore }));
    const [put] = azure.puts;
    const folder = `/job/${put?.name ?? ""}`;
    expect(put?.volumes).toEqual([{ name: "job-files", azureFile: { account: "acct", share: "share", accountKey: { secureValue: "c2VjcmV0" } } }]);
    expect(put?.containers).toMatchObject([
      { command: ["ffmpeg", "-i", `${folder}/in.mov`], environment: { OUT: `${folder}/out.mp4`, KEY: { secureValue: "$(ACI_JOB_FOLDER)" }, ACI_JOB_FOLDER: folder }, mounts: [{ volume: "job-files", path: "/job" }] },
      { name: "watch", environment: { ACI_JOB_FOLDER: folder }, mounts: [{ volume: "job-files", path: "/job" }] },
    ]);
    expectTypeOf(outputs).toEqualTypeOf<Readonly<Record<"video", readonly JobOutput[]>>>();
    expect(outputs.video).toMatchObject([{ sizeInBytes: 5 }]);
    expect([...fileStore.files.keys()]).toEqual([outputs.video[0]?.path]);
  });

  it("puts inputs in place at once, and not over those of another caller", async () => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    playing(azure, fileStore);
    const client = azure.client();
    const spec = { ...SPEC, key: "shared" };
    const seen = new Set<string>();
    fileStore.before = () => {
      for (const path of fileStore.files.keys()) if (/^aci-[0-9a-f]{16}-1\/in/u.test(path)) seen.add(fileStore.files.get(path)?.toString() ?? "");
    };
    const [a, b] = await azure.until(Promise.all([1, 2].map(() => runContainerJob(client, spec, { fileStore, reject: false }))));
    expect(azure.puts[1] ?? azure.puts[0]).toEqual(azure.puts[0]);
    expect([a?.outcome, b?.outcome]).toContain("succeeded");
    expect([...seen]).toEqual(["movie"]);
    expect(fileStore.calls.filter((call) => call.startsWith("write "))).toHaveLength(2);
    expect([...fileStore.files.keys()].filter((path) => path.includes("draft"))).toEqual([]);
  });

  it("leaves its inputs to another caller of its key when it is canceled before it has seen a group", async () => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    playing(azure, fileStore);
    const controller = new AbortController();
    const spec = { ...SPEC, key: "shared" };
    let looks = 0;
    azure.before = (verb) => {
      if (verb !== "get" || ++looks !== 2) return;
      controller.abort(new Error("enough"));
      throw azure.fault({ statusCode: 503 });
    };
    const canceled = await azure.until(runContainerJob(azure.client(), spec, { fileStore, abortSignal: controller.signal, reject: false }));
    expect(canceled).toMatchObject({ outcome: "canceled", cleanup: "done" });
    expect([...fileStore.files.keys()]).toEqual([expect.stringMatching(/^aci-[0-9a-f]{16}-1\/in\.mov$/u)]);
    expect(await azure.until(runContainerJob(azure.client(), spec, { fileStore }))).toMatchObject({ outcome: "succeeded" });
    expect([...fileStore.files.keys()].filter((path) => path.includes("in.mov"))).toEqual([]);
  });

  it.each(["write", "rename", "list"])("is canceled in the middle of %s, and leaves nothing", async (verb) => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    const controller = new AbortController();
    fileStore.before = (called, options) => {
      if (called !== verb || controller.signal.aborted) return;
      setImmediate(() => controller.abort(new Error("enough")));
      return hanging(options);
    };
    const result = await azure.until(runContainerJob(azure.client(), SPEC, { fileStore, abortSignal: controller.signal, reject: false }));
    expect(result).toMatchObject({ outcome: "canceled", error: { text: "Job was canceled: enough" } });
    expect([azure.groups.size, fileStore.files.size, fileStore.folders.size]).toEqual([0, 0, 0]);
  });

  it("is left in the middle of a transfer, and carried on from the handle", async () => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    playing(azure, fileStore);
    const controller = new AbortController();
    fileStore.before = (verb, options) => {
      if (verb !== "write" || controller.signal.aborted) return;
      setImmediate(() => controller.abort(new Error("later")));
      return hanging(options);
    };
    const client = azure.client();
    const error = await azure.until(runContainerJob(client, { ...SPEC, environment: {} }, { fileStore, detachSignal: controller.signal })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(JobDetachedError);
    const handle = JSON.parse(JSON.stringify((error as JobDetachedError).handle)) as JobHandle;
    const job = await resumeContainerJob(client, handle, { fileStore });
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ outcome: "succeeded", outputs: { video: [{ sizeInBytes: 5 }] } });
  });

  it("says what is missing where it is carried on without its file store", async () => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    const controller = new AbortController();
    const client = azure.client();
    azure.after = (verb) => {
      if (verb === "put") controller.abort();
    };
    const error = await azure.until(runContainerJob(client, SPEC, { fileStore, detachSignal: controller.signal })).catch((reason: unknown) => reason);
    const job = await resumeContainerJob(client, (error as JobDetachedError).handle);
    expect(await azure.until(job.pollUntilDone()).catch((reason: unknown) => reason)).toMatchObject({ code: "ACI_JOB_FAILED", exitCode: 0, message: expect.stringContaining("no `fileStore` was given") as string });
  });

  it("is over when Azure refuses its group, and has nothing to collect", async () => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    azure.before = (verb) => {
      if (verb === "put") throw azure.fault({ statusCode: 400, serviceCode: "InvalidRequest" });
    };
    const result = await azure.until(runContainerJob(azure.client(), SPEC, { fileStore, reject: false }));
    expect(result).toMatchObject({ outcome: "neverStarted", error: { serviceCode: "InvalidRequest" }, outputs: {} });
    expect(azure.requests).toEqual(["put"]);
    expect([fileStore.files.size, fileStore.folders.size]).toEqual([0, 0]);
  });

  it("tries again what may pass, and takes whatever a store throws", async () => {
    const [azure, fileStore] = [new FakeAzure(), new MemoryFiles()];
    playing(azure, fileStore);
    const thrown: unknown[] = [Object.assign(new Error("busy"), { statusCode: 503, code: "ServerBusy" }), Object.assign(new Error("broken"), { code: "ECONNRESET" })];
    fileStore.before = (verb) => {
      if (verb === "rename" && thrown.length > 0) throw thrown.pop();
    };
    expect(await azure.until(runContainerJob(azure.client(), SPEC, { fileStore }))).toMatchObject({ outcome: "succeeded" });
    fileStore.before = () => {
      throw "no more";
    };
    expect(await azure.until(runContainerJob(azure.client(), SPEC, { fileStore, reject: false }))).toMatchObject({ outcome: "notRun", error: { text: "the file store failed: no more" } });
  });

  it("does not let a name that a container chose lead out of the output folder", async () => {
    const store = new MemoryFiles();
    const name = "x/../../../evil";
    store.files.set(`folder/${name}`, Buffer.from("evil"));
    const mover = { store, files: { outputs: { evil: name } }, folder: "folder" };
    await expect(collectOutputs(mover, "target", "/tmp/never-made/out")).rejects.toThrow("outside of the output folder");
    const pattern = { ...mover, files: { outputs: { all: "**" } } };
    expect(await collectOutputs(pattern, "other", "/tmp/never-made/out")).toEqual({ all: [] });
  });
});
