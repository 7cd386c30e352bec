import { AciClient } from "../../../src/index.js";
import { AzureClock } from "../../../src/azure/azure-clock.js";
import { createGateway } from "../../../src/azure/create-gateway.js";
import { ledgerOf } from "../../../src/budget/request-budget.js";
import { SharedLooks } from "../../../src/budget/shared-looks.js";
import { RunHistory } from "../../../src/completion/run-history.js";
import { RetryQuota } from "../../../src/budget/retry-quota.js";
import { withBudget } from "../../../src/budget/with-budget.js";
import { setParts } from "../../../src/client/parts.js";
import { networkOf } from "../azure/network.js";
import type { Process } from "../world/process.js";
import { OWNER, type World } from "../world/world.js";

/** A client of the library in a process. It is put together without Microsoft's pipeline, whose place the network takes. */
export function clientIn(world: World, process: Process): AciClient {
  const client = Object.create(AciClient.prototype) as AciClient;
  const budget = ledgerOf(undefined);
  const azureClock = new AzureClock(process);
  const whole = createGateway({ subscriptionId: "s", resourceGroup: "r", azureClock }, networkOf(world, process));
  const gateway = budget === undefined ? whole : withBudget(whole, budget, process);
  setParts(client, { gateway, clock: process, azureClock, budget, owner: OWNER, location: "westeurope", onEvent: undefined, retryQuota: new RetryQuota(), history: new RunHistory(), looks: new SharedLooks(), usedAttempts: new Map() });
  return client;
}
