import { setTimeout as sleep } from "node:timers/promises";
import { ContainerInstanceManagementClient, type ContainerGroup } from "@azure/arm-containerinstance";
import { bearerTokenAuthenticationPolicyName } from "@azure/core-rest-pipeline";
import { AciClient, type ContainerJobSpec, type RequestBudget } from "../../src/index.js";
import type { ServerAddress } from "./server.js";

/** Our client of a server. */
export function ourClient({ endpoint, token, subscriptionId, resourceGroup, location }: ServerAddress, requestBudget: RequestBudget | "unlimited" = "unlimited"): AciClient {
  return new AciClient({ endpoint, subscriptionId, resourceGroup, location, credential: credentialOf(token), requestBudget });
}

/** Microsoft's client of the same. It gives no token to plain http by itself, and so is given a policy that does. */
export function sdkClient({ endpoint, token, subscriptionId }: ServerAddress): ContainerInstanceManagementClient {
  const client = new ContainerInstanceManagementClient(credentialOf(token), subscriptionId, { endpoint, allowInsecureConnection: true });
  client.pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
  client.pipeline.addPolicy({ name: "plainBearer", sendRequest: (request, next) => (request.headers.set("authorization", `Bearer ${token}`), next(request)) }, { phase: "Sign" });
  return client;
}

function credentialOf(token: string): { readonly getToken: () => Promise<{ readonly token: string; readonly expiresOnTimestamp: number }> } {
  return { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 24 * 3_600_000 }) };
}

/** A job of ours that runs for so long. Its command makes it a kind of its own. */
export function jobFor(runInMs: number): ContainerJobSpec {
  return { image: "work:1", command: ["work", `for ${runInMs} ms`], environment: { RUN_IN_MS: String(runInMs) } };
}

/** The same as a group of Microsoft's client. */
export function groupFor(runInMs: number, location: string): ContainerGroup {
  const container = { name: "main", image: "work:1", command: ["work", `for ${runInMs} ms`], environmentVariables: [{ name: "RUN_IN_MS", value: String(runInMs) }], resources: { requests: { cpu: 1, memoryInGB: 1.5 } } };
  return { location, osType: "Linux", restartPolicy: "Never", containers: [container] };
}

/** The loop of Microsoft's client for one job, as its documentation has the parts. Answers with how much delay its end was seen. */
export async function sdkJob(client: ContainerInstanceManagementClient, { resourceGroup, location }: ServerAddress, name: string, runInMs: number, everyInMs = 5000): Promise<number> {
  await client.containerGroups.beginCreateOrUpdateAndWait(resourceGroup, name, groupFor(runInMs, location));
  for (;;) {
    const { containers } = await client.containerGroups.get(resourceGroup, name);
    const state = containers[0]?.instanceView?.currentState;
    if (state?.state === "Terminated") {
      const lagInMs = Date.now() - Number(state.finishTime);
      await client.containers.listLogs(resourceGroup, name, "main");
      await client.containerGroups.beginDeleteAndWait(resourceGroup, name);
      return lagInMs;
    }
    await sleep(everyInMs);
  }
}
