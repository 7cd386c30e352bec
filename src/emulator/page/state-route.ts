import type { EmulatedAzure } from "../emulated-azure.js";
import type { Container } from "../groups/containers/container.js";
import type { Group } from "../groups/group.js";
import type { Handler } from "../server/call.js";

/** Where the page asks. Its looks are not among the requests that the emulator tells. */
export const STATE_PATH = "/emulator/state";

// As much as a page can show and a second can carry.
const MOST_GROUPS = 200;
const MOST_REQUESTS = 50;
const LOG = { tail: 1000, isStamped: false, maxBytes: 64 * 1024 } as const;

/** What the page shows: the newest groups and requests first, the faults, and the log of the container that is asked for. */
export const getState: Handler = async ({ azure, query }) => {
  const groups = azure.groups.all();
  return {
    status: 200,
    body: {
      engine: azure.engine.name,
      now: azure.clock.now(),
      groupCount: groups.length,
      groups: groups.slice(-MOST_GROUPS).reverse().map(describeGroup),
      requests: azure.requests.slice(-MOST_REQUESTS).reverse().map(({ method, path, status, at }) => ({ method, path, status, at })),
      faults: azure.faults.list().map(({ rule, struck }) => ({ ...rule, struck })),
      ...(query.has("group") ? { log: await logOf(azure, query.get("group"), query.get("container")) } : {}),
    },
  };
};

// No environment, no command: they may hold secrets, and a screen is seen by many.
function describeGroup({ id, address, body, provisioningState, state, policy, ip, events, containers }: Group): object {
  const { resourceGroup, name } = address;
  return { id, name, resourceGroup, location: body.location, tags: body.tags ?? {}, provisioningState, state, restartPolicy: policy, ip, events, containers: containers.map(describeContainer) };
}

function describeContainer({ name, isInit, body, state: { current, restartCount, events } }: Container): object {
  return { name, isInit, image: body.properties.image, state: current?.state, detail: current?.detailStatus, exitCode: current?.exitCode, restartCount, events };
}

// Null where there is no such container any more.
async function logOf(azure: EmulatedAzure, id: string | null, name: string | null): Promise<string | null> {
  const container = azure.groups.all().find((group) => group.id === id)?.containers.find((one) => one.name === name);
  return container === undefined ? null : (await container.logs(LOG)).toString("utf8");
}
