import { describe, expect, it } from "vitest";
import { runContainerJob } from "../../../src/index.js";
import { FakeAzure } from "../fake-azure.js";

const MINUTE = 60_000;

async function looksOf(waiters: number): Promise<{ readonly gets: number; readonly azure: FakeAzure }> {
  const azure = new FakeAzure();
  azure.runsInMs = 10 * MINUTE;
  const client = azure.client();
  const runs = Array.from({ length: waiters }, async (_, index) => {
    await azure.clock.sleep(index * 700);
    return runContainerJob(client, { key: "k", image: "a" });
  });
  const results = await azure.until(Promise.all(runs));
  expect(new Set(results.map(({ outcome, logs }) => `${outcome} ${logs}`)).size).toBe(1);
  return { gets: azure.requests.filter((verb) => verb === "get").length, azure };
}

describe("two who wait for one job in one process", () => {
  it("do not ask twice", async () => {
    const { gets: alone } = await looksOf(1);
    const { gets, azure } = await looksOf(3);
    // Each looks for itself before it knows the group, and once it is deleted.
    expect(gets).toBeLessThan(alone + 12);
    expect(azure.requests.filter((verb) => verb === "put")).toHaveLength(1);
  });
});

describe("a client", () => {
  it("learns from the runs of its jobs how long the next one takes", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 5 * MINUTE;
    const client = azure.client();
    const run = async (image: string): Promise<number> => {
      azure.requests.length = 0;
      const { timings } = await azure.until(runContainerJob(client, { image }));
      return (timings.noticedInMs ?? 0) * azure.requests.length;
    };
    const first = await run("a");
    for (let index = 0; index < 9; index++) await run("a");
    expect(await run("a")).toBeLessThan(first / 3);
    expect(await run("b")).toBeGreaterThan(first * 0.5);
  });
});
