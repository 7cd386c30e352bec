import { readdirSync, readFileSync } from "node:fs";
import { scripted, startEmulator } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { arm } from "../emulator/arm.js";
import { violationsOf } from "./swagger.js";

interface Example {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly responses: Readonly<Record<string, { readonly body?: unknown }>>;
}

const folder = new URL("examples/", import.meta.url);
const examples = readdirSync(folder).map((file) => [file.replace(".json", ""), JSON.parse(withRealNames(readFileSync(new URL(file, folder), "utf8"))) as Example] as const);

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ContainerInstance/containerGroups/{containerGroupName}";
const LOCATION = "/subscriptions/{subscriptionId}/providers/Microsoft.ContainerInstance/locations/{location}";
const SUBNET = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}/providers/Microsoft.ContainerInstance/serviceAssociationLinks/default";

// Which request each example is of, by its name.
const REQUESTS: readonly (readonly [RegExp, string, string])[] = [
  [/^CachedImages/, "GET", `${LOCATION}/cachedImages`],
  [/^Capabilities/, "GET", `${LOCATION}/capabilities`],
  [/^ContainerGroupUsage/, "GET", `${LOCATION}/usages`],
  [/^OperationsList/, "GET", "/providers/Microsoft.ContainerInstance/operations"],
  [/^SubnetService/, "DELETE", SUBNET],
  [/^ContainerAttach/, "POST", `${GROUP}/containers/{containerName}/attach`],
  [/^ContainerExec/, "POST", `${GROUP}/containers/{containerName}/exec`],
  [/^ContainerListLogs/, "GET", `${GROUP}/containers/{containerName}/logs`],
  [/^ContainerGroupsList$/, "GET", "/subscriptions/{subscriptionId}/providers/Microsoft.ContainerInstance/containerGroups"],
  [/^ContainerGroupsListBy/, "GET", GROUP.replace("/{containerGroupName}", "")],
  [/^ContainerGroupsGet/, "GET", GROUP],
  [/^ContainerGroupsUpdate/, "PATCH", GROUP],
  [/^ContainerGroupsDelete/, "DELETE", GROUP],
  [/^ContainerGroups(Start|Stop|Restart)/, "POST", `${GROUP}/{action}`],
  [/./, "PUT", GROUP],
];

const serving = async (c: { sleep(ms: number): Promise<void> }): Promise<number> => {
  await c.sleep(1e9);
  return 0;
};

describe("the examples of the specification", () => {
  it.each(examples)("%s", async (name, { parameters, responses }) => {
    const [, method, template] = REQUESTS.find(([pattern]) => pattern.test(name)) ?? [];
    const text = (parameter: string): string => (parameters[parameter] as string | undefined) ?? "";
    const action = /(Start|Stop|Restart)$/.exec(name)?.[1]?.toLowerCase() ?? "";
    const fill = (path: string): string => path.replace(/\{(\w+)\}/g, (_all, parameter: string) => (parameter === "action" ? action : text(parameter)));
    const subscriptionId = text("subscriptionId") || "subid";
    await using emulator = await startEmulator({ engine: scripted(Object.fromEntries(imagesOf(parameters).map((image) => [image, serving]))), subscriptionId, resourceGroup: text("resourceGroupName") || "demo" });
    const body = parameters["containerGroup"] ?? parameters["containerExecRequest"] ?? (method === "PATCH" ? parameters["Resource"] : undefined);
    if (method !== "PUT" && (template ?? "").includes("{containerGroupName}")) await arm(emulator, "PUT", fill(GROUP), { body: groupWith(text("containerName") || "c") });
    if (action !== "") await arm(emulator, "GET", fill(GROUP));
    if (action === "start") await arm(emulator, "POST", fill(`${GROUP}/stop`));

    const answer = await arm(emulator, method ?? "", fill(template ?? ""), body === undefined ? {} : { body });
    expect(Object.keys(responses).map(Number)).toContain(answer.status);
    if (method === "PUT") expect(answer.body).toMatchObject(answered(body) as object);
  });

  it("break the specification where one does, and are told so", () => {
    const path = GROUP;
    const group = { location: "x", properties: { provisioningState: "Pending", osType: "Linux", containers: [] } };
    const send = (body: unknown, status = 200): string[] => violationsOf({ method: "GET", path, status, body: body === undefined ? undefined : JSON.stringify(body) });
    expect(send(group)).toEqual([]);
    expect(send({ ...group, surprise: 1 })).toEqual([expect.stringContaining("surprise")]);
    expect(send({ ...group, properties: { ...group.properties, osType: "linux" } })).toEqual([expect.stringContaining("/properties/osType")]);
    expect(send({ ...group, properties: { osType: "Linux" } })).toEqual([expect.stringContaining("containers")]);
    const leak = { name: "c", properties: { image: "i", resources: { requests: { cpu: 1, memoryInGB: 1 } }, environmentVariables: [{ name: "n", secureValue: "s" }] } };
    expect(send({ ...group, properties: { ...group.properties, containers: [leak] } })).toEqual([expect.stringContaining("secureValue")]);
    expect(send(group, 201)).toEqual([expect.stringContaining("the status is not in the specification")]);
    expect(send({ error: { code: "a", message: "b" } }, 404)).toEqual([]);
    expect(send({ message: "b" }, 404)).toHaveLength(1);
    expect(send(undefined)).toEqual([expect.stringContaining("no body")]);
  });
});

// Two place holders stand where a name in capitals cannot be.
function withRealNames(text: string): string {
  return text.replace('"accountName"', '"accountname"').replace('"shareName": "shareName"', '"shareName": "sharename"');
}

function imagesOf(parameters: Readonly<Record<string, unknown>>): string[] {
  return [...JSON.stringify(parameters).matchAll(/"image":"([^"]+)"/g)].map(([, image = ""]) => image).concat("nginx");
}

function groupWith(container: string): object {
  return { location: "westus", properties: { osType: "Linux", containers: [{ name: container, properties: { image: "nginx", resources: { requests: { cpu: 1, memoryInGB: 1 } } } }] } };
}

// What of a request comes back: all but its secrets, a field that an example misspells, and an address in a network that
// is not told before the group runs.
function answered(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (name, value: unknown) => (isPrivateAddress(value) || ["secureValue", "storageAccountKey", "workspaceKey", "protectedSettings", "password", "workspaceResourceId", "metadata", "logType", "secret", "userAssignedIdentities", "priviliged"].includes(name) ? undefined : value)) as unknown;
}

function isPrivateAddress(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { type?: unknown }).type === "Private";
}
