import { JobPool, PoolReport, type ContainerJobSpec, type JobPoolOptions, type PoolReportOptions } from "../../../src/index.js";
import type { ContainerEvent, Snapshot } from "../../../src/container-group.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const PULLS_AFTER_IN_MS = 3000;

/** A run with all that can be seen in a report: waits, pulls, failures, retries, refusals. Virtual time; the same each time. */
export interface BusyRun {
  readonly report: PoolReport;
  readonly azure: FakeAzure;
  readonly pool: JobPool;
  readonly specs: readonly ContainerJobSpec[];
}

/** A pool over an Azure whose containers differ by their images: `run-<ms>`, `fail-<ms>`. */
export function busyRun(count: number, pool: JobPoolOptions = {}, options: PoolReportOptions = {}): BusyRun {
  const report = new PoolReport(options);
  const azure = new FakeAzure();
  let puts = 0;
  azure.before = (verb) => {
    if (verb === "put" && ++puts % 40 === 0) throw azure.fault({ statusCode: 429, serviceCode: "TooManyRequests", retryAfterInMs: 5000 });
    if (verb === "put" && puts % 90 === 0) throw azure.fault({ statusCode: 409, serviceCode: "ServiceUnavailable" });
  };
  azure.look = (snapshot) => asItRuns(azure, snapshot);
  azure.deletesInMs = 2500;
  const specs = Array.from({ length: count }, (_unused, n): ContainerJobSpec => ({ key: `frame-${String(n).padStart(5, "0")}`, image: `${n % 37 === 5 ? "fail" : "run"}-${8000 + ((n * 7919) % 30_000)}` }));
  const all = new JobPool(azure.client({ requestBudget: "unlimited" }), { concurrency: 60, locations: [{ location: "westeurope", weight: 2 }, "northeurope"], retry: { exitCodes: "nonZero", maxAttempts: 2 }, onEvent: report.listen, ...pool });
  return { report, azure, pool: all, specs };
}

// The same group with a pull before its container starts, and a run as long as its image says.
function asItRuns(azure: FakeAzure, snapshot: Snapshot): Snapshot {
  const [container] = snapshot.containers;
  const started = Date.parse(container?.currentState?.startedAt ?? "");
  const [how, ms] = (container?.image ?? "").split("-");
  const createdAt = Number.isNaN(started) ? undefined : started - 2000;
  if (container === undefined || createdAt === undefined) return snapshot;
  const pullsInMs = 2000 + (Number(ms) % 7000);
  const startedAt = createdAt + PULLS_AFTER_IN_MS + pullsInMs;
  const finishedAt = startedAt + Number(ms);
  const now = azure.clock.now();
  const iso = (at: number): string => new Date(at).toISOString();
  const events: ContainerEvent[] = [{ kind: "Pulling", text: "pulling", type: "Normal", count: 1, firstAt: iso(createdAt + PULLS_AFTER_IN_MS), lastAt: iso(createdAt + PULLS_AFTER_IN_MS) }];
  const currentState = now < startedAt ? { state: "Waiting" } : now < finishedAt ? { state: "Running", startedAt: iso(startedAt) } : { state: "Terminated", startedAt: iso(startedAt), finishedAt: iso(finishedAt), exitCode: how === "fail" ? 3 : 0, detail: how === "fail" ? "Error" : "Completed" };
  return { ...snapshot, containers: [{ ...container, currentState, events }] };
}
