import { systemClock, VirtualClock } from "../internal/clock.js";
import { randomHex } from "../internal/random.js";
import type { EmulatedAzure } from "./emulated-azure.js";
import type { ContainerView, Emulator, GroupView, RecordedRequest, StartEmulatorOptions } from "./emulator.js";
import { chooseEngine } from "./engines/choose-engine.js";
import { ResourceGroups } from "./directory/resource-groups.js";
import { AnswerMemory } from "./faults/answer-memory.js";
import { EventGrid } from "./events/event-grid.js";
import { FaultTable } from "./faults/fault-table.js";
import { FileServices } from "./files/rest/file-service.js";
import { ShareRoot } from "./files/share-root.js";
import type { Container } from "./groups/containers/container.js";
import type { Group } from "./groups/group.js";
import { GroupRegistry } from "./groups/group-registry.js";
import { Identities } from "./identity/identities.js";
import { resolvePace } from "./options/pace.js";
import { resolveStartEmulatorOptions, type ResolvedStartEmulatorOptions } from "./options/resolve-options.js";
import { listen, type ArmServer } from "./server/arm-server.js";
import { RateBudget } from "./server/rate-budget.js";
import { Profiles } from "./profiles/profiles.js";
import { TENANT_ID, Tokens } from "./tokens/tokens.js";
import { TerminalSessions } from "./terminals/terminal-sessions.js";

/**
 * Starts an emulator of Azure Container Instances on this machine: its REST API, as the service behaves, over container
 * groups that really run.
 *
 * It answers only on the loopback address and only to requests that carry its token.
 *
 * @param options - The engine, the address, the pace. See {@link StartEmulatorOptions}.
 * @returns The running emulator; dispose of it to end everything that it runs.
 *
 * @throws Error if no container engine answers and none was named.
 * @throws RangeError if `port`, `host` or another option is not one of the values it can have.
 *
 * @example
 * ```ts
 * await using emulator = await startEmulator({ engine: "process" });
 * const client = new AciClient(emulator.clientOptions);
 * ```
 * @public
 */
export async function startEmulator(options: StartEmulatorOptions = {}): Promise<Emulator> {
  const resolved = resolveStartEmulatorOptions(options);
  const { engine, reason } = await chooseEngine(resolved.engine, resolved.gitImage);
  const clock = engine.clock ?? systemClock;
  const sentence = await engine.open({ id: randomHex(8), clock });
  const requests: RecordedRequest[] = [];
  const shares = await ShareRoot.open(resolved.sharesFolder);
  const server = await listen(resolved).catch(async (error: unknown) => {
    await Promise.all([engine.close(), shares.close()]);
    throw error;
  });
  const { stopGraceInMs } = resolved;
  const findShare = (account: string, share: string): string | undefined => shares.find(account, share);
  const faults = new FaultTable(resolved.location, clock, resolved.seed);
  const tokens = new Tokens(resolved.token);
  const identities = new Identities(tokens, server.endpoint);
  const azure: EmulatedAzure = {
    clock,
    engine,
    groups: new GroupRegistry({ engine, clock, pace: resolvePace(resolved.pace), findShare, stopGraceInMs, faults, identities, assumptions: resolved.assumptions }),
    faults,
    sessions: new TerminalSessions(),
    rates: new RateBudget(clock, resolved.limits),
    profiles: new Profiles(),
    memory: new AnswerMemory(),
    events: new EventGrid(clock, server.endpoint, resolved.subscriptionId),
    tokens,
    identities,
    resourceGroups: new ResourceGroups(resolved.subscriptionId, resolved.resourceGroup, resolved.location),
    settings: resolved,
    requests,
    endpoint: server.endpoint,
  };
  for (const fault of resolved.faults) faults.add(fault);
  server.serve(azure, requests);
  const banner = `ACI emulator with the ${engine.name} engine, because ${reason}. ${sentence}`;
  return emulatorOver(azure, server, shares, requests, resolved, banner);
}

function emulatorOver(
  azure: EmulatedAzure,
  server: ArmServer,
  shares: ShareRoot,
  requests: RecordedRequest[],
  { subscriptionId, resourceGroup, location, token }: ResolvedStartEmulatorOptions,
  banner: string,
): Emulator {
  const { endpoint, certificate } = server;
  const { groups, faults, sessions, engine, clock } = azure;
  const getToken = async (): Promise<{ token: string; expiresOnTimestamp: number }> => ({ token, expiresOnTimestamp: Date.now() + 24 * 3_600_000 });
  const files = new FileServices(shares, token);
  const close = once(async () => {
    await Promise.all([server.close(), files.close()]);
    sessions.clear();
    azure.events.cancel();
    await groups.clear();
    await engine.close();
    await shares.close();
  });
  return {
    endpoint,
    pageUrl: `${endpoint}/#${token}`,
    certificate,
    clientOptions: { subscriptionId, resourceGroup, location, endpoint, credential: { getToken } },
    environment: {
      AZURE_SUBSCRIPTION_ID: subscriptionId,
      AZURE_RESOURCE_GROUP: resourceGroup,
      AZURE_LOCATION: location,
      AZURE_TENANT_ID: TENANT_ID,
      AZURE_RESOURCE_MANAGER_ENDPOINT: endpoint,
      ACI_EMULATOR_TOKEN: token,
    },
    engineName: engine.name,
    banner,
    clock: clock instanceof VirtualClock ? clock : undefined,
    requests,
    groups: () => groups.all().map(viewGroup),
    subscribe: (subscription) => azure.events.subscribe(subscription),
    inject: (fault) => faults.add(fault),
    async reset() {
      faults.clear();
      azure.events.cancel();
      sessions.clear();
      await groups.clear();
      azure.resourceGroups.clear();
      azure.profiles.clear();
      requests.length = 0;
    },
    share: (account, share) => shares.share(account, share),
    fileService: (account) => files.open(account),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function viewGroup(group: Group): GroupView {
  const { id, address, body, provisioningState, state, containers } = group;
  return { id, ...address, location: body.location, tags: body.tags ?? {}, provisioningState, state, containers: containers.map(viewContainer) };
}

function viewContainer({ name, state: { current, restartCount } }: Container): ContainerView {
  return { name, state: current?.state, exitCode: current?.exitCode, restartCount };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
