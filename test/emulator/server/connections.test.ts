import { request } from "node:http";
import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterEach, describe, expect, it } from "vitest";

describe("connections to the emulator", () => {
  let emulator: Emulator;
  afterEach(() => emulator.close());

  // A connection that is closed in the moment in which a client uses it again is an ambiguous create, or write.
  it.each([
    ["group", () => emulator.endpoint],
    ["file", async () => (await emulator.fileService("account")).url],
  ])("are kept for longer than clients pause between %s requests", async (_what, urlOf) => {
    emulator = await startEmulator({ engine: scripted({}) });
    const [, seconds] = /timeout=(\d+)/u.exec(await keptFor(await urlOf())) ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(120);
  });
});

// What the answer to a request that wants to keep its connection says of that; it may be refused.
function keptFor(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, headers: { connection: "keep-alive" } }, (answer) => {
      answer.resume();
      resolve(String(answer.headers["keep-alive"]));
    })
      .on("error", reject)
      .end();
  });
}
