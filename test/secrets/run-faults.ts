import type { Heard, Tampering } from "./adversary.js";
import { changing, mainView, nth, told, type Body, type Scenario } from "./scenario.js";
import { MINUTE, SECOND, SPEC, type Stage } from "./stage.js";

// Changes every look from the n-th on.
const looks = (change: (stage: Stage, body: Body, heard: Heard) => void, from = 0) => (stage: Stage) => (heard: Heard): Tampering =>
  heard.kind === "get" && heard.nth >= from ? changing("get", (body) => change(stage, body, heard))(heard) : undefined;

const refusedLooks = (count: number, status: number, code: string) => (stage: Stage) => (heard: Heard): Tampering =>
  heard.kind === "get" && heard.nth > 0 && heard.nth <= count ? stage.adversary.refuse(heard, status, code) : undefined;

export const RUN_FAULTS: readonly Scenario[] = [
  { id: "R1", what: "a group that is not found right after its create", tamper: refusedLooks(3, 404, "ResourceNotFound"), ends: "succeeded" },
  { id: "R2", what: "looks that are out of date", rules: [{ on: "get", answer: "stale", after: 2, times: 3 }], tamper: refusedLooks(1, 500, "InternalServerError"), ends: "succeeded" },
  { id: "R3", what: "a group that somebody deletes while it runs", rules: [{ happens: "lost", afterInMs: 5 * SECOND }], tamper: refusedLooks(1, 503, "ServiceUnavailable"), ends: "lost" },
  {
    id: "R4",
    what: "a container that the platform begins anew",
    rules: [{ happens: "platformRestart", afterInMs: 5 * SECOND }],
    tamper: looks((stage, body, heard) => {
      const { previousState } = mainView(body);
      if (previousState !== undefined) previousState.detailStatus = stage.adversary.echo(heard);
    }),
    ends: "failed",
  },
  {
    id: "R5",
    what: "a group that is repaired for an hour",
    spec: { image: "long" },
    tamper: looks((stage, body, heard) => {
      body.properties.provisioningState = heard.nth % 2 === 0 ? "Repairing" : "Unhealthy";
      body.properties.instanceView.events = [told("Killing", stage.adversary.echo(heard))];
    }),
    ends: "succeeded",
  },
  {
    id: "R6",
    what: "an end without an exit code, and words that nobody knows",
    tamper: looks((stage, body, heard) => {
      body.properties.instanceView.state = "Confused";
      mainView(body).currentState = { state: "Terminated", finishTime: "2026-01-01T00:00:00Z", startTime: "2026-01-01T00:00:09Z", detailStatus: stage.adversary.echo(heard) };
    }, 2),
    ends: "lost",
  },
  {
    id: "R7",
    what: "a container that was killed",
    spec: { image: "killed" },
    tamper: looks((stage, body, heard) => {
      const { currentState } = mainView(body);
      if (currentState?.state === "Terminated") currentState.detailStatus = `OOMKilled ${stage.adversary.echo(heard)}`;
    }),
    ends: "failed",
  },
  {
    id: "R8",
    what: "an init container that fails",
    spec: { initContainers: SPEC.initContainers?.map((init) => ({ ...init, image: "init-fails" })) },
    tamper: looks((stage, body, heard) => {
      for (const { properties } of body.properties.initContainers) if (properties.instanceView?.currentState !== undefined) properties.instanceView.currentState.detailStatus = stage.adversary.echo(heard);
    }),
    ends: "failed",
  },
  { id: "R9", what: "a job that runs too long", spec: { image: "long" }, options: { runTimeoutInMs: MINUTE }, tamper: refusedLooks(2, 500, "InternalServerError"), ends: "timedOut" },
  {
    id: "R10",
    what: "a clock that jumps",
    tamper: (stage) => (heard) => {
      if (heard.kind !== "get") return undefined;
      stage.aheadInMs = [60 * MINUTE, -10 * MINUTE, 0][heard.nth % 3] ?? 0;
      return heard.nth === 1 ? stage.adversary.refuse(heard, 429, "TooManyRequests", "", { "retry-after": "Thu, 01 Jan 2026 01:00:00 GMT" }) : undefined;
    },
    options: { startTimeoutInMs: 300 * MINUTE },
    ends: "succeeded",
  },
  {
    id: "R11",
    what: "a process that stands still for a minute",
    tamper: (stage) => nth("get", () => undefined, (heard) => {
      void stage.clock.advance(MINUTE);
      return stage.adversary.refuse(heard, 503, "ServiceUnavailable");
    }),
    ends: "succeeded",
  },
];
