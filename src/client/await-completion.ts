import type { Snapshot } from "../container-group.js";
import { AciError } from "../errors.js";
import { nextLook } from "../lifecycle/schedule/next-look.js";
import { tellListener } from "../lifecycle/tell-listener.js";
import { containerOf } from "./find-group.js";
import type { AwaitOptions } from "./options.js";
import type { ClientParts } from "./parts.js";
import { retry } from "./retry.js";

// Looks at a group until its containers have ended.
export async function awaitCompletion(parts: ClientParts, groupName: string, options: AwaitOptions): Promise<Snapshot> {
  const { abortSignal, timeoutInMs = Infinity, onProgress } = options;
  const since = parts.clock.now();
  for (;;) {
    const snapshot = await retry(parts.clock, () => parts.gateway.get(groupName, { abortSignal }), abortSignal);
    tellListener(onProgress, { snapshot });
    const watched = watchedIn(snapshot, options.container);
    if (watched.length > 0 && watched.every(({ currentState }) => currentState?.state === "Terminated")) return snapshot;
    const left = since + timeoutInMs - parts.clock.now();
    if (left <= 0) throw timedOut(groupName, timeoutInMs);
    const startedAt = watched.map(({ currentState }) => Date.parse(currentState?.startedAt ?? "")).find((time) => !Number.isNaN(time));
    const { inMs } = nextLook({ phase: startedAt === undefined ? "starting" : "running", ageInMs: parts.clock.now() - (startedAt ?? since), earlierRuns: [], pace: "balanced" });
    await parts.clock.sleep(Math.min(inMs, left), abortSignal);
  }
}

// A stopped group has containers without states: nothing will ever end in it.
function watchedIn(snapshot: Snapshot, container: string | undefined): Snapshot["containers"] {
  if (snapshot.state === "Stopped") throw stopped(snapshot);
  return container === undefined ? snapshot.containers : [containerOf(snapshot, container)];
}

function stopped({ groupName, id }: Snapshot): AciError {
  return new AciError(`Container group "${groupName}" is stopped, so it does not complete`, { code: "ACI_REQUEST_FAILED", resourceId: id });
}

function timedOut(groupName: string, timeoutInMs: number): AciError {
  return new AciError(`Waiting for container group "${groupName}" timed out after ${timeoutInMs} ms`, { code: "ACI_REQUEST_FAILED", isRetryable: true });
}

