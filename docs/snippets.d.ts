// What the snippets of the README and the docs take for given.
import type * as aci from "aci-lifecycle";

declare global {
  const subscriptionId: string;
  const client: aci.AciClient;
  const handle: aci.JobHandle;
  const controller: AbortController;
  const queue: { send(text: string, options?: { delayInMs: number }): Promise<void> };
  const isAciError: typeof aci.isAciError;
  const runContainerJob: typeof aci.runContainerJob;
  const startContainerJob: typeof aci.startContainerJob;
  const stepContainerJob: typeof aci.stepContainerJob;
  const resumeContainerJob: typeof aci.resumeContainerJob;
  const cancelContainerJob: typeof aci.cancelContainerJob;
  const beginContainerJob: typeof aci.beginContainerJob;
  const sweep: typeof aci.sweep;
  const folderStore: typeof aci.folderStore;
  type ContainerJobError = aci.ContainerJobError;
}
