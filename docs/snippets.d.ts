// What the snippets of the README and the docs take for given.
import type * as functions from "@azure/functions";
import type * as aci from "aci-lifecycle";
import type * as aciFunctions from "aci-lifecycle/functions";
import type * as aciHttp from "aci-lifecycle/http";
import type * as aciStorage from "aci-lifecycle/storage";
import type * as http from "node:http";

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
  const spec: aci.ContainerJobSpec;
  const url: string;
  const secret: string;
  const poll: typeof aci.poll;
  const webhook: typeof aci.webhook;
  const firstOf: typeof aci.firstOf;
  const RunHistory: typeof aci.RunHistory;
  const createSignalReceiver: typeof aciHttp.createSignalReceiver;
  const nodeListener: typeof aciHttp.nodeListener;
  const httpHandler: typeof aciFunctions.httpHandler;
  const ServerPool: typeof aci.ServerPool;
  const bySessions: typeof aci.bySessions;
  const ensureServer: typeof aci.ensureServer;
  const tableStore: typeof aciStorage.tableStore;
  const connectionString: string;
  const id: number;
  const createServer: typeof http.createServer;
  const app: typeof functions.app;
  function waitForFile(path: string, waitInMs: number, abortSignal: AbortSignal): Promise<void>;
  type CompletionStrategy = aci.CompletionStrategy;
  type ContainerJobError = aci.ContainerJobError;
}
