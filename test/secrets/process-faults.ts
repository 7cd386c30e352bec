import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderStore, memoryStore, resumeContainerJob, runContainerJob, stepContainerJob, type JobHandle, type JobStore } from "aci-lifecycle";
import { runAndSignal, sweepByCommand } from "./children.js";
import { nth, type Scenario } from "./scenario.js";
import { MINUTE, SPEC, type Stage } from "./stage.js";

const HANDLES = new URL("../jobs/handles/1/", import.meta.url);

// The service fails now and then, and says why.
const moody = (stage: Stage): void => stage.tamper((heard) => (heard.nth % 3 === 1 && heard.kind !== "create" ? stage.adversary.refuse(heard, 503, "ServiceUnavailable") : undefined));

// A store that says in its errors what it was given.
const indiscreet = (store: JobStore, fails: (times: number) => boolean): JobStore => {
  let times = 0;
  return {
    ...store,
    write: async (key, value, ifVersion) => {
      if (fails(times++)) throw Object.assign(new Error(`ENOSPC: no space for ${JSON.stringify(value)}`), { code: "ENOSPC" });
      return store.write(key, value, ifVersion);
    },
  };
};

// Carries a job on from a handle, in a process that was told nothing else.
async function resume(stage: Stage, handle: unknown): Promise<string> {
  const options = { ...stage.options(), store: undefined };
  stage.see("step", await stage.until(stepContainerJob(stage.client, handle as JobHandle, options)).catch((error: unknown) => (stage.seeError(error), "refused")));
  return stage.ending(stage.until(resumeContainerJob(stage.client, handle as JobHandle, options).then((poller) => poller.pollUntilDone())));
}

export const PROCESS_FAULTS: readonly Scenario[] = [
  { id: "P1", what: "a process that is killed", act: (stage) => (moody(stage), runAndSignal(stage, "SIGKILL")), ends: "null" },
  { id: "P2", what: "a process that is told to end", act: (stage) => (moody(stage), runAndSignal(stage, "SIGTERM")), ends: "3" },
  {
    id: "P3",
    what: "stores that fail, and files that are torn",
    act: async (stage: Stage): Promise<string | string[]> => {
      const folder = await mkdtemp(join(tmpdir(), "secrets-"));
      const full = await stage.run({}, { store: stage.watched(indiscreet(memoryStore(), () => true)) });
      const later = await stage.run({}, { store: stage.watched(indiscreet(memoryStore(), (times) => times > 0)) });
      const kept = await stage.run({ key: "kept" }, { store: stage.watched(folderStore(folder)) });
      for (const name of (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".json"))) {
        const text = await readFile(join(folder, name), "utf8");
        stage.see("folder of the store", `${name} ${text}`);
        await writeFile(join(folder, name), text.slice(0, text.length / 2));
      }
      const torn = await stage.run({ key: "kept" }, { store: stage.watched(folderStore(folder)) });
      await rm(folder, { recursive: true });
      return [full, later, kept, torn];
    },
    ends: ["Error", "succeeded", "succeeded", "Error"],
  },
  {
    id: "P4",
    what: "two processes with one store",
    act: async (stage: Stage): Promise<string | string[]> => {
      moody(stage);
      // The one that does not create the group has not resolved its secrets, and so cannot know them when they are told.
      stage.adversary.isTalkative = false;
      const store = stage.watched(memoryStore());
      const both = [stage.client, stage.newClient()].map((client) => stage.ending(runContainerJob(client, SPEC, stage.options({ store }))));
      await stage.until(...both);
      return Promise.all(both);
    },
    ends: ["succeeded", "succeeded"],
  },
  {
    id: "P5",
    what: "a caller that aborts, whenever it may be",
    act: async (stage: Stage): Promise<string | string[]> => {
      moody(stage);
      const ends: string[] = [];
      for (const type of ["jobCreating", "jobAccepted", "jobObserved", "jobStarted", "jobEnded", "jobDeleting"]) {
        const abort = new AbortController();
        const onEvent = (event: { readonly type: string }): void => {
          stage.see("event of the job", event);
          if (event.type === type) [1, 2].forEach(() => abort.abort(new Error("enough")));
        };
        ends.push(await stage.run({ key: type }, { abortSignal: abort.signal, onEvent }));
      }
      ends.push(await stage.run({ key: "before" }, { abortSignal: AbortSignal.abort(new Error("never mind")) }));
      const detach = new AbortController();
      stage.adversary.onCreated = async () => detach.abort();
      ends.push(await stage.run({ key: "detached" }, { detachSignal: detach.signal }));
      return ends;
    },
    ends: ["canceled", "canceled", "canceled", "canceled", "succeeded", "succeeded", "canceled", "ACI_JOB_DETACHED"],
  },
  {
    id: "P6",
    what: "a job that is carried on from everything that was ever kept of it",
    act: async (stage: Stage): Promise<string | string[]> => {
      await stage.run();
      stage.adversary.isTalkative = false;
      moody(stage);
      const ends: string[] = [];
      for (const handle of [...stage.handles]) ends.push(await resume(stage, handle));
      return [...new Set(ends)].sort();
    },
    ends: ["ACI_JOB_NEEDS_SECRETS", "succeeded"],
  },
  {
    id: "P7",
    what: "handles of an older version",
    act: async (stage: Stage): Promise<string | string[]> => {
      stage.tamper(nth("get", () => undefined, (heard) => stage.adversary.refuse(heard, 500, "InternalServerError")));
      const ends: string[] = [];
      for (const name of readdirSync(HANDLES)) ends.push(await resume(stage, JSON.parse(readFileSync(new URL(name, HANDLES), "utf8"))));
      stage.adversary.isTalkative = false;
      await stage.clock.advance(48 * 60 * MINUTE);
      ends.push(await sweepByCommand(stage));
      return [...new Set(ends)].sort();
    },
    ends: ["0 0", "failed", "lost", "neverStarted"],
  },
];
