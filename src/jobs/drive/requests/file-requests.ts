import type { FileStore } from "../../../files.js";
import { classifyFault, type Fault } from "../../../lifecycle/faults/classify-fault.js";
import { collectOutputs, removeFiles, sendInputs, type FileMover } from "../../files/move-files.js";
import type { Observation, Request } from "../../machine/state.js";
import type { ActiveJob } from "../active-job.js";

export type FileRequest = Extract<Request, { readonly kind: "sendInputs" | "collectOutputs" | "removeFiles" }>;

/** A request that was stopped half-way. Nothing was seen, and the job is where it was. */
export interface BrokenOff {
  readonly kind: "brokenOff";
}

/** How a request is broken off. */
export interface Breaking {
  readonly abortSignal: AbortSignal;
  /** Undefined where nobody would go on from there. */
  readonly breakOff: ((reason: unknown) => void) | undefined;
}

// True for what is asked of the file store and not of Azure's API.
export function isFileRequest(request: Request): request is FileRequest {
  return ["sendInputs", "collectOutputs", "removeFiles"].includes(request.kind);
}

// Moves a job's files. A transfer may take long, so that it is broken off when the signal says so: the job then goes on
// from where it was.
export async function moveFiles(job: ActiveJob, request: FileRequest, abortSignal: AbortSignal | undefined): Promise<Observation | BrokenOff> {
  const { fileStore } = job.options;
  if (fileStore === undefined) return refused(`no \`fileStore\` was given to reach the files of the job`);
  try {
    return await move(job, fileStore, request, abortSignal);
  } catch (error) {
    return abortSignal?.aborted === true ? { kind: "brokenOff" } : faultOf(error);
  }
}

async function move(job: ActiveJob, store: FileStore, request: FileRequest, abortSignal: AbortSignal | undefined): Promise<Observation> {
  const { groupName, outputs = {} } = job.handle.state;
  const mover: FileMover = { store, files: job.spec?.files ?? {}, folder: groupName, abortSignal };
  switch (request.kind) {
    case "sendInputs":
      await sendInputs(mover);
      return { kind: "inputsSent" };
    case "collectOutputs":
      return { kind: "outputs", outputs: await collectOutputs(mover, request.folder, job.options.outputFolder) };
    case "removeFiles":
      await removeFiles(mover, outputs);
      return { kind: "filesRemoved" };
  }
}

// What a store throws is its own: an error with an HTTP status or a system's code for a broken connection may pass.
function faultOf(thrown: unknown): Observation {
  const { statusCode, code, message } = thrown as { statusCode?: unknown; code?: unknown; message?: unknown };
  const text = `the file store failed: ${String(message ?? thrown)}`;
  if (typeof statusCode !== "number" && !/^(?:E(?:CONN|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND|SOCKET)|REQUEST_SEND_ERROR|UND_ERR)/u.test(String(code))) return refused(text);
  const fault = classifyFault(typeof statusCode === "number" ? { statusCode, serviceCode: String(code) } : { transport: String(code) });
  return { kind: "fault", fault, error: { code: "ACI_REQUEST_FAILED", text, ...(typeof statusCode === "number" && { statusCode, serviceCode: String(code) }) } };
}

function refused(text: string): Observation {
  const fault: Fault = { kind: "rejected", isRetryable: false, mayHaveStarted: false, location: "never" };
  return { kind: "fault", fault, error: { code: "ACI_REQUEST_FAILED", text } };
}
