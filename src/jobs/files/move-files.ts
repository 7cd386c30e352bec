import { mkdir } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import type { FileStore } from "../../files.js";
import { randomHex } from "../../internal/random.js";
import type { JobOutput, JobOutputs } from "../../job-result.js";
import { isPattern, matcherOf } from "../../lifecycle/file-patterns.js";
import type { JobFiles } from "./job-files.js";

// What a job's files are moved with. `folder` is the job's own in the store.
export interface FileMover {
  readonly store: FileStore;
  readonly files: JobFiles<string>;
  readonly folder: string;
  readonly abortSignal?: AbortSignal | undefined;
}

// Puts the inputs into the job's folder. They are written beside it and then moved there in one step, so that nobody sees
// half of them, and the second of two callers leaves alone what the first has put there.
export async function sendInputs({ store, files, folder, abortSignal }: FileMover): Promise<void> {
  const options = { abortSignal };
  if ((await store.list(folder, options)) !== undefined) return;
  const draft = `${folder}.draft-${randomHex(4)}`;
  try {
    await store.makeFolder(draft, options);
    for (const [path, input] of Object.entries(files.inputs ?? {})) {
      await store.write(`${draft}/${path}`, "text" in input ? input.text : input, options);
    }
    if (await store.rename(draft, folder, options)) return;
  } catch (error) {
    await store.delete(draft).catch(() => undefined);
    throw error;
  }
  await store.delete(draft, options);
}

// Moves the outputs out of the containers' reach, and fetches them if somebody wants them on this machine. May be done
// again: what was moved already is found where it is.
export async function collectOutputs(mover: FileMover, target: string, outputFolder: string | undefined): Promise<JobOutputs> {
  const { store, files, folder, abortSignal } = mover;
  const options = { abortSignal };
  const isWanted = wantedBy(files);
  for (const { path } of (await store.list(folder, options)) ?? []) {
    const name = below(folder, path);
    if (isWanted(name)) await store.rename(path, `${target}/${name}`, options);
  }
  const collected: JobOutput[] = [];
  for (const { path, sizeInBytes } of (await store.list(target, options)) ?? []) {
    const localPath = outputFolder === undefined ? undefined : await fetch(mover, path, placeFor(outputFolder, below(target, path)));
    collected.push({ path, sizeInBytes, ...(localPath !== undefined && { localPath }) });
  }
  const named = Object.entries<string>(files.outputs ?? {}).map(([name, path]) => {
    const isMeant = matcherOf(path);
    return [name, collected.filter((output) => isMeant(below(target, output.path)))] as const;
  });
  return Object.fromEntries(named);
}

// Removes the job's folder, and the outputs if this machine has them.
export async function removeFiles({ store, folder, abortSignal }: Omit<FileMover, "files">, outputs: JobOutputs): Promise<void> {
  await store.delete(folder, { abortSignal });
  const all = Object.values(outputs).flat();
  const target = all[0]?.path.split("/")[0];
  if (target !== undefined && all.every(({ localPath }) => localPath !== undefined)) await store.delete(target, { abortSignal });
}

function wantedBy({ inputs = {}, outputs = {} }: JobFiles<string>): (name: string) => boolean {
  const matchers = Object.values<string>(outputs).map((path) => ({ isMeant: matcherOf(path), isPlain: !isPattern(path) }));
  return (name) => matchers.some(({ isMeant, isPlain }) => isMeant(name) && (isPlain || !(name in inputs)));
}

async function fetch({ store, abortSignal }: FileMover, path: string, localPath: string): Promise<string> {
  await mkdir(dirname(localPath), { recursive: true });
  await store.download(path, localPath, { abortSignal });
  return localPath;
}

// A name that a container has chosen must not lead out of the folder.
function placeFor(outputFolder: string, name: string): string {
  const root = resolve(outputFolder);
  const place = resolve(root, name);
  if (!place.startsWith(root.endsWith(sep) ? root : root + sep)) throw new Error(`The output "${name}" would be written outside of the output folder`);
  return place;
}

function below(folder: string, path: string): string {
  return path.slice(folder.length + 1);
}
