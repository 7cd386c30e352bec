import { get } from "node:http";
import { connect } from "node:net";
import { link } from "../../internal/abort.js";
import type { Clock } from "../../internal/clock.js";
import { containersOf } from "../../jobs/spec/check-job.js";
import { isPort } from "../../lifecycle/checks/check-ports.js";
import { expectForm, expectKeys, fail } from "../../lifecycle/expect.js";
import type { ServerSpec } from "../server-spec.js";
import { isReachable } from "./server-group.js";
import type { Server } from "./server.js";

/**
 * How to find out that a server's program answers: a port that takes a connection, a path that answers with a status below
 * 400, or a function of your own, for which a rejection means no. A port is one that the server's `address` opens.
 *
 * @public
 */
export type HealthCheck = { readonly tcp: number } | { readonly http: number; /** @defaultValue `"/"` */ readonly path?: string | undefined } | ((server: Server) => boolean | Promise<boolean>);

/** What may be given of a check that asks a port. A field that is undefined was not given. */
interface PortCheck {
  readonly tcp?: number | undefined;
  readonly http?: number | undefined;
  readonly path?: string | undefined;
}

const ANSWERS_WITHIN_IN_MS = 5000;

// Throws a TypeError or RangeError for what is no check.
export function checkHealthCheck(check: unknown): void {
  if (check === undefined || typeof check === "function") return;
  expectKeys("isHealthy", check, ["tcp", "http", "path"]);
  const { tcp, http, path } = check as { readonly [Field in keyof PortCheck]: unknown };
  if ((tcp === undefined) === (http === undefined)) fail("isHealthy", "a function, { tcp: port } or { http: port }", check, "type");
  const port = tcp ?? http;
  if (!isPort(port)) fail("isHealthy", "a port from 1 to 65535", port);
  if (path === undefined) return;
  if (tcp !== undefined) fail("isHealthy.path", "left out with `tcp`, which asks no path", path, "type");
  expectForm("isHealthy.path", path, /^\//u, "a path that begins with `/`");
}

// Throws for a check of a port that nobody can ever reach. What raw properties make of an address is not known here.
export function checkReach(check: HealthCheck | undefined, spec: ServerSpec): void {
  if (check === undefined || typeof check === "function" || spec.arm !== undefined) return;
  if (!isReachable(spec)) throw new TypeError("Expected `address` to be given where `isHealthy` asks a port: without an address nobody reaches it.");
  // In a subnet it is not the address that opens ports.
  if (spec.subnetId !== undefined) return;
  const open = openPorts(spec);
  const { tcp, http }: PortCheck = check;
  const [field, port] = tcp === undefined ? ["http", http] : ["tcp", tcp];
  if (port === undefined || !open.includes(port)) fail(`isHealthy.${field}`, `a TCP port that the address opens, ${open.length === 0 ? "which has none" : `one of \`${open.join(", ")}\``}`, port);
}

function openPorts(spec: ServerSpec): number[] {
  const all = spec.address?.ports ?? containersOf(spec).flatMap(({ ports }) => ports ?? []);
  return all.filter(({ protocol = "TCP" }) => protocol === "TCP").map(({ port }) => port);
}

// Whether a server answers in time. What fails is a no; only the caller's own abort rejects.
export async function answers(check: HealthCheck | undefined, server: Server, clock: Clock, abortSignal?: AbortSignal): Promise<boolean> {
  if (check === undefined) return true;
  const late = new AbortController();
  const [signal, release] = link(late.signal, abortSignal);
  const isLate = clock.sleep(ANSWERS_WITHIN_IN_MS, signal).then(() => false);
  try {
    const isWell = await Promise.race([ask(check, server, signal).catch(() => false), isLate.catch(() => false)]);
    abortSignal?.throwIfAborted();
    return isWell;
  } finally {
    late.abort();
    release();
  }
}

async function ask(check: HealthCheck, server: Server, signal: AbortSignal): Promise<boolean> {
  if (typeof check === "function") return check(server);
  const host = server.ip ?? server.fqdn;
  if (host === undefined) return false;
  const { tcp, http, path = "/" }: PortCheck = check;
  if (tcp !== undefined) return takesConnections(host, tcp, signal);
  return (await statusOf(`http://${host.includes(":") ? `[${host}]` : host}:${http}${path}`, signal)) < 400;
}

// Intentionally not with fetch, which asks none of the ports that browsers may not ask, as those of X11 and IRC. Redirects are not
// followed, and a body is not waited for.
function statusOf(url: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(new URL(url), { agent: false, headers: { accept: "*/*", "user-agent": "node" }, signal });
    request.on("response", ({ statusCode = Infinity }) => {
      resolve(statusCode);
      request.destroy();
    });
    request.on("error", reject);
    // It may end without an answer and without an error, where a server would speak another protocol.
    request.on("close", () => reject(new Error("It was not answered")));
  });
}

function takesConnections(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
