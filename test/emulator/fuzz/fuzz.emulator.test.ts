import { Agent, request } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { hostileRequest, type HostileRequest } from "./hostile.js";

const REQUESTS = 50_000;
const AT_ONCE = 16;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

describe("hostile requests", () => {
  it(`are answered ${REQUESTS} times by 2xx or 4xx in ARM's shape, and leave nothing behind`, async () => {
    await using emulator = await startEmulator({ engine: scripted({ hello: () => 0 }) });
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const draw = drawer(20_261_124);
    const wrong: string[] = [];
    const heap: number[] = [];
    const statuses = new Map<number, number>();
    for (let round = 0; round < 10; round++) {
      let left = REQUESTS / 10;
      const one = async (): Promise<void> => {
        while (left-- > 0) {
          const sent = hostileRequest(draw);
          const answer = await send(emulator, agent, sent);
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          const reason = whatIsWrong(answer, sent);
          if (reason !== undefined && wrong.length < 10) wrong.push(`${reason}: ${sent.method} ${sent.path.slice(0, 200)} ${sent.body?.slice(0, 400) ?? ""} -> ${answer.status} ${answer.text.slice(0, 300)}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
      await emulator.reset();
      collectGarbage();
      heap.push(process.memoryUsage().heapUsed / 1e6);
    }
    agent.destroy();
    expect(wrong).toEqual([]);
    // Enough of them went past the first checks for the deeper ones to be met.
    expect(statuses.get(201) ?? 0).toBeGreaterThan(1_000);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(10_000);
    expect((heap.at(-1) ?? 0) - (heap[1] ?? 0), `heap by round in MB: ${heap.map(Math.round).join(", ")}`).toBeLessThan(20);
  }, 1_800_000);
});

interface Sent {
  readonly status: number;
  readonly text: string;
}

function send(emulator: Emulator, agent: Agent, { method, path, headers, body }: HostileRequest): Promise<Sent> {
  const { hostname, port } = new URL(emulator.endpoint);
  return new Promise((resolve, reject) => {
    const content = body === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
    const outgoing = request({ hostname, port, method, path, agent, headers: { authorization: `Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}`, ...content, ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function whatIsWrong({ status, text }: Sent, { method, path }: HostileRequest): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status < 400 || status > 499) return "status";
  if (method === "HEAD" || text === "") return method === "HEAD" ? undefined : "no body";
  // The token endpoints have OAuth's shape.
  if (/token/.test(path)) return undefined;
  const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
  return typeof error?.code === "string" && typeof error.message === "string" ? undefined : "shape";
}

function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
