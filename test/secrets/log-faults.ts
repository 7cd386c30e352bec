import type { Heard, Tampering } from "./adversary.js";
import type { Scenario } from "./scenario.js";
import type { Stage } from "./stage.js";

const refusedLogs = (times: number, status: number, code: string) => (stage: Stage) => (heard: Heard): Tampering =>
  heard.kind === "logs" && heard.nth < times ? stage.adversary.refuse(heard, status, code) : undefined;

// Changes what each read of a log finds.
const logs = (change: (content: string, heard: Heard) => string) => () => (heard: Heard): Tampering =>
  heard.kind !== "logs" ? undefined : (answered) => (answered.status === 200 ? { ...answered, text: JSON.stringify({ content: change((JSON.parse(answered.text) as { content: string }).content, heard) }) } : answered);

const ODD = `\u0000\u001b[31m\uFFFD${"x".repeat(100_000)}\r\nsame\nsame\n`;

export const LOG_FAULTS: readonly Scenario[] = [
  { id: "G1", what: "no log of a container that has not started", tamper: refusedLogs(2, 404, "ContainerLogNotAvailable"), ends: "succeeded" },
  { id: "G2", what: "no log for a while after the end", spec: { image: "fail" }, tamper: refusedLogs(20, 404, "ContainerLogNotAvailable"), ends: "failed" },
  { id: "G3", what: "a log that is empty first", rules: [{ on: "logs", answer: "emptyLogs", times: 3 }], tamper: refusedLogs(1, 409, "ContainerGroupTransitioning"), ends: "succeeded" },
  { id: "G4", what: "logs that cannot be read at all", tamper: refusedLogs(Infinity, 500, "InternalServerError"), ends: "succeeded" },
  { id: "G5", what: "a log that rolls over", spec: { image: "chatter" }, tamper: logs((content, { nth }) => content.slice(nth * 30_000)), ends: "succeeded" },
  { id: "G6", what: "the end of a log only", emulator: { assumptions: { terminatedLogs: "16KB" } }, spec: { image: "chatter" }, tamper: refusedLogs(1, 503, "ServiceUnavailable"), ends: "succeeded" },
  { id: "G7", what: "a log of odd bytes and long lines", tamper: logs((content) => ODD + content), ends: "succeeded" },
  { id: "G8", what: "secrets that the container prints itself", spec: { image: "leaky" }, tamper: refusedLogs(1, 500, "InternalServerError"), ends: "succeeded" },
];
