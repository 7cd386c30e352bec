import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { JobPool, memoryStore, PoolReport, type ContainerJobSpec, type JobResult, type PoolEvent, type PoolReportOptions } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";
import { busyRun, type BusyRun } from "./busy-run.js";
import { read, textOf, tiles, type Row } from "./read-page.js";

const AT = Date.parse("2026-01-01T00:00:00.000Z");

async function runAll({ azure, pool, specs }: Pick<BusyRun, "azure" | "pool" | "specs">): Promise<readonly JobResult[]> {
  const results = await azure.until(Promise.allSettled(specs.map((spec) => pool.run(spec))));
  return results.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as JobResult)));
}

// The end of a job that has no result.
const LEFT = { error: { code: "ACI_JOB_DETACHED", text: "Stopped waiting" } };

// A pool's event by hand.
function event(type: PoolEvent["type"], id: number, ms: number, more: object = {}): PoolEvent {
  return { type, id, queued: 0, running: 0, finished: 0, at: new Date(AT + ms).toISOString(), ...more } as PoolEvent;
}

describe("a report of a pool", () => {
  it("has a row for each group, with the times that the results tell", async () => {
    const finishedAt = new Map<number, number>();
    const report = new PoolReport();
    const run = busyRun(60, {
      concurrency: 10,
      onEvent(event) {
        report.listen(event);
        if (event.type === "poolFinished") finishedAt.set(event.id, Date.parse(event.at) - AT);
      },
    });
    const results = await runAll(run);
    const { rows } = read(report.toHtml());
    expect(rows).toHaveLength(results.reduce((sum, { attempt }) => sum + attempt, 0));
    for (const result of results) {
      const own = rows.filter(({ key }) => key === result.key);
      const last = own.at(-1) as Row;
      const { provisionedInMs, pulledInMs, ranInMs, noticedInMs, queuedInMs = 0 } = result.timings;
      expect(own.map(({ attempt }) => attempt)).toEqual([...result.earlierAttempts.map(({ attempt }) => attempt), result.attempt]);
      expect(last).toMatchObject({ groupName: result.groupName, location: result.location, state: result.outcome, requests: result.requests });
      if (result.outcome !== "neverStarted") expect(last.inMs).toMatchObject({ pulled: pulledInMs, ran: ranInMs, noticed: noticedInMs, provisioned: provisionedInMs });
      expect(last.inMs.waited).toBeGreaterThanOrEqual(own.length === 1 ? queuedInMs : 0);
      // All phases together are the whole of the job, from when it was queued.
      const whole = Object.values(last.inMs).reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
      expect(last.from + whole).toBe(finishedAt.get(last.id));
    }
    const [retried] = results.filter(({ attempt }) => attempt === 2);
    const [first, second] = rows.filter(({ key }) => key === retried?.key);
    expect(first).toMatchObject({ state: "failed", text: "Job ended with exit code 3", inMs: { pulled: retried?.earlierAttempts[0]?.timings?.pulledInMs, ran: retried?.earlierAttempts[0]?.timings?.ranInMs } });
    expect(second?.from).toBeGreaterThan(first?.from ?? Infinity);
  });

  it("counts what the pool counts, and what it does not", async () => {
    const run = busyRun(120, { concurrency: 20 });
    const results = await runAll(run);
    const { stats } = run.pool;
    const html = run.report.toHtml();
    const retries = results.reduce((sum, { earlierAttempts }) => sum + earlierAttempts.length, 0);
    expect(retries).toBeGreaterThan(0);
    expect(tiles(html)).toMatchObject({ Jobs: "120", Requests: stats.requests.toLocaleString("en-US"), Retries: String(retries) });
    expect(parseFloat(tiles(html)["Cost"] ?? "")).toBeCloseTo(stats.cost.amount, 3);
    expect(Number(tiles(html)["429s"])).toBe(Math.floor(run.azure.requests.filter((verb) => verb === "put").length / 40));
    for (const [outcome, name] of [["succeeded", "succeeded"], ["failed", "failed"]] as const) expect(textOf(html)).toContain(`${name} ${stats.outcomes[outcome] ?? 0}`);
    expect(textOf(html)).toContain("All 120 jobs are over");
  });

  it("tells the percentiles of what it has seen", () => {
    const report = new PoolReport();
    for (let id = 1; id <= 100; id++) {
      report.listen(event("poolQueued", id, 0));
      report.listen(event("poolFinished", id, id * 1000, LEFT));
    }
    expect(textOf(report.toHtml())).toMatch(/Whole job .*? 100 50s 1m 30s 1m 39s 1m 40s/u);
  });

  it("can be asked for while jobs wait and run", async () => {
    const run = busyRun(30, { concurrency: 10 });
    const all = runAll({ ...run, specs: run.specs.map(({ key }) => ({ key, image: "run-600000" })) });
    await run.azure.until(run.azure.clock.sleep(120_000));
    const html = run.report.toHtml();
    const { rows } = read(html);
    expect(rows).toHaveLength(30);
    expect(rows.filter(({ state, now, groupName }) => state === "underWay" && now === "ran" && groupName !== undefined)).toHaveLength(10);
    expect(rows.filter(({ state, now, groupName }) => state === "waiting" && now === "waited" && groupName === undefined)).toHaveLength(20);
    expect(textOf(html)).toContain("Not over: 20 wait, 10 are under way");
    await all;
  });

  it("says which results were there before, and counts nothing else of them", async () => {
    const store = memoryStore();
    const azure = new FakeAzure();
    const specs = Array.from({ length: 5 }, (_unused, n): ContainerJobSpec => ({ key: `job-${n}`, image: "a" }));
    await runAll({ azure, specs, pool: new JobPool(azure.client(), { store }) });
    const report = new PoolReport();
    await runAll({ azure, specs: [...specs, { key: "new", image: "a" }], pool: new JobPool(azure.client(), { store, onEvent: report.listen }) });
    const html = report.toHtml();
    const { rows } = read(html);
    expect(rows.map(({ text, groupName }) => [text, groupName !== undefined])).toEqual([...specs.map(() => ["The store had its result already", false]), [undefined, true]]);
    expect(textOf(html)).toContain("5 of the results were in the store already");
    expect(tiles(html)["Requests"]).toBe(String(rows.at(-1)?.requests));
  });

  it("takes up what another process has begun", async () => {
    const [store, azure] = [memoryStore(), new FakeAzure()];
    azure.runsInMs = 60_000;
    const before = new JobPool(azure.client(), { store });
    const left = before.run({ key: "long", image: "a" }).catch(() => undefined);
    await azure.clock.advance(20_000);
    await azure.until(before.detach());
    await left;
    const report = new PoolReport();
    const results: JobResult[] = [];
    const pool = new JobPool(azure.client(), { store, onEvent: report.listen });
    await azure.until((async () => {
      for await (const result of pool.recover()) results.push(result);
    })());
    const [row] = read(report.toHtml()).rows;
    expect(results).toHaveLength(1);
    expect(row).toMatchObject({ key: "long", state: "succeeded", inMs: { ran: 60_000 } });
    // It ran before this process had it.
    expect(row?.from).toBeLessThan(0);
  });

  it("shows jobs that came to an error and no result", async () => {
    const [azure, report] = [new FakeAzure(), new PoolReport()];
    const pool = new JobPool(azure.client(), { concurrency: 1, onEvent: report.listen });
    const all = Promise.allSettled([pool.run({ image: "a" }), pool.run({ image: "a" })]);
    await azure.clock.advance(4000);
    await azure.until(pool.detach());
    await all;
    expect(read(report.toHtml()).rows.map(({ state, groupName, text }) => [state, groupName !== undefined, text])).toEqual([
      ["noResult", true, expect.stringContaining("which goes on")],
      ["noResult", false, expect.stringContaining("which goes on")],
    ]);
  });

  it("keeps the newest rows and all counts where there are more jobs than it may keep", async () => {
    const run = busyRun(50, { retry: undefined }, { maxRows: 20 });
    await runAll(run);
    const html = run.report.toHtml();
    const { rows } = read(html);
    expect(rows).toHaveLength(20);
    expect(tiles(html)).toMatchObject({ Jobs: "50", Requests: String(run.pool.stats.requests) });
    expect(textOf(html)).toContain("20, the newest of 50");
    expect(textOf(html)).toContain("without the oldest 30");
  });

  it("cuts keys that are long", () => {
    const report = new PoolReport();
    const long = "k".repeat(100_000);
    for (let id = 1; id <= 100; id++) {
      report.listen(event("poolQueued", id, 0, { key: `${id}${long}` }));
      report.listen(event("poolFinished", id, 1000, LEFT));
    }
    expect(report.toHtml().length).toBeLessThan(150_000);
  });

  it("has nothing in it but itself, and lets its own script run and no other", async () => {
    const evil = `"><img src=x onerror=alert(1)></script><script>alert(1)</script>&amp;'`;
    const [azure, report] = [new FakeAzure(), new PoolReport({ title: evil })];
    const pool = new JobPool(azure.client(), { onEvent: report.listen });
    azure.exitCode = 1;
    await runAll({ azure, pool, specs: [{ key: evil, image: "a", environment: { TOKEN: { secureValue: "hush-hush" } } }] });
    const html = report.toHtml();
    expect(read(html).rows[0]?.key).toBe(evil);
    expect(html).not.toMatch(/<img|<script>alert|hush-hush/u);
    expect(html.match(/<script/gu)).toHaveLength(2);
    expect(html.match(/(?:src|href)="[^"]*"/gu)).toEqual(['href="data:,"']);
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/u);
    const policy = /Content-Security-Policy" content="([^"]+)"/u.exec(html)?.[1]?.replaceAll("&#39;", "'");
    for (const [name, pattern] of [["script-src", /<script>([\s\S]*?)<\/script>/u], ["style-src", /<style>([\s\S]*?)<\/style>/u]] as const) {
      const hash = createHash("sha256").update(pattern.exec(html)?.[1] ?? "").digest("base64");
      expect(policy).toContain(`${name} 'sha256-${hash}'`);
    }
    expect(policy).toContain("default-src 'none'");
  });

  it("is a page where nothing has run", () => {
    expect(textOf(new PoolReport({ title: "Empty" }).toHtml())).toMatch(/Empty Nothing has run yet .*The pool was given no jobs\./u);
  });

  it.each([
    [{ title: "" }, TypeError],
    [{ maxRows: 0 }, RangeError],
    [{ maxrows: 5 }, TypeError],
  ])("refuses %j", (options, error) => {
    expect(() => new PoolReport(options as PoolReportOptions)).toThrow(error);
  });
});
