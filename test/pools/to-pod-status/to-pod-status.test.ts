import { describe, expect, it } from "vitest";
import { fromArm } from "../../../src/azure/from-arm.js";
import type { ContainerSnapshot, ContainerState, Snapshot } from "../../../src/container-group.js";
import type { JobResult } from "../../../src/job-result.js";
import { toPodStatus } from "../../../src/pools/to-pod-status/to-pod-status.js";

const AT = "2026-01-02T03:04:05Z";
const END = "2026-01-02T03:05:05Z";

const container = (currentState?: ContainerState, more: Partial<ContainerSnapshot> = {}): ContainerSnapshot => ({ containerName: "main", image: "busybox", restartCount: 0, currentState, events: [], ...more });
const snapshot = (provisioningState: string, state: string | undefined, ...containers: readonly ContainerSnapshot[]): Snapshot => ({
  id: "/g",
  groupName: "g",
  location: "westeurope",
  tags: {},
  provisioningState,
  state,
  containers,
  initContainers: [],
  ports: [],
  events: [],
});
const running = (name: string, startedAt = AT): ContainerSnapshot => container({ state: "Running", startedAt, detail: "" }, { containerName: name });
const conditionsOf = (status: ReturnType<typeof toPodStatus>): object => Object.fromEntries(status.conditions.map(({ type, status: is, reason }) => [type, reason === undefined ? is : `${is} ${reason}`]));

describe("toPodStatus of a snapshot", () => {
  it.each([
    ["Pending", undefined, "Pending"],
    ["Accepted", undefined, "Pending"],
    ["Creating", "Pending", "Pending"],
    ["Repairing", "Running", "Pending"],
    ["Succeeded", "Running", "Running"],
    ["Succeeded", "Succeeded", "Succeeded"],
    ["Succeeded", "Failed", "Failed"],
    ["Failed", "Running", "Failed"],
    ["Canceled", undefined, "Failed"],
    ["Succeeded", "Pending", "Pending"],
  ])("is of the provisioning state %s, and of the state %s once that has succeeded: %s", (provisioningState, state, phase) => {
    expect(toPodStatus(snapshot(provisioningState, state)).phase).toBe(phase);
  });

  it("is of a snapshot where its outcome is undefined", () => {
    const given = { ...snapshot("Succeeded", "Running", running("main")), outcome: undefined };
    expect(toPodStatus(given)).toEqual(toPodStatus(snapshot("Succeeded", "Running", running("main"))));
  });

  it("is unknown for other words, and says them", () => {
    expect(toPodStatus(snapshot("Succeeded", "Stopped"))).toMatchObject({ phase: "Unknown", reason: "Stopped" });
    expect(toPodStatus(snapshot("Unhealthy", "Running"))).toMatchObject({ phase: "Unknown", reason: "Unhealthy" });
    expect(toPodStatus(snapshot("Succeeded", "toString"))).toMatchObject({ phase: "Unknown", reason: "toString" });
    expect(toPodStatus(snapshot("Succeeded", undefined)).reason).toBeUndefined();
  });

  it("is ready while all containers run, and started with the first", () => {
    const status = toPodStatus({ ...snapshot("Succeeded", "Running", running("a", END), running("b", AT)), ip: "1.2.3.4" });
    expect(status).toMatchObject({ podIP: "1.2.3.4", podIPs: [{ ip: "1.2.3.4" }], startTime: AT });
    expect(conditionsOf(status)).toEqual({ PodScheduled: "True", Initialized: "True", ContainersReady: "True", Ready: "True" });
    expect(status.containerStatuses[0]).toEqual({ name: "a", image: "busybox", imageID: "", ready: true, started: true, restartCount: 0, state: { running: { startedAt: END } }, lastState: {} });
    const half = toPodStatus(snapshot("Succeeded", "Running", running("a"), container({ state: "Waiting" }, { containerName: "b" })));
    expect(conditionsOf(half)).toEqual({ PodScheduled: "True", Initialized: "True", ContainersReady: "False ContainersNotReady", Ready: "False ContainersNotReady" });
  });

  it("waits for a node, then for its init containers", () => {
    const waiting = toPodStatus(snapshot("Pending", "Pending", container()));
    expect(conditionsOf(waiting)).toEqual({ PodScheduled: "False", Initialized: "False", ContainersReady: "False ContainersNotReady", Ready: "False ContainersNotReady" });
    expect(waiting.containerStatuses[0]?.state).toEqual({ waiting: { reason: "ContainerCreating" } });
    const preparing = toPodStatus({ ...snapshot("Creating", "Pending", container({ state: "Waiting", detail: "" })), initContainers: [running("prepare")] });
    expect(conditionsOf(preparing)).toMatchObject({ PodScheduled: "True", Initialized: "False" });
    expect(preparing.initContainerStatuses?.[0]).toMatchObject({ name: "prepare", ready: true });
    expect(conditionsOf(toPodStatus(snapshot("Creating", "Pending", running("main"))))).toMatchObject({ Initialized: "True" });
  });

  it("tells exit codes and reasons of containers that have ended", () => {
    const ended = (state: ContainerState): unknown => toPodStatus(snapshot("Succeeded", "Failed", container(state))).containerStatuses[0]?.state;
    expect(ended({ state: "Terminated", startedAt: AT, finishedAt: END, exitCode: 2, detail: "Error" })).toEqual({ terminated: { exitCode: 2, reason: "Error", startedAt: AT, finishedAt: END } });
    expect(ended({ state: "Terminated", finishedAt: END, detail: "Container stopped per client request" })).toEqual({ terminated: { exitCode: -1, message: "Container stopped per client request", finishedAt: END } });
    expect(ended({ state: "Terminated", detail: "Completed" })).toEqual({ terminated: { exitCode: 0, reason: "Completed" } });
    expect(ended({ state: "Succeeded" })).toEqual({ terminated: { exitCode: 0, reason: "Completed" } });
    expect(ended({ state: "Failed", exitCode: 9, detail: "it broke" })).toEqual({ terminated: { exitCode: 9, reason: "Failed", message: "it broke" } });
    expect(ended({ state: "Canceled" })).toEqual({ terminated: { exitCode: -1, reason: "Canceled" } });
    expect(ended({ state: "Sleeping" })).toEqual({ waiting: { reason: "Sleeping" } });
  });

  it("keeps a pod that has ended unready", () => {
    const status = toPodStatus(snapshot("Succeeded", "Succeeded", container({ state: "Terminated", exitCode: 0, detail: "Completed", startedAt: AT, finishedAt: END })));
    expect(conditionsOf(status)).toEqual({ PodScheduled: "True", Initialized: "True", ContainersReady: "False PodCompleted", Ready: "False PodCompleted" });
    expect(status.containerStatuses[0]?.ready).toBe(false);
  });

  it("has the run before a crash as the last state", () => {
    const previousState = { state: "Terminated", startedAt: AT, finishedAt: END, exitCode: 1, detail: "Error" };
    const status = toPodStatus(snapshot("Succeeded", "Running", container({ state: "Waiting", detail: "CrashLoopBackOff: Back-off restarting failed" }, { previousState, restartCount: 3 })));
    expect(status.containerStatuses[0]).toMatchObject({
      restartCount: 3,
      state: { waiting: { reason: "CrashLoopBackOff", message: "Back-off restarting failed" } },
      lastState: { terminated: { exitCode: 1, reason: "Error", startedAt: AT, finishedAt: END } },
    });
  });

  it("can be made of what Azure answers", () => {
    const currentState = { state: "Terminated", startTime: AT, finishTime: END, exitCode: 2, detailStatus: "Error" };
    const answer = { name: "c", properties: { provisioningState: "Succeeded", instanceView: { state: "Failed", events: [] }, containers: [{ name: "c", properties: { image: "alpine:latest", instanceView: { restartCount: 0, currentState } } }] } };
    expect(toPodStatus(fromArm(answer))).toMatchObject({ phase: "Failed", startTime: AT, containerStatuses: [{ name: "c", image: "alpine:latest", state: { terminated: { exitCode: 2, reason: "Error" } } }] });
  });
});

describe("toPodStatus of a result", () => {
  const result = (outcome: JobResult["outcome"], more: object = {}): JobResult => ({ outcome, containers: { main: { state: "Terminated", exitCode: 3, reason: "Error", startedAt: AT, finishedAt: END, restartCount: 1, logs: "", isLogTruncated: false } }, ...more }) as unknown as JobResult;
  const error = { code: "ACI_JOB_TIMED_OUT", text: "Job timed out." };

  it("is of its outcome", () => {
    expect(toPodStatus(result("succeeded"))).toMatchObject({ phase: "Succeeded", startTime: AT, containerStatuses: [{ name: "main", restartCount: 1, state: { terminated: { exitCode: 3, reason: "Error", startedAt: AT, finishedAt: END } } }] });
    expect(toPodStatus(result("timedOut", { error }))).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded", message: "Job timed out." });
    expect(toPodStatus(result("failed", { error: { code: "ACI_JOB_FAILED", text: "It failed." } }))).toMatchObject({ phase: "Failed", reason: "ACI_JOB_FAILED", message: "It failed." });
    expect(toPodStatus(result("lost", { error })).phase).toBe("Unknown");
    expect(toPodStatus(result("notRun", { error })).phase).toBe("Unknown");
    expect(conditionsOf(toPodStatus(result("neverStarted", { error, containers: {} })))).toMatchObject({ PodScheduled: "False", Initialized: "False" });
  });
});
