import { describe, expect, it } from "vitest";
import { runContainerJob, type CompletionStrategy, type JobResult, type LifecycleEvent, type NextCheck, type Signal } from "../../../src/index.js";
import { FakeAzure } from "../fake-azure.js";

const MINUTE = 60_000;

async function runWith(strategy: Partial<CompletionStrategy>): Promise<{ readonly azure: FakeAzure; readonly result: JobResult; readonly told: readonly LifecycleEvent[] }> {
  const azure = new FakeAzure();
  azure.runsInMs = 3 * MINUTE;
  azure.exitCode = 7;
  const told: LifecycleEvent[] = [];
  const result = await azure.until(runContainerJob(azure.client(), { key: "k", image: "a" }, { completion: { name: "own", ...strategy }, reject: false, onEvent: (event) => told.push(event) }));
  return { azure, result, told };
}

const troubles = (told: readonly LifecycleEvent[]): readonly string[] => told.flatMap((event) => (event.type === "jobFault" && event.kind === "completion" ? [event.request] : []));
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const boom = (): never => {
  throw new Error("boom");
};
const nonsense = (value: unknown): NextCheck => value as NextCheck;

let ids = 0;

describe("whatever its strategy does, a job has its true result", () => {
  const strategies: readonly (readonly [string, Partial<CompletionStrategy>])[] = [
    ["has nothing at all", {}],
    ["throws wherever it can", { prepare: boom, nextCheck: boom, receive: boom, acknowledge: boom, learn: boom }],
    ["rejects wherever it can", { prepare: () => Promise.reject(new Error("boom")), receive: () => Promise.reject(new Error("boom")), acknowledge: () => Promise.reject(new Error("boom")), learn: () => Promise.reject(new Error("boom")) }],
    ["never answers", { prepare: never, receive: never, acknowledge: never, learn: never }],
    ["never wants a look", { nextCheck: () => ({ earliestInMs: Number.MAX_VALUE }) }],
    ["wants a look all the time", { nextCheck: () => ({ earliestInMs: 0 }) }],
    ["answers nothing", { nextCheck: () => nonsense(undefined), receive: () => Promise.resolve(nonsense(undefined) as unknown as readonly Signal[]) }],
    ["answers no numbers", { nextCheck: () => nonsense({ earliestInMs: "1" }) }],
    ["answers NaN", { nextCheck: () => nonsense({ earliestInMs: Number.NaN }) }],
    ["answers what was long ago", { nextCheck: () => nonsense({ earliestInMs: -1e9 }) }],
    ["answers at once and empty", { receive: () => Promise.resolve([]) }],
    ["answers what are no signals", { receive: () => Promise.resolve([null, 3, {}, { id: "x", kind: "ended" }] as unknown as readonly Signal[]) }],
    ["tells of ever new ends", { receive: ({ groupName }) => Promise.resolve([{ id: String(ids++), kind: "ended", groupName, source: "own", at: "" }]) }],
    ["says again and again that it has ended", { receive: ({ groupName }) => Promise.resolve([{ id: "x", kind: "ended", groupName, source: "own", at: "" }]) }],
  ];

  it.each(strategies)("one that %s", async (_what, strategy) => {
    const { azure, result } = await runWith(strategy);
    expect(result).toMatchObject({ outcome: "failed", exitCode: 7, cleanup: "done", logs: "hello\n" });
    expect(azure.requests.filter((verb) => verb === "put")).toHaveLength(1);
    expect(azure.requests.length).toBeLessThan(2500);
    expect(result.timings.noticedInMs).toBeLessThan(10 * MINUTE + 1000);
    expect(azure.groups.size).toBe(0);
    expect(azure.clock.nextWakeAt).toBeUndefined();
  });

  it("tells of what it does wrong, without end but with pauses", async () => {
    const { told } = await runWith({ prepare: boom, receive: boom });
    expect(troubles(told)).toEqual(["prepare"]);
    const { told: more } = await runWith({ receive: boom, learn: boom });
    expect(new Set(troubles(more))).toEqual(new Set(["receive", "learn"]));
    expect(troubles(more).length).toBeLessThan(45);
  });

  it("is not prepared with the half of what it wants", async () => {
    const { azure } = await runWith({ prepare: () => ({ environment: { A: "1" }, mounts: [{ volume: "v", path: "/v" }], volumes: [{ name: "v", emptyDir: {} }], initContainers: [{ name: "i", image: "i" }] }) });
    expect(azure.puts[0]).toMatchObject({ volumes: [{ name: "v" }], initContainers: [{ name: "i" }], containers: [{ environment: { A: "1" }, mounts: [{ volume: "v" }] }] });
  });
});

it.each([[3], ["poll"], [{}], [{ name: "" }], [{ name: "x", nextCheck: 3 }], [{ name: "x", receive: {} }]])("a strategy that is none is refused at once: %o", async (completion) => {
  await expect(runContainerJob(new FakeAzure().client(), { image: "a" }, { completion: completion as unknown as CompletionStrategy })).rejects.toThrow(/`completion/u);
});
