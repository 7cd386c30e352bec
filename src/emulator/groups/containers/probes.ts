import type { Clock } from "../../../internal/clock.js";
import type { ContainerBody, ProbeBody } from "../../body/group-body.js";
import type { CheckAnswer, EngineCheck, EngineRun } from "../../engine.js";

/** What probes tell of the container that they watch. */
export interface ProbeListener {
  /** One look has failed. */
  onFailure(message: string): void;
  /** As many liveness looks in a row have failed as are allowed. */
  onDead(): void;
}

// A reason that costs nothing: nobody reads it.
const DONE = "done";

/** Asks the probes of a container for as long as a run lasts. Undefined, and nothing done, for one without probes. */
export function watchProbes({ properties }: ContainerBody, run: EngineRun, clock: Clock, listener: ProbeListener): { stop(): void } | undefined {
  const { livenessProbe, readinessProbe } = properties;
  if (livenessProbe === undefined && readinessProbe === undefined) return undefined;
  const over = new AbortController();
  const ask = (word: string, probe: ProbeBody | undefined, onFailed: () => void): void => {
    if (probe !== undefined) watch(word, probe, run, clock, over.signal, listener, onFailed).catch(() => undefined);
  };
  ask("Liveness", livenessProbe, () => {
    over.abort(DONE);
    listener.onDead();
  });
  ask("Readiness", readinessProbe, () => undefined);
  return { stop: () => over.abort(DONE) };
}

// Looks again and again; rejects when it is over.
async function watch(word: string, probe: ProbeBody, run: EngineRun, clock: Clock, over: AbortSignal, listener: ProbeListener, onFailed: () => void): Promise<never> {
  const check = checkOf(probe);
  const timeoutInMs = orDefault(probe.timeoutSeconds, 1) * 1000;
  const periodInMs = orDefault(probe.periodSeconds, 10) * 1000;
  const allowed = orDefault(probe.failureThreshold, 3);
  let failures = 0;
  await clock.sleep((probe.initialDelaySeconds ?? 0) * 1000, over);
  for (;;) {
    const askedAt = clock.now();
    const { outcome, detail } = await askOnce(run, check, { timeoutInMs, abortSignal: over });
    over.throwIfAborted();
    if (outcome === "unknown") listener.onFailure(`${word} probe errored: ${detail}`);
    if (outcome === "failed") listener.onFailure(`${word} probe failed: ${detail}`);
    // What could not be asked counts as little as in Kubernetes.
    failures = outcome === "passed" ? 0 : failures + (outcome === "failed" ? 1 : 0);
    if (failures >= allowed) {
      failures = 0;
      onFailed();
    }
    await clock.sleep(Math.max(0, periodInMs - (clock.now() - askedAt)), over);
  }
}

// What an engine cannot even ask tells nothing of the container.
async function askOnce(run: EngineRun, check: EngineCheck, limits: Parameters<EngineRun["check"]>[1]): Promise<CheckAnswer> {
  try {
    return await run.check(check, limits);
  } catch (error) {
    return { outcome: "unknown", detail: error instanceof Error ? error.message : String(error) };
  }
}

function checkOf({ exec, httpGet }: ProbeBody): EngineCheck {
  if (httpGet === undefined) return { kind: "exec", command: exec?.command ?? [] };
  const { scheme = "http", port, path = "/", httpHeaders = [] } = httpGet;
  const headers = httpHeaders.map(({ name = "", value = "" }) => ({ name, value }));
  return { kind: "httpGet", scheme, port, path: path.startsWith("/") ? path : `/${path}`, headers };
}

// As Kubernetes takes a zero.
function orDefault(given: number | undefined, usual: number): number {
  return given === undefined || given === 0 ? usual : given;
}
