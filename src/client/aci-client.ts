import { AzureClock } from "../azure/azure-clock.js";
import type { ContainerGroupSpec, Snapshot } from "../container-group.js";
import { AciError, isAciError } from "../errors.js";
import { oneTimer, systemClock } from "../internal/clock.js";
import { checkGroup, GROUP_FIELDS } from "../lifecycle/check-group.js";
import { expectFields, expectFunction, expectMethods, expectName, expectText, failUnseen } from "../lifecycle/expect.js";
import { itemsOf } from "../lifecycle/items-of.js";
import { truncationOf } from "../lifecycle/merge-logs.js";
import type { LogLine } from "../log-sink.js";
import { awaitCompletion } from "./await-completion.js";
import { ensureGone } from "./ensure-gone.js";
import { findGroup } from "./find-group.js";
import { ledgerOf } from "../budget/request-budget.js";
import { RetryQuota } from "../budget/retry-quota.js";
import { RunHistory } from "../completion/run-history.js";
import { followLogs } from "./follow-logs.js";
import { optionsFromEnvironment } from "./from-environment.js";
import { checkCall, checkEndpoint, type AciClientOptions, type AttachOptions, type AwaitOptions, type CallOptions, type CollectedLogs, type CreateOptions, type DeleteOptions, type LogOptions } from "./options.js";
import { partsOf, setParts } from "./parts.js";
import { resolveSecrets } from "../lifecycle/resolve-secrets.js";
import { retry } from "./retry.js";
import { SharedLooks } from "../budget/shared-looks.js";
import { openGateway } from "../budget/with-budget.js";
import { commandLine, type ExecOptions } from "../terminals/exec-options.js";
import { execSession } from "../terminals/exec-session.js";
import type { ExecSession, TerminalSession } from "../terminals/terminal-session.js";
import { openSocket } from "../terminals/web-socket.js";

const OPTIONS = ["subscriptionId", "resourceGroup", "location", "credential", "endpoint", "owner", "requestBudget", "onEvent", "clock"] as const;

/**
 * Acts on one container group by name. Jobs have functions of their own, {@link runContainerJob} first of all.
 *
 * Every method takes an `abortSignal` that stops the waiting and leaves Azure alone. Faults that pass are tried again
 * where that can do no harm; a create is never sent twice.
 *
 * @example
 * ```ts
 * const client = new AciClient({ subscriptionId, resourceGroup: "jobs", location: "westeurope" });
 * ```
 * @public
 */
export class AciClient {
  /** @throws TypeError if a required option is missing, an option is unknown, or `endpoint` is no http or https URL. */
  constructor(options: AciClientOptions) {
    expectFields("options", options, OPTIONS);
    expectText("subscriptionId", options.subscriptionId);
    expectText("resourceGroup", options.resourceGroup);
    expectText("location", options.location);
    if (options.endpoint !== undefined) checkEndpoint(options.endpoint);
    if (options.owner !== undefined) expectText("owner", options.owner);
    expectMethods("credential", options.credential, ["getToken"], "a TokenCredential, such as `@azure/identity` has");
    expectFunction("onEvent", options.onEvent);
    const { subscriptionId, resourceGroup, credential, endpoint } = options;
    const clock = options.clock ?? oneTimer(systemClock);
    const azureClock = new AzureClock(clock);
    const budget = ledgerOf(options.requestBudget);
    setParts(this, {
      gateway: openGateway({ subscriptionId, resourceGroup, credential, endpoint, azureClock }, budget, clock),
      clock,
      azureClock,
      budget,
      owner: options.owner ?? "default",
      location: options.location,
      onEvent: options.onEvent,
      retryQuota: new RetryQuota(),
      history: new RunHistory(),
      looks: new SharedLooks(),
      usedAttempts: new Map(),
    });
  }

  /**
   * A client by the environment variables `AZURE_SUBSCRIPTION_ID`, `AZURE_RESOURCE_GROUP`, `AZURE_LOCATION` and
   * `AZURE_RESOURCE_MANAGER_ENDPOINT`; for an emulator on this machine also `ACI_EMULATOR_TOKEN`.
   *
   * @param options - What is given here comes before what the environment says.
   * @throws TypeError if something required is in neither.
   */
  static fromEnvironment(options: Partial<AciClientOptions> = {}): AciClient {
    return new AciClient(optionsFromEnvironment(options));
  }

  /**
   * Creates a container group. Resolves when Azure has accepted it; {@link AciClient.awaitCompletion} waits for more.
   *
   * @throws {@link AciError} `ACI_NAME_CONFLICT` if a look before the create finds the name taken. Two callers in the same
   * moment can still write one group.
   * @throws RangeError or TypeError at once if the spec cannot be right.
   */
  async create(spec: ContainerGroupSpec, options: CreateOptions = {}): Promise<Snapshot> {
    checkCall(options, "secrets");
    const { abortSignal, secrets } = options;
    const parts = partsOf(this);
    const { gateway, location } = parts;
    expectFields("spec", spec, ["name", "containers", "restartPolicy", ...GROUP_FIELDS]);
    expectName("name", spec.name);
    if (spec.restartPolicy !== undefined) expectText("restartPolicy", spec.restartPolicy);
    if (!Array.isArray(spec.containers)) failUnseen("containers", "an array", spec.containers);
    checkGroup(spec.containers, spec);
    const group = await resolveSecrets({ location, ...spec }, secrets);
    if ((await findGroup(parts, spec.name, abortSignal)) !== undefined) {
      throw new AciError(`Container group "${spec.name}" exists already`, { code: "ACI_NAME_CONFLICT" });
    }
    try {
      const { snapshot } = await gateway.put(group, { abortSignal });
      return snapshot ?? (await this.get(spec.name, { abortSignal }));
    } catch (error) {
      // The answer was lost, not necessarily the request.
      if (!isAciError(error) || !error.mayHaveStarted) throw error;
      const found = await findGroup(parts, spec.name, abortSignal);
      if (found === undefined) throw error;
      return found;
    }
  }

  /** The state of a group. @throws {@link AciError} `ACI_NOT_FOUND` if there is none. */
  async get(groupName: string, options: CallOptions = {}): Promise<Snapshot> {
    expectText("groupName", groupName);
    checkCall(options);
    return retry(partsOf(this).clock, () => partsOf(this).gateway.get(groupName, options), options.abortSignal);
  }

  /** All groups of the resource group. ACI's list shows no states of containers: {@link AciClient.get} does. */
  async *list(options: CallOptions = {}): AsyncIterableIterator<Snapshot> {
    checkCall(options);
    yield* itemsOf((page) => retry(partsOf(this).clock, () => partsOf(this).gateway.list(page, options), options.abortSignal));
  }

  /**
   * Waits until the containers of a group have ended and answers its last state. Exit codes are not judged.
   *
   * @throws {@link AciError} if the group is stopped or gone, or `timeoutInMs` is over; `ACI_NOT_FOUND` if it has no such container.
   */
  async awaitCompletion(groupName: string, options: AwaitOptions = {}): Promise<Snapshot> {
    expectText("groupName", groupName);
    checkCall(options, "container", "timeoutInMs", "onProgress");
    return awaitCompletion(partsOf(this), groupName, options);
  }

  /**
   * The output of a container's current run. The service keeps 4 MB of it, and 16 KB of a stopped container.
   *
   * @throws {@link AciError} if there is no log yet, or no such group.
   */
  async collectLogs(groupName: string, options: LogOptions = {}): Promise<CollectedLogs> {
    expectText("groupName", groupName);
    checkCall(options, "container", "tail");
    const { abortSignal, tail } = options;
    const containerName = options.container ?? (await this.#firstContainer(groupName, abortSignal));
    const text = (await retry(partsOf(this).clock, () => partsOf(this).gateway.readLogs(groupName, containerName, { tail, abortSignal }), abortSignal)) ?? "";
    return { containerName, text, isTruncated: tail === undefined ? truncationOf(text) : "unknown" };
  }

  /**
   * The lines of a container as they come, each once and in order, until it has ended. Lines that the service dropped
   * before they could be read are marked by a line with `isGap`.
   *
   * @throws {@link AciError} `ACI_NOT_FOUND` if there is no such group, or no such container in it.
   */
  async *followLogs(groupName: string, options: LogOptions = {}): AsyncIterableIterator<LogLine> {
    expectText("groupName", groupName);
    checkCall(options, "container", "tail");
    const containerName = options.container ?? (await this.#firstContainer(groupName, options.abortSignal));
    yield* followLogs(partsOf(this), groupName, containerName, options);
  }

  /**
   * Runs a command in a container that runs, in a terminal of its own.
   *
   * ACI takes one line and splits it at white space, without quotes; it tells no exit code; and it goes on with the
   * command when the connection ends.
   *
   * @param command - The program and its arguments. None may have white space in it: for a script, run a shell and give the
   * script as `stdin`.
   * @throws {@link AciError} if the group is stopped or gone, or the connection cannot be made.
   * @throws RangeError if a word has white space in it.
   *
   * @example
   * ```ts
   * await using session = await client.exec("worker-1", ["cat", "/etc/hostname"]);
   * console.log(await session.text());
   * ```
   */
  async exec(groupName: string, command: readonly string[], options: ExecOptions = {}): Promise<ExecSession> {
    expectText("groupName", groupName);
    const line = commandLine(command, options);
    const { abortSignal, size = { rows: 24, columns: 80 } } = options;
    const containerName = options.container ?? (await this.#firstContainer(groupName, abortSignal));
    const ticket = await partsOf(this).gateway.exec(groupName, containerName, { command: line, ...size, abortSignal });
    return execSession(await openSocket(ticket, "message", abortSignal), options);
  }

  /**
   * The output of a container from now on, pushed by ACI as it comes. {@link AciClient.followLogs} has what was printed
   * before, too, and survives a broken connection.
   *
   * @throws {@link AciError} if the group is stopped or gone, or the connection cannot be made.
   */
  async attach(groupName: string, options: AttachOptions = {}): Promise<TerminalSession> {
    expectText("groupName", groupName);
    checkCall(options, "container");
    const { abortSignal } = options;
    const containerName = options.container ?? (await this.#firstContainer(groupName, abortSignal));
    const ticket = await retry(partsOf(this).clock, () => partsOf(this).gateway.attach(groupName, containerName, { abortSignal }), abortSignal);
    return openSocket(ticket, "header", abortSignal);
  }

  /** Starts a stopped group and waits until its containers are started. A running one is left as it is. */
  async start(groupName: string, options: CallOptions = {}): Promise<void> {
    await this.#operate("start", groupName, options);
  }

  /** Stops a group. Its containers are thrown away with their output; it is not billed until it is started again. */
  async stop(groupName: string, options: CallOptions = {}): Promise<void> {
    expectText("groupName", groupName);
    checkCall(options);
    await partsOf(this).gateway.stop(groupName, options);
  }

  /** Restarts all containers of a group and waits until they are started. @throws {@link AciError} if it is stopped. */
  async restart(groupName: string, options: CallOptions = {}): Promise<void> {
    await this.#operate("restart", groupName, options);
  }

  /**
   * Deletes a group and waits until it is seen to be gone. One that is not there is gone.
   *
   * @throws {@link CleanupError} if it is still there when `timeoutInMs` is over. It goes on costing money.
   */
  async delete(groupName: string, options: DeleteOptions = {}): Promise<void> {
    expectText("groupName", groupName);
    checkCall(options, "timeoutInMs");
    await ensureGone(partsOf(this), groupName, options);
  }

  async #operate(verb: "start" | "restart", groupName: string, options: CallOptions): Promise<void> {
    expectText("groupName", groupName);
    checkCall(options);
    const { operationUrl } = await partsOf(this).gateway[verb](groupName, options);
    if (operationUrl === undefined) return;
    const { status, errorText } = await partsOf(this).gateway.awaitOperation(operationUrl, options);
    if (status === "Succeeded") return;
    throw new AciError(`Container group "${groupName}" did not start: ${errorText ?? status}`, { code: "ACI_REQUEST_FAILED" });
  }

  async #firstContainer(groupName: string, abortSignal: AbortSignal | undefined): Promise<string> {
    const { containers } = await this.get(groupName, { abortSignal });
    return containers[0]?.containerName ?? "";
  }
}
