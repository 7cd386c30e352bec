import { createHmac } from "node:crypto";
import { request, type IncomingMessage } from "node:http";

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Sends a request whose path goes out as it is; dots, slashes and all. */
export async function sendRaw(url: string, method: string, target: string, headers: Record<string, string>, body?: Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: target, headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The headers of a request, signed as the documents say, from the path and the query as they are sent. */
export function signed(account: string, key: string, method: string, target: string, headers: Record<string, string> = {}): Record<string, string> {
  const all: Record<string, string> = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2026-04-06", ...headers };
  const standard = ["content-language", "content-encoding", "content-length", "content-md5", "content-type", "date", "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"];
  const ours = Object.keys(all).filter((name) => name.startsWith("x-ms-"));
  const [path = "", search = ""] = target.split("?");
  const query = search.split("&").filter(Boolean).sort().map((pair) => `\n${pair.replace("=", ":")}`);
  const lines = [method, ...standard.map((name) => (name === "content-length" && all[name] === "0" ? "" : (all[name] ?? ""))), ...ours.sort().map((name) => `${name}:${all[name] ?? ""}`)];
  const text = `${lines.join("\n")}\n/${account}${path}${query.join("")}`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  return { ...all, authorization: `SharedKey ${account}:${signature}` };
}
