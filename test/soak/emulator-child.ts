// The emulator of the soak, in a process of its own. One request in twenty goes wrong. Says where it answers, and on each line
// of its input what it has seen since; ends with its input.
import { ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { scripted, startEmulator, type FaultAnswer, type FaultRule, type RecordedRequest, type RequestKind } from "aci-lifecycle/emulator";
import { exitCodeOf, logOf, millisecondsOf, type EmulatorReport } from "./work.js";

// Eight kinds of trouble that make 5 % together; the ninth, a body that is cut off, is below.
const SHARE = 0.05 / 9;
const ALL: readonly RequestKind[] = ["create", "get", "list", "delete", "logs"];
const rule = (on: readonly RequestKind[], answer: FaultAnswer, probability = SHARE): FaultRule => ({ on, answer, probability, times: Infinity });
const late = (status: number, code: string): FaultAnswer => ({ status, code, message: "It was done all the same.", isAfterEffect: true });
const faults: readonly FaultRule[] = [
  rule(ALL, "throttled"),
  rule(ALL, "internal"),
  rule(ALL, "unavailable"),
  // Only what changes a group meets it in transition; as there are fewer of those, more often.
  rule(["create", "delete"], "transitioning", 3 * SHARE),
  rule(ALL, "reset"),
  rule(ALL, "resetAfter"),
  rule(ALL, late(503, "ServiceUnavailable")),
  rule(ALL, late(500, "InternalServerError")),
];

const starts = new Map<string, number>();
const doubles: string[] = [];
const emulator = await startEmulator({
  faults,
  seed: 7,
  // A create that is sent twice shows: its container runs twice.
  assumptions: { identicalPut: "redeployed" },
  engine: scripted({
    soak: async (container) => {
      const n = Number(container.environment["JOB"]);
      count(String(n));
      await container.sleep(millisecondsOf(n));
      container.print(logOf(n));
      return exitCodeOf(n);
    },
  }),
});

// What has run shows what there was, whatever became of answers.
function count(job: string): void {
  starts.set(job, (starts.get(job) ?? 0) + 1);
  if (starts.get(job) !== 1) doubles.push(`job ${job} was started ${starts.get(job) ?? 0} times`);
  const groups = emulator.groups().filter(({ tags }) => tags["soak"] === job);
  if (groups.length !== 1) doubles.push(`job ${job} has the groups ${groups.map(({ name }) => name).join(", ")}`);
}

// A body is cut off by and by: its first half is sent, and then the connection ends.
let cuts = 0;
let answers = 0;
const { end } = ServerResponse.prototype as { end: (this: ServerResponse, chunk?: unknown) => ServerResponse };
ServerResponse.prototype.end = function (this: ServerResponse, chunk?: unknown): ServerResponse {
  if (!Buffer.isBuffer(chunk) || chunk.length < 2 || ++answers % Math.round(1 / SHARE) !== 0) return end.call(this, chunk);
  cuts++;
  this.write(chunk.subarray(0, chunk.length / 2), () => this.socket?.destroy());
  return this;
} as never;

// The emulator forgets its oldest requests; so they are read as they come.
let requests = 0;
const accepted = new Set<string>();
const broken = { lost: 0, throttled: 0, transitioning: 0, failed: 0 };
function read(): void {
  for (const { method, path, status } of (emulator.requests as RecordedRequest[]).splice(0)) {
    requests++;
    if (status === 0) broken.lost++;
    else if (status === 429) broken.throttled++;
    else if (status === 409) broken.transitioning++;
    else if (status >= 500) broken.failed++;
    const name = path.split("/").at(-1) ?? "";
    if (method === "DELETE" && status < 300) accepted.delete(name);
    if (method !== "PUT" || status === 0 || status >= 300) continue;
    // Attempts of a job differ in the last number of their names only.
    const before = [...accepted].find((other) => other.replace(/-\d+$/u, "") === name.replace(/-\d+$/u, ""));
    if (before !== undefined) doubles.push(`${name} was accepted while ${before} was there`);
    accepted.add(name);
  }
}
const reading = setInterval(read, 200);

process.stdout.write(`${JSON.stringify(emulator.environment)}\n`);
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- whatever is said, it is the same question
for await (const line of createInterface({ input: process.stdin })) {
  read();
  const report: EmulatorReport = { groups: emulator.groups().length, requests, struck: { ...broken, cut: cuts }, doubles, started: starts.size, rss: Math.round(process.memoryUsage().rss / 1024 / 1024) };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
clearInterval(reading);
await emulator.close();
