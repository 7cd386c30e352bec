import type { EventGridHandler } from "@azure/functions";
import type { Signal, WebhookStrategy } from "aci-lifecycle";

/**
 * Takes events of container groups by an Event Grid trigger, whose handshake and rights are the host's own.
 *
 * @example
 * ```ts
 * app.eventGrid("groups", { handler: eventGridHandler(completion) });
 * ```
 * @public
 */
export function eventGridHandler(strategy: WebhookStrategy, options: { readonly onSignal?: ((signal: Signal) => unknown) | undefined } = {}): EventGridHandler {
  if (typeof (strategy as Partial<WebhookStrategy> | undefined)?.acceptEvents !== "function") throw new TypeError(`Expected \`strategy\` to be one that \`webhook()\` makes, got ${typeof strategy}.`);
  return async (event) => {
    const { signals } = await strategy.acceptEvents(Buffer.from(JSON.stringify([event])));
    for (const signal of signals) await options.onSignal?.(signal);
  };
}
