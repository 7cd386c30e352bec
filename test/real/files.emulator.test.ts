import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runContainerJob, startContainerJob, stepContainerJob, type FileStore, type JobHandle } from "aci-lifecycle";
import { azureFiles } from "aci-lifecycle/storage";
import { ENGINES, realFor, sh } from "./engines.js";

describe.each(ENGINES)("files of a job on the %s engine", { concurrent: true }, (engine) => {
  const real = realFor(engine);
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "job-files-"))));
  afterAll(() => rm(folder, { recursive: true }));
  // Each test has one of its own.
  const shareFor = async (share: string): Promise<{ fileStore: FileStore; left: () => Promise<string[]> }> => ({
    fileStore: azureFiles({ ...(await real.emulator.fileService("media")), share }),
    left: async () => (await real.emulator.share("media", share)).list(),
  });

  it("go in before it starts and come out after it has ended, byte for byte, and nothing stays behind", async () => {
    const { fileStore, left } = await shareFor("whole");
    const data = randomBytes(9 * 1024 * 1024 + 5);
    await writeFile(join(folder, "local.bin"), data);
    const spec = {
      ...sh('cd "$ACI_JOB_FOLDER" && cat "$IN" "$IN" > out.bin && mkdir -p parts/deep && cp settings.txt parts/deep/a.txt && echo b > parts/b.txt && echo c > parts/c.log'),
      environment: { IN: "$(ACI_JOB_FOLDER)/in/data.bin" },
      files: { inputs: { "in/data.bin": { localPath: join(folder, "local.bin") }, "settings.txt": { text: "größe=1\n" } }, outputs: { whole: "out.bin", parts: "parts/**/*.txt" } },
    };
    const { outputs } = await runContainerJob(real.client, spec, { fileStore, outputFolder: join(folder, "out") });
    expect(outputs.whole).toMatchObject([{ sizeInBytes: data.length * 2, localPath: join(folder, "out", "out.bin") }]);
    expect(outputs.parts.map(({ localPath }) => localPath).sort()).toEqual([join(folder, "out", "parts", "b.txt"), join(folder, "out", "parts", "deep", "a.txt")]);
    expect((await readFile(join(folder, "out", "out.bin"))).equals(Buffer.concat([data, data]))).toBe(true);
    expect(await readFile(join(folder, "out", "parts", "deep", "a.txt"), "utf8")).toBe("größe=1\n");
    expect(await left()).toEqual([]);
  });

  it("stay in the share where no folder of this machine is named, and are read from there", async () => {
    const { fileStore, left } = await shareFor("stay");
    const spec = { ...sh('echo result > "$ACI_JOB_FOLDER/result.txt"; echo scratch > "$ACI_JOB_FOLDER/scratch"'), files: { outputs: { result: "result.txt" }, mountPath: "/somewhere/else" } };
    const { outputs } = await runContainerJob(real.client, spec, { fileStore });
    const [file] = outputs.result;
    expect(file?.localPath).toBeUndefined();
    expect(Buffer.from(await fileStore.read(file?.path ?? "")).toString()).toBe("result\n");
    expect(await left()).toEqual([file?.path]);
    await fileStore.delete(file?.path.split("/")[0] ?? "");
    expect(await left()).toEqual([]);
  });

  it("fail a job that has not left them, and are handed out of one that failed", async () => {
    const { fileStore, left } = await shareFor("fail");
    const missing = await runContainerJob(real.client, { ...sh("true"), files: { outputs: { video: "out.mp4" } } }, { fileStore, reject: false });
    expect(missing).toMatchObject({ outcome: "failed", exitCode: 0, error: { code: "ACI_JOB_FAILED", text: 'Output "video" is missing: the job ended with exit code 0 and left no file "out.mp4"' } });
    const spec = { ...sh('echo part > "$ACI_JOB_FOLDER/part"; exit 3'), files: { outputs: { part: "part" } } };
    const failed = await runContainerJob(real.client, spec, { fileStore, outputFolder: join(folder, "failed"), reject: false });
    expect(failed).toMatchObject({ outcome: "failed", exitCode: 3, outputs: { part: [{ sizeInBytes: 5 }] } });
    expect(await left()).toEqual([]);
  });

  it("are carried on by another process, step by step, from the handle", async () => {
    const { fileStore, left } = await shareFor("steps");
    const spec = { ...sh('cp "$ACI_JOB_FOLDER/in" "$ACI_JOB_FOLDER/out"'), key: "step-by-step", files: { inputs: { in: { text: "through" } }, outputs: { out: "out" } } };
    let handle: JobHandle = JSON.parse(JSON.stringify(await startContainerJob(real.client, spec, { fileStore }))) as JobHandle;
    for (;;) {
      const step = await stepContainerJob(real.client, handle, { fileStore, outputFolder: join(folder, "steps") });
      handle = JSON.parse(JSON.stringify(step.handle)) as JobHandle;
      if (step.done) break;
      await new Promise((resolve) => setTimeout(resolve, step.nextCheckInMs));
    }
    expect(await readFile(join(folder, "steps", "out"), "utf8")).toBe("through");
    expect(await left()).toEqual([]);
  });

  it("never start a job whose input is not there, and leave nothing", async () => {
    const { fileStore, left } = await shareFor("never");
    const spec = { ...sh("true"), files: { inputs: { one: { text: "1" }, two: { localPath: join(folder, "nothing") } } } };
    const result = await runContainerJob(real.client, spec, { fileStore, reject: false });
    expect(result).toMatchObject({ outcome: "notRun", error: { text: expect.stringContaining("ENOENT") as string } });
    expect(await left()).toEqual([]);
  });
});
