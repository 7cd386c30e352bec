import { createServer, type IncomingMessage, type RequestListener, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock, VirtualClock } from "../../../src/internal/clock.js";
import { answers, checkHealthCheck, checkReach, type HealthCheck } from "../../../src/pools/servers/health-check.js";
import type { Server } from "../../../src/pools/servers/server.js";

const SERVER: Server = { id: "a", groupName: "g", ip: "127.0.0.1", ports: [] };

let server: HttpServer | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

// Serves at a port, any that is free unless one is named, and answers which, and what was asked there.
async function serve(respond: RequestListener, at = 0, host = "127.0.0.1"): Promise<{ readonly port: number; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const begun = createServer((request, response) => {
    asked.push(request);
    respond(request, response);
  });
  server = begun;
  await new Promise<void>((resolve, reject) => void begun.once("error", reject).listen(at, host, resolve));
  return { port: (begun.address() as AddressInfo).port, asked };
}

describe("a health check", () => {
  it.each([
    [200, true],
    [204, true],
    [302, true],
    [304, true],
    [400, false],
    [404, false],
    [503, false],
  ])("takes status %i for %o, and follows no redirect", async (status, isWell) => {
    const { port, asked } = await serve((_request, response) => void response.writeHead(status, { location: "/elsewhere" }).end());
    expect(await answers({ http: port }, SERVER, systemClock)).toBe(isWell);
    expect(asked.map(({ method, url }) => [method, url])).toEqual([["GET", "/"]]);
  });

  it("asks any port, also those that browsers may not", async () => {
    const respond: RequestListener = (_request, response) => void response.end("ok");
    // One that nobody else listens at now.
    const { port } = await serve(respond, 10080).catch(() => serve(respond, 6667)).catch(() => serve(respond, 6000));
    expect(await answers({ http: port }, SERVER, systemClock)).toBe(true);
  });

  it.each([["/health?deep=1", "/health?deep=1"], ["/a b/ü#c", "/a%20b/%C3%BC"]])("asks for path %s", async (path, url) => {
    const { port, asked } = await serve((_request, response) => void response.end());
    expect(await answers({ http: port, path }, SERVER, systemClock)).toBe(true);
    expect(asked[0]).toMatchObject({ url, headers: { host: `127.0.0.1:${port}`, accept: "*/*" } });
  });

  it("does not wait for a body, nor keep the connection", async () => {
    const { port } = await serve((_request, response) => void response.writeHead(200).write("it never ends"));
    expect(await answers({ http: port }, SERVER, systemClock)).toBe(true);
    await expect.poll(() => new Promise((resolve) => server?.getConnections((_error, count) => resolve(count)))).toBe(0);
  });

  it("takes for no what is not HTTP, what breaks off and what nobody listens at", async () => {
    const { port } = await serve((request) => void request.socket.destroy());
    expect(await answers({ http: port }, SERVER, systemClock)).toBe(false);
    expect(await answers({ tcp: port }, SERVER, systemClock)).toBe(true);
    server?.removeAllListeners("connection").on("connection", (socket) => void socket.end("no HTTP\r\n\r\n", () => socket.destroy()));
    expect(await answers({ http: port }, SERVER, systemClock)).toBe(false);
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    for (const check of [{ http: port }, { tcp: port }]) expect(await answers(check, SERVER, systemClock)).toBe(false);
  });

  it("takes for no what does not answer in five seconds, and rejects only for its caller's own abort", async () => {
    const { port, asked } = await serve(() => undefined);
    const clock = new VirtualClock();
    const late = answers({ http: port }, SERVER, clock);
    await expect.poll(() => asked.length).toBe(1);
    await clock.advance(5000);
    expect(await late).toBe(false);
    const controller = new AbortController();
    const stopped = answers({ http: port }, SERVER, clock, controller.signal);
    await expect.poll(() => asked.length).toBe(2);
    controller.abort("enough");
    await expect(stopped).rejects.toBe("enough");
    expect(clock.nextWakeAt).toBeUndefined();
  });

  it("takes a field that is undefined for none", async () => {
    const { port } = await serve((_request, response) => void response.end());
    const spec = { image: "a", address: {}, ports: [{ port }] };
    for (const check of [{ tcp: undefined, http: port }, { tcp: port, http: undefined, path: undefined }] as HealthCheck[]) {
      expect(() => checkHealthCheck(check)).not.toThrow();
      expect(() => checkReach(check, spec)).not.toThrow();
      expect(await answers(check, SERVER, systemClock)).toBe(true);
    }
    expect(() => checkReach({ tcp: undefined, http: 1 }, spec)).toThrow(/`isHealthy\.http`/u);
  });

  it("asks no path of a port that is only to take a connection", () => {
    expect(() => checkHealthCheck({ tcp: 80, path: "/" })).toThrow(new TypeError('Expected `isHealthy.path` to be left out with `tcp`, which asks no path, got `"/"` (string).'));
  });

  it("asks an address of IPv6, or a name where there is no address", async (context) => {
    const { port } = await serve((_request, response) => void response.end(), 0, "::1").catch(() => ({ port: 0 }));
    if (port === 0) return context.skip("this machine has no IPv6");
    for (const check of [{ http: port }, { tcp: port }]) expect(await answers(check, { ...SERVER, ip: "::1" }, systemClock)).toBe(true);
    expect(await answers({ http: port }, { id: "a", groupName: "g", ports: [] }, systemClock)).toBe(false);
  });
});
