import { systemClock, VirtualClock, type Clock } from "../internal/clock.js";
import { randomHex } from "../internal/random.js";
import type { EmulatedAzure } from "./emulated-azure.js";
import type { ContainerView, Emulator, GroupView, RecordedRequest, StartEmulatorOptions } from "./emulator.js";
import type { Engine } from "./engine.js";
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
import type { Keeper } from "./groups/keeper.js";
import { resolvePace } from "./options/pace.js";
import { resolveStartEmulatorOptions, type ResolvedStartEmulatorOptions } from "./options/resolve-options.js";
import { listen, type ArmServer } from "./server/arm-server.js";
import { RateBudget } from "./server/rate-budget.js";
import { KeptState } from "./state/kept-state.js";
import { Profiles } from "./profiles/profiles.js";
import { TENANT_ID, Tokens } from "./tokens/tokens.js";
import { TerminalSessions } from "./terminals/terminal-sessions.js";

type StartedOptions = ResolvedStartEmulatorOptions & { readonly token: string };

/**
 * Starts an emulator of Azure Container Instances on this machine: its REST API, as the service behaves, over container
 * groups that really run.
 *
 * It answers only on the loopback address and only to requests that carry its token.
 *
 * @param options - The engine, the address, the pace. See {@link StartEmulatorOptions}.
 * @returns The running emulator; dispose of it to end everything that it runs.
 *
 * @throws Error if no container engine answers and none was named, or if the state folder cannot be used: another emulator
 * has it, others can read it, or its file cannot be read.
 * @throws TypeError if the options are no object, RangeError if `port`, `host` or another option is not one of the values it can have.
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
  const kept = resolved.stateFolder === undefined ? undefined : await KeptState.open(resolved.stateFolder, engine, resolved.token);
  const undo: (() => Promise<void>)[] = [async () => kept?.close(), () => engine.close()];
  try {
    return await begin({ ...resolved, token: kept?.token ?? resolved.token ?? randomHex(32) }, engine, reason, kept, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    throw error;
  }
}

// Everything after which there is something to undo, in case of an error.
async function begin(resolved: StartedOptions, engine: Engine, reason: string, kept: KeptState | undefined, undo: (() => Promise<void>)[]): Promise<Emulator> {
  const clock = engine.clock ?? systemClock;
  const sentence = await engine.open({ id: kept?.session ?? randomHex(8), clock, state: kept?.forEngine });
  const requests: RecordedRequest[] = [];
  const shares = await ShareRoot.open(resolved.sharesFolder);
  undo.push(() => shares.close());
  const server = await listen(resolved);
  undo.push(() => server.close());
  const azure = azureOf(resolved, engine, clock, server.endpoint, shares, kept?.keeper, requests);
  undo.push(() => azure.groups.detach());
  await kept?.restore(azure);
  for (const fault of resolved.faults) azure.faults.add(fault);
  server.serve(azure, requests);
  const banner = `ACI emulator with the ${engine.name} engine, because ${reason}. ${sentence}${kept === undefined ? "" : ` ${kept.describe(engine)}`}`;
  return emulatorOver(azure, server, shares, requests, resolved, banner, kept);
}

function azureOf(
  resolved: StartedOptions,
  engine: Engine,
  clock: Clock,
  endpoint: string,
  shares: ShareRoot,
  keeper: Keeper | undefined,
  requests: RecordedRequest[],
): EmulatedAzure {
  const { stopGraceInMs, assumptions } = resolved;
  const findShare = (account: string, share: string): string | undefined => shares.find(account, share);
  const faults = new FaultTable(resolved.location, clock, resolved.seed);
  const tokens = new Tokens(resolved.token);
  const identities = new Identities(tokens, endpoint);
  return {
    clock,
    engine,
    groups: new GroupRegistry({ engine, clock, pace: resolvePace(resolved.pace), findShare, stopGraceInMs, faults, identities, assumptions, keeper }),
    faults,
    sessions: new TerminalSessions(),
    rates: new RateBudget(clock, resolved.limits),
    profiles: new Profiles(),
    memory: new AnswerMemory(),
    events: new EventGrid(clock, endpoint, resolved.subscriptionId),
    tokens,
    identities,
    resourceGroups: new ResourceGroups(resolved.subscriptionId, resolved.resourceGroup, resolved.location),
    settings: resolved,
    keeper,
    requests,
    endpoint,
  };
}

function emulatorOver(
  azure: EmulatedAzure,
  server: ArmServer,
  shares: ShareRoot,
  requests: RecordedRequest[],
  { subscriptionId, resourceGroup, location, token, limits }: StartedOptions,
  banner: string,
  kept: KeptState | undefined,
): Emulator {
  const { endpoint, certificate } = server;
  const { groups, faults, sessions, engine, clock } = azure;
  const getToken = async (): Promise<{ token: string; expiresOnTimestamp: number }> => ({ token, expiresOnTimestamp: Date.now() + 24 * 3_600_000 });
  const files = new FileServices(shares, token);
  const close = once(async () => {
    await Promise.all([server.close(), files.close()]);
    sessions.clear();
    azure.events.cancel();
    if (kept === undefined) await groups.clear();
    else await groups.detach();
    await engine.close();
    await shares.close();
    await kept?.close();
  });
  return {
    endpoint,
    pageUrl: `${endpoint}/#${token}`,
    certificate,
    clientOptions: { subscriptionId, resourceGroup, location, endpoint, credential: { getToken }, ...(limits === "counted" && { requestBudget: "unlimited" }) },
    environment: {
      AZURE_SUBSCRIPTION_ID: subscriptionId,
      AZURE_RESOURCE_GROUP: resourceGroup,
      AZURE_LOCATION: location,
      AZURE_TENANT_ID: TENANT_ID,
      AZURE_RESOURCE_MANAGER_ENDPOINT: endpoint,
      ACI_EMULATOR_TOKEN: token,
    },
    engineName: engine.name,
    hostForContainers: engine.hostForContainers ?? "127.0.0.1",
    banner,
    clock: clock instanceof VirtualClock ? clock : undefined,
    requests,
    groups: () => groups.all().map(viewGroup),
    async subscribe(subscription) {
      await azure.events.subscribe(subscription);
      await azure.keeper?.saved();
    },
    inject: (fault) => faults.add(fault),
    async reset() {
      faults.clear();
      azure.events.cancel();
      sessions.clear();
      await groups.clear();
      azure.resourceGroups.clear();
      azure.profiles.clear();
      requests.length = 0;
      await azure.keeper?.saved();
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
