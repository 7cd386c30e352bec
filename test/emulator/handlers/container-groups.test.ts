import { inspect } from "node:util";
import { scripted, startEmulator, type Emulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

const SECRETS = { registry: "reg-pa55", environment: "env-s3cret", file: "c2VjcmV0LWZpbGU=", account: "YWNjb3VudC1rZXk=", workspace: "workspace-key-1" };

describe("container group requests", () => {
  let emulator: Emulator;
  const seen: ScriptedContainer[] = [];
  beforeEach(async () => {
    seen.length = 0;
    emulator = await startEmulator({
      engine: scripted({
        hello: (c) => {
          seen.push(c);
          return 0;
        },
      }),
      pageSize: 2,
    });
  });
  afterEach(() => emulator.close());
  const put = (name: string, body: unknown, apiVersion?: string): ReturnType<typeof arm> => arm(emulator, "PUT", `containerGroups/${name}`, { body, ...(apiVersion === undefined ? {} : { apiVersion }) });

  it("never tells a secret back, in no answer and no view", async () => {
    await emulator.share("account", "data");
    const body = groupBody(
      "hello",
      {
        imageRegistryCredentials: [{ server: "r.example", username: "me", password: SECRETS.registry }],
        diagnostics: { logAnalytics: { workspaceId: "w", workspaceKey: SECRETS.workspace } },
        volumes: [
          { name: "secret", secret: { "key.pem": SECRETS.file } },
          { name: "share", azureFile: { shareName: "data", storageAccountName: "account", storageAccountKey: SECRETS.account } },
        ],
        unknownProperty: SECRETS.registry,
      },
      { environmentVariables: [{ name: "PASSWORD", secureValue: SECRETS.environment }, { name: "PLAIN", value: "shown" }] },
    );
    const made = await put("g", body);
    expect(made.status).toBe(201);
    const answers = [made, await arm(emulator, "GET", "containerGroups/g"), await arm(emulator, "GET", "containerGroups"), await arm(emulator, "PATCH", "containerGroups/g", { body: { tags: { a: "b" } } }), await arm(emulator, "DELETE", "containerGroups/g")];
    const told = JSON.stringify(answers) + inspect(emulator, { depth: 20, showHidden: true }) + JSON.stringify(emulator.requests);
    for (const secret of Object.values(SECRETS)) expect(told).not.toContain(secret);
    const { properties } = made.body;
    expect(properties).toMatchObject({ diagnostics: { logAnalytics: { workspaceId: "w" } }, imageRegistryCredentials: [{ server: "r.example", username: "me" }] });
    expect(properties.volumes).toEqual([{ name: "secret", secret: {} }, { name: "share", azureFile: { shareName: "data", storageAccountName: "account" } }]);
    expect(properties.containers[0].properties.environmentVariables).toEqual([{ name: "PASSWORD" }, { name: "PLAIN", value: "shown" }]);
    expect(seen[0]?.environment).toEqual({ PASSWORD: SECRETS.environment, PLAIN: "shown" });
  });

  it("lists without any instance view, without nextLink when short, and by pages", async () => {
    await put("a", groupBody("hello"));
    await put("b", groupBody("hello"));
    const short = (await arm(emulator, "GET", "containerGroups")).body;
    expect(Object.keys(short)).toEqual(["value"]);
    expect(JSON.stringify(short)).not.toContain("instanceView");
    await put("c", groupBody("hello"));
    const first = (await arm(emulator, "GET", "containerGroups")).body;
    expect(first.value.map((group) => group.name)).toEqual(["a", "b"]);
    const { pathname, search } = new URL(first.nextLink);
    const second = await arm(emulator, "GET", pathname + search.replace(/&?api-version=[^&]*/, ""));
    expect(second.body.value.map((group) => group.name)).toEqual(["c"]);
    const { subscriptionId } = emulator.clientOptions;
    expect((await arm(emulator, "GET", `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerInstance/containerGroups`)).body.value).toHaveLength(2);
    expect((await arm(emulator, "GET", "/subscriptions/other/providers/Microsoft.ContainerInstance/containerGroups")).body.value).toHaveLength(0);
  });

  it("goes on with a list behind what it has shown, whatever has gone meanwhile", async () => {
    for (const name of ["a", "b", "c", "d"]) await put(name, groupBody("hello"));
    const first = (await arm(emulator, "GET", "containerGroups")).body;
    for (const name of ["a", "c"]) await arm(emulator, "DELETE", `containerGroups/${name}`);
    const { pathname, search } = new URL(first.nextLink);
    const second = await arm(emulator, "GET", pathname + search.replace(/&?api-version=[^&]*/, ""));
    expect(second.body.value.map(({ name }) => name)).toEqual(["d"]);
  });

  it("replaces tags and changes nothing else", async () => {
    const made = await put("g", { ...groupBody("hello"), tags: { key: "value" } });
    const patched = await arm(emulator, "PATCH", "containerGroups/g", { body: { tags: { test: "value" } } });
    expect([patched.status, patched.body.tags]).toEqual([200, { test: "value" }]);
    expect(patched.body.properties.containers[0].name).toBe(made.body.properties.containers[0].name);
    expect(seen).toHaveLength(1);
  });

  it("takes paths and names in any case, double slashes, and text for numbers", async () => {
    const { subscriptionId } = emulator.clientOptions;
    const path = `/SUBSCRIPTIONS/${subscriptionId}/resourcegroups/EMULATOR/providers/microsoft.containerinstance//containergroups/g`;
    const body = {
      location: "West Central US",
      Properties: {
        ostype: "linux",
        restartpolicy: "never",
        ipAddress: { type: "public", ports: [{ protocol: "tcp", port: "80" }] },
        containers: [{ name: "main", properties: { image: "hello", resources: { requests: { cpu: "1", memoryInGb: "1.5" } } } }],
      },
    };
    const made = await arm(emulator, "PUT", path, { body });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ location: "West Central US", properties: { osType: "Linux", restartPolicy: "Never", ipAddress: { type: "Public", ports: [{ protocol: "TCP", port: 80 }] } } });
    expect(made.body.properties.containers[0].properties.resources.requests).toEqual({ memoryInGB: 1.5, cpu: 1 });
    expect(made.body.id).toContain("/resourceGroups/EMULATOR/providers/Microsoft.ContainerInstance/containerGroups/g");
    expect(made.headers["azure-asyncoperation"]).toContain("/locations/westcentralus/");
    expect((await arm(emulator, "GET", "containerGroups/G")).status).toBe(200);
  });

  it("hides from an older api-version what it does not know, and adds to a newer one what is new", async () => {
    const old = await put("old", groupBody("hello"), "2018-10-01");
    expect(Object.keys(old.body.properties)).toEqual(["provisioningState", "containers", "restartPolicy", "osType", "instanceView"]);
    const recent = await put("new", groupBody("hello"), "2024-05-01-preview");
    expect(recent.body.properties).toMatchObject({ isCreatedFromStandbyPool: false, containers: [{ properties: { configMap: { keyValuePairs: {} } } }] });
  });

  it("says by what the engine knows why an image cannot be had, after the service's own sentence", async () => {
    const { body } = await put("g", groupBody("nowhere:2"));
    expect(body.error.message).toBe(
      "The image 'nowhere:2' in container group 'g' is not accessible. Please check the image and registry credential. (Engine scripted: No function is given for image \"nowhere:2\"; those with one: hello)",
    );
  });

  const one = { requests: { cpu: 1, memoryInGB: 1 } };
  it.each([
    ["Upper", groupBody("hello"), "InvalidContainerGroupName"],
    ["a--b", groupBody("hello"), "InvalidContainerGroupName"],
    ["g", { ...groupBody("hello"), location: undefined }, "LocationRequired"],
    ["g", groupBody("hello", { osType: undefined }), "InvalidOsType"],
    ["g", groupBody("hello", { osType: "Plan9" }), "InvalidRequestContent"],
    ["g", groupBody("hello", { containers: [] }), "MissingContainers"],
    ["g", groupBody("", {}), "InvalidImageName"],
    ["g", groupBody("nowhere"), "InaccessibleImage"],
    ["g", groupBody("my image"), "InaccessibleImage"],
    ["g", groupBody("../info"), "InaccessibleImage"],
    ["g", groupBody("hello?y"), "InaccessibleImage"],
    ["g", groupBody("hello", { initContainers: [{ name: "init", properties: { image: "hello#1" } }] }), "InaccessibleImage"],
    ["g", groupBody("hello", {}, { resources: undefined }), "ResourceRequestsNotSpecified"],
    ["g", groupBody("hello", {}, { resources: { requests: { cpu: 1 } } }), "ResourceSomeRequestsNotSpecified"],
    ["g", groupBody("hello", {}, { resources: { requests: { cpu: 0, memoryInGB: 1 } } }), "InvalidResourceRequest"],
    ["g", groupBody("hello", {}, { resources: { requests: { cpu: 1, memoryInGB: 0.05 } } }), "InvalidResourceRequest"],
    ["g", groupBody("hello", {}, { resources: { ...one, limits: { cpu: 0.5 } } }), "ResourceLimitsLessThanRequests"],
    ["g", groupBody("hello", {}, { environmentVariables: [{ name: "A=B", value: "" }] }), "InvalidEnvironmentVariableName"],
    ["g", groupBody("hello", { containers: [{ name: "Bad_Name", properties: { image: "hello", resources: one } }] }), "InvalidContainerName"],
    ["g", groupBody("hello", { initContainers: [{ name: "main", properties: { image: "hello" } }] }), "DuplicateContainerName"],
    ["g", groupBody("hello", { volumes: [{ name: "v", emptyDir: {} }, { name: "v", emptyDir: {} }] }), "DuplicateVolumes"],
    ["g", groupBody("hello", { volumes: [{ name: "../up", emptyDir: {} }] }), "InvalidVolumeName"],
    ["g", groupBody("hello", { volumes: [{ name: "v", secret: { "../up": "" } }] }), "InvalidSecretVolume"],
    ["g", groupBody("hello", { volumes: [{ name: "v", secret: { "..": "" } }] }), "InvalidSecretVolume"],
    ["g", groupBody("hello", { volumes: [{ name: "v", azureFile: { shareName: "../x", storageAccountName: "account" } }] }), "InvalidAzureFileVolume"],
    ["g", groupBody("hello", { volumes: [{ name: "v", azureFile: { shareName: "share", storageAccountName: "..", storageAccountKey: "" } }] }), "InvalidAzureFileVolume"],
    ["g", groupBody("hello", {}, { volumeMounts: [{ name: "v", mountPath: "/x" }] }), "VolumeNotFound"],
    ["g", groupBody("hello", { volumes: [{ name: "v", emptyDir: {} }] }, { volumeMounts: [{ name: "v", mountPath: "/a:b" }] }), "InvalidVolumeMountPath"],
    ["g", groupBody("hello", { volumes: [{ name: "v", emptyDir: {} }, { name: "w", emptyDir: {} }] }, { volumeMounts: [{ name: "v", mountPath: "/x" }, { name: "w", mountPath: "/x/" }] }), "DuplicateVolumeMountPath"],
    ["g", groupBody("hello", { ipAddress: { type: "Public", ports: [{ port: 80 }], dnsNameLabel: "abc" } }), "InvalidDnsNameLabel"],
  ])("refuses %s %j as %s", async (name, body, code) => {
    const answer = await put(name, body);
    expect([answer.status, answer.body.error.code, Object.keys(answer.body.error)]).toEqual([400, code, ["code", "message"]]);
    expect(emulator.groups()).toEqual([]);
  });

  it("says who is missing in the service's words, and tells what is left of the budget", async () => {
    const missing = await arm(emulator, "GET", "containerGroups/g");
    expect(missing).toMatchObject({ status: 404, headers: { "x-ms-failure-cause": "gateway" } });
    expect(missing.body.error).toEqual({
      code: "ResourceNotFound",
      message: "The Resource 'Microsoft.ContainerInstance/containerGroups/g' under resource group 'emulator' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    });
    const made = await put("g", groupBody("hello"));
    expect(made.headers).toMatchObject({
      "x-ms-ratelimit-remaining-subscription-writes": "199",
      "x-ms-ratelimit-remaining-subscription-resource-requests-pt5m": "99",
      "x-ms-ratelimit-remaining-subscription-resource-requests-pt1h": "299",
      "cache-control": "no-cache",
      "content-type": "application/json; charset=utf-8",
    });
  });

  it("makes one group of two requests that come at once", async () => {
    const answers = await Promise.all([put("g", groupBody("hello")), put("g", groupBody("hello"))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
  });
});
