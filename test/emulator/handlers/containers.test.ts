import { scripted, startEmulator, VirtualClock, type Emulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { afterEach, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

const images = {
  lines: async (c: ScriptedContainer) => {
    c.print("one\ntwo\n");
    await c.sleep(1_000);
    c.print("three\n");
    await c.sleep(1e9);
    return 0;
  },
  much: (c: ScriptedContainer) => {
    for (let megabyte = 0; megabyte < 20; megabyte++) c.print(`${"é".repeat(524_287)}\n\n`);
    return 0;
  },
  silent: () => 0,
};

describe("the logs of a container", () => {
  let emulator: Emulator;
  afterEach(() => emulator.close());
  const logs = (query = "", container = "main"): ReturnType<typeof arm> => arm(emulator, "GET", `containerGroups/g/containers/${container}/logs${query}`);

  it("are what it has printed so far, its last lines, or its lines with their times", async () => {
    const clock = new VirtualClock();
    emulator = await startEmulator({ engine: scripted(images, { clock }), pace: { pullInMs: 1_000 } });
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("lines") });
    expect(await logs()).toMatchObject({
      status: 404,
      body: {
        error: {
          code: "ContainerLogNotAvailable",
          message: "Log of container 'main' in container group 'g' is not available yet. Please check container 'InstanceView' for more information or retry later.",
        },
      },
    });
    await clock.advance(1_000);
    expect((await logs()).body).toEqual({ content: "one\ntwo\n" });
    await clock.advance(1_000);
    expect((await logs("?tail=2")).body.content).toBe("two\nthree\n");
    expect((await logs("?tail=9")).body.content).toBe("one\ntwo\nthree\n");
    expect((await logs("?timestamps=true&tail=2")).body.content).toBe("2026-01-01T00:00:01.000000000Z two\n2026-01-01T00:00:02.000000000Z three\n");
    expect((await logs("", "other")).body.error.code).toBe("ContainerNotFound");
    await arm(emulator, "POST", "containerGroups/g/stop");
    expect((await logs()).status).toBe(404);
  });

  it("are the last 4 MB, in whole characters, also after the end", async () => {
    emulator = await startEmulator({ engine: scripted(images) });
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("much") });
    const { content } = (await logs()).body;
    expect(Buffer.byteLength(content)).toBeGreaterThan(4 * 1024 * 1024 - 4);
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(content).not.toContain("\uFFFD");
  });

  it("are 16 KB after the end where the emulator is told so", async () => {
    emulator = await startEmulator({ engine: scripted(images), assumptions: { terminatedLogs: "16KB" } });
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("much") });
    expect(Buffer.byteLength((await logs()).body.content)).toBeLessThanOrEqual(16 * 1024);
  });

  it("are empty for one that prints nothing", async () => {
    emulator = await startEmulator({ engine: scripted(images) });
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("silent") });
    expect((await logs()).body).toEqual({ content: "" });
  });
});
