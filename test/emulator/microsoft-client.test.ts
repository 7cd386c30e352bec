import { ContainerInstanceManagementClient, type ContainerGroup } from "@azure/arm-containerinstance";
import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const GROUP: ContainerGroup = {
  location: "westeurope",
  osType: "Linux",
  restartPolicy: "Never",
  tags: { owner: "test" },
  containers: [
    {
      name: "main",
      image: "hello:1",
      command: ["say", "hi"],
      environmentVariables: [{ name: "KEY", secureValue: "s3cret" }],
      resources: { requests: { cpu: 1, memoryInGB: 1.5 } },
    },
  ],
};

// Microsoft's own client as it comes: https, its bearer policy, its pollers; only the certificate is told to be trusted.
function clientOf({ endpoint, certificate, clientOptions }: Emulator): ContainerInstanceManagementClient {
  return new ContainerInstanceManagementClient(clientOptions.credential, clientOptions.subscriptionId, {
    endpoint,
    tlsOptions: { ca: certificate ?? "" },
  });
}

describe("the emulator under Microsoft's own client", () => {
  let emulator: Emulator;
  let client: ContainerInstanceManagementClient;
  beforeAll(async () => {
    const images = {
      hello: (c: { print(text: string): void; command: readonly string[] }) => {
        c.print(`${c.command.join(" ")}\n`);
        return 0;
      },
      serve: async (c: { sleep(ms: number): Promise<void> }) => {
        await c.sleep(3_600_000);
        return 0;
      },
    };
    emulator = await startEmulator({ engine: scripted(images), https: true });
    client = clientOf(emulator);
  });
  afterAll(() => emulator.close());

  it("creates, gets, lists, reads logs and deletes", async () => {
    const made = await client.containerGroups.beginCreateOrUpdateAndWait("emulator", "job-1", GROUP, { updateIntervalInMs: 1 });
    expect(made).toMatchObject({ name: "job-1", provisioningState: "Succeeded", tags: { owner: "test" } });
    expect(made.containers[0]?.environmentVariables).toEqual([{ name: "KEY" }]);
    const got = await client.containerGroups.get("emulator", "job-1");
    expect(got.instanceView?.state).toBe("Succeeded");
    expect(got.containers[0]?.instanceView?.currentState).toMatchObject({ state: "Terminated", exitCode: 0, detailStatus: "Completed" });
    const listed: ContainerGroup[] = [];
    for await (const group of client.containerGroups.listByResourceGroup("emulator")) listed.push(group);
    expect(listed.map(({ name, instanceView }) => [name, instanceView])).toEqual([["job-1", undefined]]);
    expect(await client.containers.listLogs("emulator", "job-1", "main")).toEqual({ content: "say hi\n" });
    const deleted = await client.containerGroups.beginDeleteAndWait("emulator", "job-1");
    expect(deleted.name).toBe("job-1");
    await expect(client.containerGroups.get("emulator", "job-1")).rejects.toMatchObject({ statusCode: 404, code: "ResourceNotFound" });
  });

  it("is refused by a client that does not trust its certificate", async () => {
    const { clientOptions, endpoint } = emulator;
    const stranger = new ContainerInstanceManagementClient(clientOptions.credential, clientOptions.subscriptionId, { endpoint, retryOptions: { maxRetries: 0 } });
    await expect(stranger.containerGroups.get("emulator", "any")).rejects.toThrow(/self-signed certificate/);
  });

  it("tells Microsoft's client why a create is refused", async () => {
    const wrong = { ...GROUP, containers: GROUP.containers.map((container) => ({ ...container, image: "missing:1" })) };
    await expect(client.containerGroups.beginCreateOrUpdateAndWait("emulator", "job-2", wrong)).rejects.toMatchObject({ statusCode: 400, code: "InaccessibleImage" });
  });

  it("stops, starts and restarts", async () => {
    const [container] = GROUP.containers;
    const serving = { ...GROUP, containers: [{ name: "main", ...container, image: "serve", resources: { requests: { cpu: 1, memoryInGB: 1 } } }] };
    await client.containerGroups.beginCreateOrUpdateAndWait("emulator", "web", serving, { updateIntervalInMs: 1 });
    const stateNow = async (): Promise<string | undefined> => (await client.containerGroups.get("emulator", "web")).instanceView?.state;
    expect(await stateNow()).toBe("Running");
    await client.containerGroups.stop("emulator", "web");
    expect(await stateNow()).toBe("Stopped");
    await client.containerGroups.beginStartAndWait("emulator", "web", { updateIntervalInMs: 1 });
    expect(await stateNow()).toBe("Running");
    await client.containerGroups.beginRestartAndWait("emulator", "web", { updateIntervalInMs: 1 });
    expect(await stateNow()).toBe("Running");
    await client.containerGroups.beginDeleteAndWait("emulator", "web");
    expect(emulator.groups()).toEqual([]);
  });
});
