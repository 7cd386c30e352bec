import type { Snapshot } from "../container-group.js";
import type { LogLine } from "../log-sink.js";
import { isAciError } from "../errors.js";
import { classifyFault } from "../lifecycle/faults/classify-fault.js";
import { LogMerger, partStamp } from "../lifecycle/merge-logs.js";
import { containerOf } from "./find-group.js";
import type { LogOptions } from "./options.js";
import type { ClientParts } from "./parts.js";
import { retry } from "./retry.js";

// ACI pushes no logs: they are read again and again at this pace, as Azure's own tools do.
const READ_EVERY_IN_MS = 2000;

// Yields the lines of a container as they come, each once, until it has ended or its group is gone.
export async function* followLogs(parts: ClientParts, groupName: string, containerName: string, options: LogOptions): AsyncGenerator<LogLine> {
  const { abortSignal, tail } = options;
  const merger = new LogMerger();
  let run: number | undefined;
  for (;;) {
    // The state first: what is read after an end is all there is.
    const snapshot = await retry(parts.clock, () => parts.gateway.get(groupName, { abortSignal }), abortSignal);
    const { restartCount, isFinal } = standing(snapshot, containerName);
    if (run !== undefined && restartCount !== run) merger.reset();
    // Only the first read may be cut short: what is cut from a later one could not be told from what is lost.
    const window = await readWindow(parts, groupName, containerName, { tail: run === undefined ? tail : undefined, abortSignal });
    if (window !== undefined) run = restartCount;
    if (window !== undefined) yield* linesOf(merger, window, containerName, isFinal);
    if (isFinal) return;
    await parts.clock.sleep(READ_EVERY_IN_MS, abortSignal);
  }
}

// Which run of the container this is, and whether it is over.
function standing(snapshot: Snapshot, containerName: string): { restartCount: number; isFinal: boolean } {
  const { restartCount, currentState } = containerOf(snapshot, containerName);
  return { restartCount, isFinal: currentState?.state === "Terminated" || snapshot.state === "Stopped" };
}

// A window of the log, or nothing while there is none.
async function readWindow(parts: ClientParts, groupName: string, containerName: string, { tail, abortSignal }: LogOptions): Promise<string | undefined> {
  try {
    return await retry(parts.clock, () => parts.gateway.readLogs(groupName, containerName, { isStamped: true, tail, abortSignal }), abortSignal);
  } catch (error) {
    if (isAciError(error) && ["notReady", "transitioning"].includes(classifyFault(error).kind)) return undefined;
    throw error;
  }
}

// The lines that a window adds, with a mark where some are missing.
export function* linesOf(merger: LogMerger, window: string, containerName: string, isFinal: boolean): Generator<LogLine> {
  const { fresh, isGap, isCut } = merger.add(window, isFinal);
  if (isGap || isCut) yield { containerName, text: "… lines are missing here: the service keeps the last 4 MB only …", isGap: true };
  for (const line of fresh) yield { containerName, ...partStamp(line) };
}
