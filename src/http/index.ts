export { nodeListener } from "./node-listener.js";
export type { RequestHandler } from "./request-handler.js";
export { createSignalReceiver, type SignalReceiverOptions } from "./signal-receiver.js";
