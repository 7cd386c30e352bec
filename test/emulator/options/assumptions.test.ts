import { scripted, startEmulator, VirtualClock, type Assumptions, type Emulator, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { arm, follow, groupBody, type ArmResponse } from "../arm.js";

const images = {
  ends: (c: { print(text: string): void; run: number }): number => {
    c.print(`run ${c.run}\n`);
    return 0;
  },
  stays: async (c: { print(text: string): void; sleep(ms: number): Promise<void> }): Promise<number> => {
    c.print("here\n");
    await c.sleep(1e9);
    return 0;
  },
  // Takes no notice of being asked to end, so that its end takes the whole grace time.
  lingers: (): Promise<number> => new Promise(() => undefined),
};

async function running(image: string, assumptions: Assumptions, properties: object = {}, more: StartEmulatorOptions = {}): Promise<{ emulator: Emulator; clock: VirtualClock; ask: (method: string, below?: string, body?: unknown, apiVersion?: string) => Promise<ArmResponse> }> {
  const clock = new VirtualClock();
  const emulator = await startEmulator({ engine: scripted(images, { clock }), assumptions, ...more });
  const ask = (method: string, below = "", body?: unknown, apiVersion = "2023-05-01"): Promise<ArmResponse> => arm(emulator, method, `containerGroups/g${below}`, { apiVersion, ...(body === undefined ? {} : { body }) });
  await ask("PUT", "", groupBody(image, properties));
  await clock.advance(1_000);
  return { emulator, clock, ask };
}

const startTime = async (ask: (method: string) => Promise<ArmResponse>): Promise<unknown> => (await ask("GET")).body.properties.containers[0].properties.instanceView?.currentState;

describe("an assumption", () => {
  it.each([
    [{}, 404],
    [{ stoppedLogs: "kept" } as const, 200],
  ])("about the logs of a stopped group: %j", async (assumptions, status) => {
    const { emulator, ask } = await running("stays", assumptions);
    await ask("POST", "/stop");
    const logs = await ask("GET", "/containers/main/logs");
    expect([logs.status, logs.body.content]).toEqual([status, status === 200 ? "here\n" : undefined]);
    await emulator.close();
  });

  it.each([
    [{}, "run 1\n", "run 1\n"],
    [{ previousLogs: "kept" } as const, "run 0\nrun 1\n", "run 1\n"],
  ])("about the logs of earlier runs: %j", async (assumptions, whole, last) => {
    const { emulator, clock, ask } = await running("ends", assumptions, { restartPolicy: "Always" });
    await clock.advance(10_000);
    expect((await ask("GET", "/containers/main/logs")).body.content).toBe(whole);
    expect((await ask("GET", "/containers/main/logs?tail=1")).body.content).toBe(last);
    await emulator.close();
  });

  it.each([
    [{}, false],
    [{ identicalPut: "redeployed" } as const, true],
  ])("about a PUT of the same body: %j", async (assumptions, isRestarted) => {
    const { emulator, clock, ask } = await running("stays", assumptions);
    const before = await startTime(ask);
    expect((await ask("PUT", "", groupBody("stays"))).status).toBe(200);
    await clock.advance(5_000);
    expect((await startTime(ask)) !== undefined && JSON.stringify(await startTime(ask)) !== JSON.stringify(before)).toBe(isRestarted);
    await emulator.close();
  });

  it.each([
    [{}, true],
    [{ tagsOnlyPut: "inPlace" } as const, false],
  ])("about a PUT that changes tags only: %j", async (assumptions, isRestarted) => {
    const { emulator, clock, ask } = await running("stays", assumptions);
    const before = await startTime(ask);
    const put = await ask("PUT", "", { ...groupBody("stays"), tags: { a: "b" } });
    expect([put.status, put.body.tags]).toEqual([200, { a: "b" }]);
    await clock.advance(5_000);
    expect(JSON.stringify(await startTime(ask)) !== JSON.stringify(before)).toBe(isRestarted);
    await emulator.close();
  });

  it.each([
    [{}, 409],
    [{ nameReuse: "waits" } as const, 201],
  ])("about a name whose containers still end: %j", async (assumptions, status) => {
    const { emulator, clock, ask } = await running("lingers", assumptions);
    await ask("DELETE");
    const again = await ask("PUT", "", groupBody("ends"));
    expect([again.status, again.status === 409 ? again.body.error.code : undefined]).toEqual([status, status === 409 ? "ContainerGroupTransitioning" : undefined]);
    await clock.advance(11_000);
    expect((await ask("PUT", "", groupBody("ends"))).status).toBe(status === 409 ? 201 : 200);
    await emulator.close();
  });

  it.each([
    [{}, "2023-05-01", 202],
    [{}, "2020-11-01", 204],
    [{ startStatus: 204 } as const, "2023-05-01", 204],
    [{ startStatus: 202 } as const, "2020-11-01", 202],
  ])("about the answer to a start: %j under %s", async (assumptions, apiVersion, status) => {
    const { emulator, ask } = await running("stays", assumptions);
    await ask("POST", "/stop");
    const started = await ask("POST", "/start", undefined, apiVersion);
    expect([started.status, typeof started.headers["azure-asyncoperation"]]).toEqual([status, "string"]);
    await emulator.close();
  });

  it("about the answer to a delete: 202 and an operation", async () => {
    const { emulator, clock, ask } = await running("stays", { deleteStatus: 202 });
    const deleted = await ask("DELETE");
    expect([deleted.status, deleted.body]).toEqual([202, undefined]);
    await clock.advance(1_000);
    expect((await follow(emulator, deleted.headers["azure-asyncoperation"])).body.status).toBe("Succeeded");
    expect((await ask("GET")).status).toBe(404);
    expect((await ask("DELETE")).status).toBe(204);
    await emulator.close();
  });

  it.each([
    [{}, 200],
    [{ deleteIfMatch: "refused" } as const, 412],
  ])("about If-Match on a delete: %j", async (assumptions, status) => {
    const { emulator } = await running("stays", assumptions);
    expect((await arm(emulator, "DELETE", "containerGroups/g", { headers: { "if-match": '"1"' } })).status).toBe(status);
    await emulator.close();
  });

  it.each([
    [{}, "97"],
    [{ refusedCreates: "free" } as const, "98"],
  ])("about creates that are refused: %j", async (assumptions, left) => {
    const { emulator, ask } = await running("stays", assumptions);
    await arm(emulator, "PUT", "containerGroups/h", { body: groupBody("nowhere") });
    const put = await ask("PUT", "", groupBody("stays"));
    expect(put.headers["x-ms-ratelimit-remaining-subscription-resource-requests-pt5m"]).toBe(left);
    await emulator.close();
  });

  it("that is none is refused", async () => {
    await expect(startEmulator({ engine: scripted({}), assumptions: { stoppedLogs: "maybe" as "kept" } })).rejects.toThrow("Expected `assumptions.stoppedLogs` to be one of gone, kept, got `maybe`");
    await expect(startEmulator({ engine: scripted({}), assumptions: { weather: "fine" } as Assumptions })).rejects.toThrow("weather");
  });
});

describe("limits that are enforced", () => {
  const many = async (emulator: Emulator, count: number, image = "stays"): Promise<ArmResponse[]> => {
    const answers: ArmResponse[] = [];
    for (let index = 0; index < count; index++) answers.push(await arm(emulator, "PUT", `containerGroups/n${index}`, { body: groupBody(image) }));
    return answers;
  };

  it("refuse a group for which the cores do not suffice, and let it in when others have ended", async () => {
    const { emulator, ask } = await running("stays", {}, {}, { limits: "enforced" });
    const big = groupBody("stays", {}, { resources: { requests: { cpu: 31, memoryInGB: 1 } } });
    for (const name of ["a", "b", "c"]) expect((await arm(emulator, "PUT", `containerGroups/${name}`, { body: big })).status).toBe(201);
    const refused = await arm(emulator, "PUT", "containerGroups/d", { body: big });
    expect([refused.status, refused.body.error]).toEqual([400, { code: "ContainerGroupQuotaReached", message: "Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'StandardCores' exceeded in region 'westeurope'. Limit: '100', Usage: '94' Requested: '31'." }]);
    await arm(emulator, "DELETE", "containerGroups/a");
    expect((await arm(emulator, "PUT", "containerGroups/d", { body: big })).status).toBe(201);
    expect((await ask("GET")).status).toBe(200);
    await emulator.close();
  });

  it("refuse the 101st create of five minutes until the first is five minutes old", async () => {
    const { emulator, clock } = await running("ends", {}, {}, { limits: "enforced" });
    const answers = await many(emulator, 100, "ends");
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(99);
    const refused = answers.at(-1);
    expect([refused?.status, refused?.body.error.code]).toEqual([429, "TooManyRequests"]);
    await clock.advance(Number(refused?.headers["retry-after"]) * 1000);
    expect((await arm(emulator, "PUT", "containerGroups/late", { body: groupBody("ends") })).status).toBe(201);
    await emulator.close();
  });

  it("refuse reads when the bucket is empty, and say when it has filled up", async () => {
    const { emulator, clock, ask } = await running("ends", {}, {}, { limits: "enforced" });
    const answers = await Promise.all(Array.from({ length: 260 }, () => ask("GET")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(refused[0]?.headers["retry-after"]).toBe("1");
    await clock.advance(1_000);
    expect((await ask("GET")).status).toBe(200);
    await emulator.close();
  });
});
