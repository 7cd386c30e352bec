import { expectFields, expectForm, expectKeys, expectObject, expectText, fail } from "../../lifecycle/expect.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";
import { FOLDER_VARIABLE, mountPathOf, VOLUME_NAME } from "./mount-files.js";

// Names that Azure Files takes, one below the other; none of them leads up.
const PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\\:*?"<>|/\u0000-\u001f]+(?:\/[^\\:*?"<>|/\u0000-\u001f]+)*$/u;
// A pattern may have signs that a name may not.
const PATTERN = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\\:"<>|/\u0000-\u001f]+(?:\/[^\\:"<>|/\u0000-\u001f]+)*$/u;

// Throws a TypeError or RangeError for files that cannot be right.
export function checkFiles(spec: ContainerJobSpec<string>): void {
  const { files } = spec;
  if (files === undefined) return;
  expectKeys("files", files, ["inputs", "outputs", "mountPath"]);
  if (files.mountPath !== undefined) expectForm("files.mountPath", files.mountPath, /^\/[^:]+$/u, "an absolute path without a colon");
  if (files.inputs !== undefined) expectObject("files.inputs", files.inputs);
  for (const [path, input] of Object.entries(files.inputs ?? {})) checkInput(path, input);
  if (files.outputs !== undefined) expectObject("files.outputs", files.outputs);
  for (const [name, path] of Object.entries<string>(files.outputs ?? {})) {
    expectForm(`files.outputs.${name}`, path, PATTERN, "a path or pattern below the job's folder");
  }
  checkFree(spec);
}

function checkInput(path: string, input: unknown): void {
  expectForm("files.inputs", path, PATH, "an object whose names are paths below the job's folder");
  expectFields(`files.inputs.${path}`, input, ["localPath", "text"]);
  const { localPath, text } = input as { localPath?: unknown; text?: unknown };
  if ((localPath === undefined) === (text === undefined)) fail(`files.inputs.${path}`, "{ localPath } or { text }", Object.keys(input), "type");
  if (localPath !== undefined) expectText(`files.inputs.${path}.localPath`, localPath);
  else if (typeof text !== "string") fail(`files.inputs.${path}.text`, "a string", text, "type");
}

// What the files need must not be taken by something else of the spec.
function checkFree(spec: ContainerJobSpec<string>): void {
  if (spec.volumes?.some(({ name }) => name === VOLUME_NAME) === true) fail("volumes", `volumes without the name that \`files\` has`, VOLUME_NAME);
  const path = mountPathOf(spec).replace(/\/+$/u, "");
  for (const { environment, mounts } of [spec, ...(spec.sidecars ?? []), ...(spec.initContainers ?? [])]) {
    if (environment !== undefined && FOLDER_VARIABLE in environment) fail("environment", "an object without the name that `files` sets", FOLDER_VARIABLE);
    const taken = mounts?.find((mount) => mount.path.replace(/\/+$/u, "") === path);
    if (taken !== undefined) fail("mounts", "at most one volume on each path, and `files` has this one", taken.path);
  }
}
