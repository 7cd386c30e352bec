import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resumeContainerJob } from "../../src/index.js";
import { partsOf } from "../../src/client/parts.js";
import { planOf, type WholeHandle } from "../../src/jobs/drive/job-handle.js";
import { toGroup } from "../../src/jobs/spec/to-group.js";
import { FakeAzure } from "./fake-azure.js";
import { PLAN } from "./machine/story.js";

// Handles as each version of their form was written, at every station of a job: one that fails with exit code 75 and is
// tried once more. They are never changed: a handle that somebody keeps must go on working.
const folder = new URL("handles/", import.meta.url);
const files = readdirSync(folder).flatMap((version) => readdirSync(new URL(`${version}/`, folder)).map((name) => `${version}/${name}`));

describe.each(files)("the kept handle %s", (file) => {
  const handle = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as WholeHandle;

  it("is carried on to the end of its job", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 75;
    const client = azure.client();
    const { state, spec } = handle;
    // Its group is there, as the handle left it.
    if (spec !== undefined && !["intended", "done"].includes(state.phase)) await partsOf(client).gateway.put(toGroup(spec, planOf(handle, partsOf(client).owner, { isKeyNew: false, isTakenUp: false, isStreaming: false, isHearing: () => false, nextCheck: PLAN.nextCheck }), state), {});
    const job = await resumeContainerJob(client, handle, { secrets: async () => "x" });
    const error: unknown = await azure.until(job.pollUntilDone()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "ContainerJobError", outcome: "failed", exitCode: 75, attempt: 2, cleanup: "done", earlierAttempts: [{ attempt: 1, exitCode: 75 }] });
    expect(azure.groups.size).toBe(0);
  });

  it("holds no secret", () => {
    expect(JSON.stringify(handle)).not.toContain('"x"');
  });
});

it("are there for every station", () => {
  const stations = ["intended", "provisioning", "running", "collected", "deleting", "done"];
  expect(stations.filter((station) => !files.some((file) => file.startsWith(`1/${station}`)))).toEqual([]);
});
