import { describe, expect, it } from "vitest";
import { fromArm } from "../../src/azure/from-arm.js";
import { toArm } from "../../src/azure/to-arm.js";
import type { WireGroup } from "../../src/azure/wire.js";
import type { ContainerGroupSpec } from "../../src/container-group.js";

import answers from "./spec/answers.json" with { type: "json" };
import { problemsOf } from "./spec/problems-of.js";

const secret = (secureValue: string): { secureValue: string } => ({ secureValue });

// Every field that there is.
const WHOLE: ContainerGroupSpec = {
  name: "g",
  location: "westus",
  restartPolicy: "OnFailure",
  containers: [
    {
      name: "c",
      image: "r.azurecr.io/c:1",
      command: ["run", "it"],
      cpu: 0.5,
      memoryInGB: 2,
      environment: { PLAIN: "p", KEY: secret("k") },
      ports: [{ port: 80 }, { port: 53, protocol: "UDP" }],
      mounts: [{ volume: "files", path: "/files", isReadOnly: true }],
      livenessProbe: { command: ["true"], periodInSeconds: 5 },
      readinessProbe: { httpGet: { port: 80, path: "/", scheme: "http", headers: { a: "b" } }, initialDelayInSeconds: 1, timeoutInSeconds: 2, failureThreshold: 3, successThreshold: 1 },
      arm: { securityContext: { privileged: false } },
    },
  ],
  initContainers: [{ name: "i", image: "busybox", mounts: [{ volume: "scratch", path: "/s" }] }],
  volumes: [
    { name: "files", azureFile: { account: "acct", share: "share", accountKey: secret("key"), isReadOnly: true } },
    { name: "scratch", emptyDir: {} },
    { name: "keys", secret: { "a.pem": secret("pem") } },
    { name: "code", gitRepo: { repository: "https://example.org/r.git", directory: ".", revision: "main" } },
  ],
  address: { dnsLabel: "label" },
  registries: [
    { server: "r.azurecr.io", identity: "/id" },
    { server: "docker.io", username: "u", password: secret("pw") },
  ],
  identity: { isSystemAssigned: true, userAssigned: ["/id"] },
  subnetId: "/subnet",
  priority: "Spot",
  logAnalytics: { workspaceId: "w", workspaceKey: secret("wk"), logType: "ContainerInsights" },
  tags: { a: "b" },
  arm: { zones: ["1"], properties: { dnsConfig: { nameServers: ["10.0.0.10"] } } },
};

describe("toArm", () => {
  it("writes a small group as small as can be", () => {
    expect(toArm({ name: "g", location: "westus", containers: [{ name: "c", image: "alpine" }] })).toEqual({
      location: "westus",
      properties: { osType: "Linux", containers: [{ name: "c", properties: { image: "alpine", resources: { requests: { cpu: 1, memoryInGB: 1.5 } } } }] },
    });
  });

  it("writes everything that it has a field for", () => {
    expect(toArm(WHOLE)).toEqual({
      location: "westus",
      tags: { a: "b" },
      zones: ["1"],
      identity: { type: "SystemAssigned, UserAssigned", userAssignedIdentities: { "/id": {} } },
      properties: {
        containers: [
          {
            name: "c",
            properties: {
              image: "r.azurecr.io/c:1",
              command: ["run", "it"],
              environmentVariables: [
                { name: "PLAIN", value: "p" },
                { name: "KEY", secureValue: "k" },
              ],
              volumeMounts: [{ name: "files", mountPath: "/files", readOnly: true }],
              ports: [
                { port: 80, protocol: "TCP" },
                { port: 53, protocol: "UDP" },
              ],
              resources: { requests: { cpu: 0.5, memoryInGB: 2 } },
              livenessProbe: { exec: { command: ["true"] }, periodSeconds: 5 },
              readinessProbe: { httpGet: { path: "/", port: 80, scheme: "http", httpHeaders: [{ name: "a", value: "b" }] }, initialDelaySeconds: 1, timeoutSeconds: 2, failureThreshold: 3, successThreshold: 1 },
              securityContext: { privileged: false },
            },
          },
        ],
        initContainers: [{ name: "i", properties: { image: "busybox", volumeMounts: [{ name: "scratch", mountPath: "/s" }] } }],
        restartPolicy: "OnFailure",
        osType: "Linux",
        ipAddress: {
          type: "Private",
          ports: [
            { port: 80, protocol: "TCP" },
            { port: 53, protocol: "UDP" },
          ],
          dnsNameLabel: "label",
        },
        volumes: [
          { name: "files", azureFile: { shareName: "share", storageAccountName: "acct", storageAccountKey: "key", readOnly: true } },
          { name: "scratch", emptyDir: {} },
          { name: "keys", secret: { "a.pem": "cGVt" } },
          { name: "code", gitRepo: { repository: "https://example.org/r.git", directory: ".", revision: "main" } },
        ],
        imageRegistryCredentials: [
          { server: "r.azurecr.io", identity: "/id" },
          { server: "docker.io", username: "u", password: "pw" },
        ],
        subnetIds: [{ id: "/subnet" }],
        priority: "Spot",
        diagnostics: { logAnalytics: { workspaceId: "w", workspaceKey: "wk", logType: "ContainerInsights" } },
        dnsConfig: { nameServers: ["10.0.0.10"] },
      },
    });
    expect(JSON.stringify(toArm(WHOLE))).toBe(JSON.stringify(toArm(structuredClone(WHOLE))));
  });

  it("writes nothing but what the service's own definitions have, of their types", () => {
    expect(problemsOf(toArm({ ...WHOLE, arm: undefined }), { $ref: "#/definitions/ContainerGroup" }, "")).toEqual([]);
    expect(problemsOf({ properties: { containers: [{ name: "c", properties: { image: 1, colour: "red" } }], restartPolicy: "Sometimes" } }, { $ref: "#/definitions/ContainerGroup" }, "")).toEqual([
      "/properties/containers/0/properties/image is not a string",
      "/properties/containers/0/properties/colour is not defined",
      "/properties/restartPolicy is not one of Always, OnFailure, Never",
    ]);
  });

  it("refuses a secret that was not resolved, and takes no property by way of a prototype", () => {
    const unresolved: ContainerGroupSpec = { name: "g", containers: [{ name: "c", image: "a", environment: { KEY: { secret: "name" } } }] };
    expect(() => toArm(unresolved)).toThrow("before it was resolved");
    const arm = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, never>;
    toArm({ name: "g", containers: [{ name: "c", image: "a" }], arm });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("fromArm", () => {
  it.each(Object.entries(answers))("reads the service's own example %s", (_name, body) => {
    const groups = ("value" in body ? body.value : [body]) as WireGroup[];
    for (const group of groups) {
      const snapshot = fromArm(group);
      expect(snapshot).toMatchObject({ id: group.id, groupName: group.name, location: group.location, provisioningState: group.properties?.provisioningState ?? "" });
      expect(snapshot.containers.map(({ containerName }) => containerName)).toEqual(group.properties?.containers?.map(({ name }) => name));
      expect(snapshot.state).toBe(group.properties?.instanceView?.state);
      expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    }
  });

  it("reads a group that ended, as the service was seen to write it", () => {
    const event = { count: 1, firstTimestamp: "2023-05-01T16:52:22Z", lastTimestamp: "2023-05-01T16:52:22Z", name: "Pulling", message: 'pulling image "alpine@sha256:b6ca"', type: "Normal" };
    const wire = {
      id: "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups/c",
      name: "c",
      location: "westus",
      tags: {},
      properties: {
        provisioningState: "Succeeded",
        restartPolicy: "Never",
        osType: "Linux",
        containers: [
          {
            name: "c",
            properties: {
              image: "alpine:latest",
              resources: { requests: { memoryInGB: 1, cpu: 1 } },
              instanceView: { restartCount: 0, currentState: { state: "Terminated", startTime: "2023-05-01T16:52:33.342Z", exitCode: 2, finishTime: "2023-05-01T16:52:37.915Z", detailStatus: "Error" }, events: [event] },
            },
          },
        ],
        initContainers: [],
        ipAddress: { ports: [{ protocol: "TCP", port: 80 }], ip: "20.66.28.53", type: "Public" },
        instanceView: { events: [], state: "Failed" },
      },
    };
    expect(fromArm(wire)).toEqual({
      id: wire.id,
      groupName: "c",
      location: "westus",
      tags: {},
      provisioningState: "Succeeded",
      state: "Failed",
      restartPolicy: "Never",
      osType: "Linux",
      ip: "20.66.28.53",
      ports: [{ port: 80, protocol: "TCP" }],
      events: [],
      initContainers: [],
      containers: [
        {
          containerName: "c",
          image: "alpine:latest",
          cpu: 1,
          memoryInGB: 1,
          restartCount: 0,
          currentState: { state: "Terminated", startedAt: "2023-05-01T16:52:33.342Z", finishedAt: "2023-05-01T16:52:37.915Z", exitCode: 2, detail: "Error" },
          events: [{ kind: "Pulling", text: 'pulling image "alpine@sha256:b6ca"', type: "Normal", count: 1, firstAt: "2023-05-01T16:52:22Z", lastAt: "2023-05-01T16:52:22Z" }],
        },
      ],
    });
  });

  it("stands whatever is missing or new", () => {
    expect(fromArm({})).toEqual({ id: "", groupName: "", location: "", tags: {}, provisioningState: "", containers: [], initContainers: [], ports: [], events: [] });
    const odd = fromArm({ tags: null, properties: { provisioningState: "Dreaming", instanceView: { events: null }, containers: [{ properties: { instanceView: { currentState: {}, events: [{}] } } }] } });
    expect(odd.containers[0]).toEqual({ containerName: "", image: "", restartCount: 0, currentState: { state: "" }, events: [{ kind: "", text: "", type: "", count: 1, firstAt: "", lastAt: "" }] });
  });
});
