import { request } from "node:http";
import { scripted, startEmulator, type Emulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

describe("GET /", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    const images = { talk: (c: ScriptedContainer) => (c.print("said\n"), 0) };
    emulator = await startEmulator({ engine: scripted(images) });
    const container = { environmentVariables: [{ name: "KEY", secureValue: "s3cret" }], command: ["run", "--password=s3cret"] };
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("talk", {}, container) });
  });
  afterAll(() => emulator.close());

  const get = (headers: Record<string, string> = {}, path = "/"): Promise<{ status: number; headers: Record<string, string>; text: string }> =>
    new Promise((resolve, reject) => {
      request(`${emulator.endpoint}${path}`, { headers, agent: false }, (response) => {
        let text = "";
        response.on("data", (part: Buffer) => (text += part.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, text }));
      }).on("error", reject).end();
    });

  it("is a page without data, by itself, that can be framed by nobody and asks nobody else", async () => {
    const { status, headers, text } = await get();
    expect([status, headers["content-type"], headers["x-frame-options"], headers["referrer-policy"]]).toEqual([200, "text/html; charset=utf-8", "DENY", "no-referrer"]);
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'/);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(text).not.toMatch(/(src|href)="(?!data:)|innerHTML|url\(|@import/);
    expect(text).not.toContain(emulator.environment["ACI_EMULATOR_TOKEN"]);
    expect(text).not.toContain("containerGroups/");
  });

  it.each([{ host: "evil.example" }, { origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }])("refuses what any other route refuses: %j", async (headers) => {
    expect((await get(headers as Record<string, string>)).status).toBe(403);
  });

  it("is linked with the token behind the hash, where no server sees it", () => {
    expect(emulator.pageUrl).toBe(`${emulator.endpoint}/#${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}`);
  });

  it("asks a route that wants the token, and tells no secret", async () => {
    expect((await get({}, "/emulator/state")).status).toBe(401);
    const { status, text } = await get({ authorization: `Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}` }, `/emulator/state?group=${encodeURIComponent(emulator.groups()[0]?.id ?? "")}&container=main`);
    expect([status, JSON.parse(text)]).toMatchObject([200, { engine: "scripted", groupCount: 1, faults: [], log: "said\n", groups: [{ name: "g", containers: [{ name: "main", exitCode: 0 }] }] }]);
    expect(text).not.toContain("s3cret");
  });

  it("is not among the requests that the emulator tells", () => {
    expect(emulator.requests.map(({ path }) => path).filter((path) => path === "/" || path === "/emulator/state")).toEqual(["/", "/", "/"]);
  });
});
