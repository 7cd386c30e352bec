import { scripted, startEmulator, type FaultAnswer } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import errors from "../recordings/errors.json" with { type: "json" };
import { send } from "../arm.js";
import { compare } from "./compare.js";

const HEADERS = ["content-type", "cache-control", "expires", "pragma", "strict-transport-security", "x-content-type-options", "x-ms-failure-cause"];

// Faults of the service, and of a directory that the emulator does not have; a fault rule brings the same answer about.
const FAULTS: Readonly<Record<string, FaultAnswer>> = {
  GatewayTimeout: "gatewayTimeout",
  ContainerGroupNotFound: "forgotten",
};

const GROUP = {
  location: "westus",
  properties: { osType: "Linux", containers: [{ name: "c", properties: { image: "hello", resources: { requests: { cpu: 1, memoryInGB: 1 } } } }] },
};

describe("the recorded errors", () => {
  it.each(errors.map((error) => [`${error.recording} ${error.committed} ${error.body.error.code} ${error.status}`, error] as const))("%s", async (_name, recorded) => {
    const { code } = recorded.body.error;
    const url = new URL(recorded.uri);
    const [, , subscriptionId = "", , resourceGroup = ""] = url.pathname.split("/");
    const answer = FAULTS[code] ?? (code === "PrincipalNotFound" ? { status: recorded.status, ...recorded.body.error } : undefined);
    await using emulator = await startEmulator({
      engine: scripted({ hello: () => 0 }),
      subscriptionId,
      resourceGroup,
      faults: answer === undefined ? [] : [{ on: "any", answer }],
    });
    const networkProfile = /'(\/subscriptions[^']+)' is not found for container group/.exec(recorded.body.error.message)?.[1];
    const body = recorded.method === "PUT" ? { ...GROUP, properties: { ...GROUP.properties, ...(networkProfile === undefined ? {} : { networkProfile: { id: networkProfile } }) } } : undefined;
    const authorization = `Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}`;
    const got = await send(`${emulator.endpoint}${url.pathname}${url.search}`, recorded.method, { authorization }, body);
    expect(got.status).toBe(recorded.status);
    expect(compare(recorded.body, got.body)).toEqual([]);
    const headers = recorded.headers as Record<string, string>;
    for (const name of HEADERS) expect(got.headers[name], name).toBe(headers[name]);
  });
});
