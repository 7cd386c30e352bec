import type { OperationState, RunningOperation } from "@azure/core-lro";
import type { OperationBody, RequestOptions } from "../gateway.js";

// Waits for an operation of Azure to end, by core-lro: at the pace the service asks for, else every two seconds.
export async function awaitOperation(url: string, read: (url: string, options: RequestOptions) => Promise<OperationBody>, { abortSignal }: RequestOptions): Promise<OperationBody> {
  let last: OperationBody = { status: "", events: [] };
  const operation: RunningOperation<OperationBody> = {
    // The operation is under way: its first answer was its address.
    sendInitialRequest: async () => ({ flatResponse: last, rawResponse: { statusCode: 202, headers: { "azure-asyncoperation": url }, body: {}, request: { method: "POST", url } } }),
    sendPollRequest: async (path, options) => {
      last = await read(path, { abortSignal: (options?.abortSignal as AbortSignal | undefined) ?? abortSignal });
      return { flatResponse: last, rawResponse: { statusCode: 200, headers: {}, body: { status: last.status }, request: { method: "GET", url: path } } };
    },
  };
  // Jobs wait for no operation, so that it is loaded only where one does.
  const { createHttpPoller } = await import("@azure/core-lro");
  const poller = createHttpPoller<OperationBody, OperationState<OperationBody>>(operation, { intervalInMs: 2000, resolveOnUnsuccessful: true, skipFinalGet: true });
  await poller.pollUntilDone(abortSignal === undefined ? {} : { abortSignal }).catch((error: unknown) => {
    abortSignal?.throwIfAborted();
    throw error;
  });
  return last;
}
