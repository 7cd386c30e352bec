export { eventGridHandler } from "./event-grid-handler.js";
export { httpHandler } from "./http-handler.js";
export { reconcileHandler, type ReconcileHandlerOptions } from "./reconcile-handler.js";
