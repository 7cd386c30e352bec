import { ServerResponse, type IncomingMessage } from "node:http";
import { afterEach, expect } from "vitest";
import { violationsOf } from "./swagger.js";

// Every answer that an emulator in this process gives under 2023-05-01, in whatever test, is held against the service's
// own specification; the test in which one is wrong fails.
const violations: string[] = [];
const emulated = new WeakSet<Response>();

type Response = ServerResponse & { readonly req: IncomingMessage };
type Methods = Record<"writeHead" | "end", (this: Response, ...args: unknown[]) => Response>;
const { writeHead, end } = ServerResponse.prototype as unknown as Methods;

const watched: Methods = {
  // Other servers of tests play an ARM that is out of order; only the emulator has this header.
  writeHead(...args) {
    if (args.some((arg) => typeof arg === "object" && arg !== null && "x-ms-routing-request-id" in arg)) emulated.add(this);
    return writeHead.apply(this, args);
  },
  end(...args) {
    const { method = "GET", url = "/" } = this.req;
    const [path = "", query = ""] = url.replace(/\/{2,}/g, "/").split("?");
    const isMeant = emulated.has(this) && /Microsoft\.ContainerInstance/i.test(path) && new URLSearchParams(query).get("api-version") === "2023-05-01";
    const [body] = args;
    if (isMeant) violations.push(...violationsOf({ method, path, status: this.statusCode, body: Buffer.isBuffer(body) ? body.toString("utf8") : undefined }));
    return end.apply(this, args);
  },
};
Object.assign(ServerResponse.prototype, watched);

afterEach(() => {
  expect(violations.splice(0), "answers that the specification of 2023-05-01 does not allow").toEqual([]);
});
