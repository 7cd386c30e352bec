import { connect } from "node:net";
import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arm, groupBody, send } from "../arm.js";

// Names of other machines, other ports, other ways to write an address of this one, and what parsers take for one another.
const FOREIGN_HOSTS: readonly string[] = [
  "evil.example", "evil.example:{port}", "127.0.0.1", "localhost", "[::1]", "127.0.0.1:1", "localhost:1", "127.0.0.1:0{port}", "127.0.0.1:{port}0", "127.0.0.1.evil.example:{port}",
  "localhost.evil.example:{port}", "localhost.:{port}", "evil.example#127.0.0.1:{port}", "127.0.0.1:{port}#evil.example", "127.0.0.1:{port}/evil", "a@127.0.0.1:{port}", "127.0.0.1:{port}@evil.example",
  "0.0.0.0:{port}", "0:{port}", "127.1:{port}", "127.0.1:{port}", "2130706433:{port}", "0x7f000001:{port}", "0x7f.1:{port}", "0177.0.0.1:{port}", "127.0.0.2:{port}", "127.000.000.001:{port}",
  "[::]:{port}", "[::ffff:127.0.0.1]:{port}", "[0:0:0:0:0:0:0:1]:{port}", "[::1%25lo]:{port}", "::1:{port}", "LOCALHOST:{port}", "LocalHost:{port}", "LOCALHOST :{port}", "localhost :{port}",
  "localhost:{port} ,evil.example", "localhost:{port},localhost:{port}", "127.0.0.1:{port}, evil.example", "xn--lcalhost-7za:{port}", "localtest.me:{port}", "127.0.0.1.nip.io:{port}",
];

describe("the emulator's door", () => {
  let emulator: Emulator;
  let port: string;
  beforeAll(async () => {
    emulator = await startEmulator({ engine: scripted({ hello: () => 0 }) });
    port = new URL(emulator.endpoint).port;
  });
  afterAll(() => emulator.close());

  const routes: readonly (readonly [string, string])[] = [
    ["GET", "containerGroups"],
    ["GET", "containerGroups/g"],
    ["PUT", "containerGroups/g"],
    ["PATCH", "containerGroups/g"],
    ["DELETE", "containerGroups/g"],
    ["POST", "containerGroups/g/start"],
    ["POST", "containerGroups/g/stop"],
    ["POST", "containerGroups/g/restart"],
    ["GET", "containerGroups/g/containers/c/logs"],
    ["POST", "containerGroups/g/containers/c/exec"],
    ["POST", "containerGroups/g/containers/c/attach"],
    ["GET", "/subscriptions/s/resources"],
    ["GET", "/subscriptions/s/providers/Microsoft.ContainerInstance/locations/l/operations/o"],
    ["GET", "/providers/Microsoft.ContainerInstance/operations"],
    ["OPTIONS", "containerGroups"],
    ["GET", "/nothing"],
  ];

  it.each(routes)("answers 401 without the token: %s %s", async (method, path) => {
    for (const authorization of ["", "Bearer ", "Bearer wrong", `Basic ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}`]) {
      const answer = await arm(emulator, method, path, { headers: { authorization } });
      expect([answer.status, typeof answer.body.error.code, typeof answer.headers["www-authenticate"]]).toEqual([401, "string", "string"]);
    }
  });

  it.each(FOREIGN_HOSTS)(
    "refuses the Host %j",
    async (host) => {
      expect((await arm(emulator, "GET", "containerGroups", { headers: { host: host.replace("{port}", port) } })).status).toBeGreaterThanOrEqual(400);
    },
  );

  it.each(["127.0.0.1", "localhost", "[::1]"])("takes its own name %s", async (name) => {
    expect((await arm(emulator, "GET", "containerGroups", { headers: { host: `${name}:${port}` } })).status).toBe(200);
  });

  it.each([{ origin: "https://evil.example" }, { origin: "null" }, { origin: "http://127.0.0.1:1" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }])(
    "refuses what a web page sends: %j",
    async (headers) => {
      const answer = await arm(emulator, "GET", "containerGroups", { headers: headers as unknown as Record<string, string> });
      expect(answer.status).toBe(403);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    },
  );

  it("refuses two Hosts, and a target that is not a path", async () => {
    const authorization = `Authorization: Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}`;
    const head = `Host: 127.0.0.1:${port}\r\n${authorization}\r\nConnection: close\r\n\r\n`;
    expect(await raw(`GET / HTTP/1.1\r\nHost: evil.example\r\n${head}`)).toMatch(/^HTTP\/1.1 4/);
    expect(await raw(`GET http://evil.example/ HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1.1 4/);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])("refuses a body that is %s", async (type) => {
    const answer = await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("hello"), headers: { "content-type": type } });
    expect(answer.status).toBe(415);
    expect(emulator.groups()).toEqual([]);
  });

  it("refuses a body above 4 MB, and one that is not JSON", async () => {
    const big = { ...groupBody("hello"), tags: { big: "x".repeat(4 * 1024 * 1024) } };
    expect((await arm(emulator, "PUT", "containerGroups/g", { body: big }).catch(() => ({ status: 413 }))).status).toBe(413);
    expect((await arm(emulator, "PUT", "containerGroups/g", { body: "{" })).body.error.code).toBe("InvalidRequestContent");
  });

  it("needs an api-version, and takes any", async () => {
    expect((await arm(emulator, "GET", "containerGroups", { apiVersion: "" })).body.error.code).toBe("MissingApiVersionParameter");
    for (const apiVersion of ["2017-08-01-preview", "2023-05-01", "2030-01-01"]) {
      expect((await arm(emulator, "GET", "containerGroups", { apiVersion })).status).toBe(200);
    }
  });

  it("survives a path that cannot be decoded", async () => {
    expect((await send(`${emulator.endpoint}/subscriptions/%ff%/resources?api-version=1`, "GET", { authorization: `Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}` }, undefined)).status).toBeGreaterThanOrEqual(400);
  });

  it.each([{ host: "0.0.0.0" }, { host: "localhost" }, { port: -1 }, { port: 1.5 }, { engine: "sandbox" }, { token: "short" }, { pageSize: 0 }])("refuses the option %j", async (options) => {
    await expect(startEmulator({ engine: scripted({}), ...options } as never)).rejects.toThrow(RangeError);
  });

  it("keeps no token in what it shows of itself, but in what is for clients", async () => {
    await arm(emulator, "GET", "containerGroups");
    const token = emulator.environment["ACI_EMULATOR_TOKEN"] ?? "";
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify([emulator.requests, emulator.banner, emulator.groups()])).not.toContain(token);
    expect((await emulator.clientOptions.credential.getToken()).token).toBe(token);
  });

  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
      let answer = "";
      socket.on("data", (part) => (answer += part.toString()));
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
    });
  }
});
