import { startEmulator, scripted, type Emulator } from "aci-lifecycle/emulator";
import { afterEach, describe, expect, it } from "vitest";
import { arm } from "../arm.js";

describe("connections to the emulator", () => {
  let emulator: Emulator;
  afterEach(() => emulator.close());

  // A connection that is closed in the moment in which a client uses it again is an ambiguous create.
  it("are kept for longer than clients pause between requests", async () => {
    emulator = await startEmulator({ engine: scripted({}) });
    const { headers } = await arm(emulator, "GET", "containerGroups", { headers: { connection: "keep-alive" } });
    const [, seconds] = /timeout=(\d+)/u.exec(headers["keep-alive"] ?? "") ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(120);
  });
});
