import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { webhook, type Signal, type WebhookOptions, type WebhookStrategy } from "aci-lifecycle";
import { createSignalReceiver, nodeListener, type SignalReceiverOptions } from "aci-lifecycle/http";
import { SECRET } from "./calls.js";

export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly completion: WebhookStrategy;
  /** All that was taken, in its order, and when. */
  readonly signals: readonly (Signal & { readonly receivedAt: number })[];
}

/** A strategy and its receiver, on an address that containers reach. `before` may take a request for itself, by answering true. */
export async function serveWebhook(host: string, more: Partial<WebhookOptions> = {}, { onSignal, before }: Pick<SignalReceiverOptions, "onSignal"> & { readonly before?: (...call: Parameters<RequestListener>) => boolean } = {}): Promise<Served> {
  const signals: (Signal & { receivedAt: number })[] = [];
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const url = `http://${host}:${(server.address() as AddressInfo).port}/callbacks?code=c0de`;
  const completion = webhook({ url, secret: SECRET, ...more });
  const take = (signal: Signal): unknown => {
    signals.push({ ...signal, receivedAt: Date.now() });
    return onSignal?.(signal);
  };
  const listener = nodeListener(createSignalReceiver(completion, { onSignal: take }));
  server.on("request", (request, response) => {
    if (before?.(request, response) !== true) listener(request, response);
  });
  return {
    url,
    completion,
    signals,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
