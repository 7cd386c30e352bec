import type { ArmOptions } from "../azure/arm-client.js";
import { awaitOperation } from "../azure/await-operation.js";
import { createGateway } from "../azure/create-gateway.js";
import { isAciError } from "../errors.js";
import type { Accepted, CreateRequest, Gateway, LookOptions, RequestOptions } from "../gateway.js";
import type { Clock } from "../internal/clock.js";
import type { Lane, Ledger } from "./ledger.js";

const LANES: Readonly<Record<string, Lane>> = { GET: "reads", DELETE: "deletes" };

// The gateway of a client, whose requests take their turn where there is a budget.
export function openGateway(options: ArmOptions, budget: Ledger | undefined, clock: Clock): Gateway {
  if (budget === undefined) return createGateway(options);
  const onHeadroom: ArmOptions["onHeadroom"] = (method, headroom) => budget.learn(LANES[method] ?? "writes", clock.now(), headroom);
  return withBudget(createGateway({ ...options, onHeadroom }), budget, clock);
}

// A gateway whose requests take their turn by a budget.
export function withBudget(gateway: Gateway, budget: Ledger, clock: Clock): Gateway {
  const take = async <T>(lane: Lane, options: LookOptions, send: () => Promise<T>, isCreate = false): Promise<T> => {
    await budget.take(lane, clock, options);
    try {
      return await send();
    } catch (error) {
      if (isAciError(error) && error.statusCode === 429) budget.throttle(lane, clock.now(), error.retryAfterInMs, isCreate);
      throw error;
    }
  };
  // Who asks has had its turn to create already, or waits for it here.
  const waitToCreate = async (groupName: string, { isDue, abortSignal }: CreateRequest): Promise<void> => {
    const next = (): number => (isDue === true ? 0 : budget.creates.take(clock.now(), groupName) - clock.now());
    for (let wait = next(); wait > 0; wait = next()) await clock.sleep(wait, abortSignal);
  };
  const read = <T>(options: LookOptions, send: () => Promise<T>): Promise<T> => take("reads", options, send);
  const write = <T>(options: RequestOptions, send: () => Promise<T>): Promise<T> => take("writes", options, send);
  const readOperation: Gateway["readOperation"] = (url, o) => read(o, () => gateway.readOperation(url, o));

  return {
    async put(group, o) {
      const send = (): Promise<Accepted> => {
        budget.creates.use(clock.now(), group.name);
        return gateway.put(group, o);
      };
      try {
        await waitToCreate(group.name, o);
        return await take("writes", o, send, true);
      } finally {
        // What was not sent is somebody else's turn.
        budget.creates.drop(group.name);
      }
    },
    get: (name, o) => read(o, () => gateway.get(name, o)),
    list: (page, o) => read(o, () => gateway.list(page, o)),
    listCreated: (page, o) => read(o, () => gateway.listCreated(page, o)),
    patchTags: (name, tags, o) => write(o, () => gateway.patchTags(name, tags, o)),
    readOperation,
    readLogs: (name, container, o) => read(o, () => gateway.readLogs(name, container, o)),
    start: (name, o) => write(o, () => gateway.start(name, o)),
    stop: (name, o) => write(o, () => gateway.stop(name, o)),
    restart: (name, o) => write(o, () => gateway.restart(name, o)),
    exec: (name, container, o) => write(o, () => gateway.exec(name, container, o)),
    attach: (name, container, o) => write(o, () => gateway.attach(name, container, o)),
    delete: (name, o) => take("deletes", o, () => gateway.delete(name, o)),
    usages: (location, o) => read(o, () => gateway.usages(location, o)),
    awaitOperation: (url, o) => awaitOperation(url, readOperation, o),
  };
}
