import type { VirtualClock } from "../internal/clock.js";
import type { Assumptions } from "./options/assumptions.js";
import type { Engine } from "./engine.js";
import type { EventSubscription } from "./events/event-subscription.js";
import type { FaultRule } from "./faults/fault-rule.js";
import type { EmulatedFileService } from "./files/rest/file-service.js";
import type { ShareFolder } from "./files/share-folder.js";
import type { GroupState } from "./groups/group-state.js";
import type { Pace } from "./options/pace.js";

/**
 * Options for `startEmulator`.
 *
 * @public
 */
export interface StartEmulatorOptions {
  /**
   * What runs the containers: `docker` is a Docker-compatible socket, `process` runs the command of each container as
   * a child process of this one, without isolation and whatever its image, and `auto` is `docker` or an error. An
   * engine object, such as that of `scripted`, is used as it is.
   *
   * @defaultValue `"auto"`: nothing is run as a plain process unless it is asked for
   */
  readonly engine?: "auto" | "docker" | "process" | Engine | undefined;
  /**
   * The loopback address to listen on.
   *
   * @defaultValue `"127.0.0.1"`
   */
  readonly host?: "127.0.0.1" | "::1" | undefined;
  /**
   * The port to listen on; 0 takes a free one.
   *
   * @defaultValue `0`
   */
  readonly port?: number | undefined;
  /**
   * Serves https with a certificate made for this start, which Microsoft's own clients need. See
   * {@link Emulator.certificate}.
   *
   * @defaultValue `false`
   */
  readonly https?: boolean | undefined;
  /**
   * How fast groups move.
   *
   * @defaultValue `"instant"`
   */
  readonly pace?: Pace | undefined;
  /**
   * The folder under which file shares are folders, `<account>/<share>`. It is kept.
   *
   * @defaultValue `shares` in the state folder; without one a folder of its own, removed at the end
   */
  readonly sharesFolder?: string | undefined;
  /**
   * An image that has git, in containers of which the repositories of `gitRepo` volumes are cloned. Only the docker engine
   * has such volumes, and only with this: a repository is foreign code.
   *
   * @defaultValue none: a group with such a volume fails, and its event says why
   */
  readonly gitImage?: string | undefined;
  /**
   * The folder in which the emulator keeps what outlives it: container groups with what their containers went through,
   * resource groups, profiles, operations, event subscriptions, and the token. The next emulator on the same folder goes on
   * from there, even after a kill: what was answered is kept, containers of Docker that ran on are found again with their
   * true states, and {@link Emulator.close} leaves them running. Processes and functions end with the emulator; their
   * containers are told as killed, and the restart policy decides. Faults and recorded requests are not kept.
   *
   * It is made if it does not exist. As it has secrets in it, one that others can read is refused. One emulator uses it
   * at a time.
   *
   * @defaultValue none: everything ends with the emulator
   */
  readonly stateFolder?: string | undefined;
  /** The location that {@link Emulator.clientOptions} names. @defaultValue `"westeurope"` */
  readonly location?: string | undefined;
  /** The subscription that {@link Emulator.clientOptions} names. @defaultValue `"00000000-0000-0000-0000-000000000000"` */
  readonly subscriptionId?: string | undefined;
  /** The resource group that {@link Emulator.clientOptions} names. @defaultValue `"emulator"` */
  readonly resourceGroup?: string | undefined;
  /**
   * The token that every request has to carry.
   *
   * @defaultValue the one in the state folder; without that 256 random bits, anew at every start
   */
  readonly token?: string | undefined;
  /** Faults to begin with, as for {@link Emulator.inject}. @defaultValue none */
  readonly faults?: readonly FaultRule[] | undefined;
  /** What chances are drawn by: the same seed and the same requests meet the same faults. @defaultValue `1` */
  readonly seed?: number | undefined;
  /** What to assume where nobody knows how the service answers. See {@link Assumptions}. @defaultValue the first choice of each */
  readonly assumptions?: Assumptions | undefined;
  /**
   * Whether the limits of ARM and of the service are only counted, and told in headers and usages, or enforced: 429 when
   * requests or creates are used up, `ContainerGroupQuotaReached` when groups or cores are.
   *
   * @defaultValue `"counted"`
   */
  readonly limits?: "counted" | "enforced" | undefined;
  /** How many items a list has before it is continued on another page. @defaultValue `1000` */
  readonly pageSize?: number | undefined;
  /**
   * How long a container may take to end after TERM before it is killed, in milliseconds.
   *
   * @defaultValue `10_000`
   */
  readonly stopGraceInMs?: number | undefined;
}

/**
 * A running emulator. Disposing of it, with `await using` or {@link Emulator.close}, ends everything that it runs, unless it
 * has a state folder.
 *
 * @public
 */
export interface Emulator extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:PORT`, or `https://…`. */
  readonly endpoint: string;
  /**
   * A page that shows groups, logs, requests and faults as they are, for a browser on this machine. The link carries the
   * token, so it is as secret as that.
   */
  readonly pageUrl: string;
  /** What a client needs: pass it to `new AciClient(…)`. */
  readonly clientOptions: EmulatorClientOptions;
  /** The same as environment variables, for a process of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** The certificate to trust, in PEM form, with `https`. */
  readonly certificate: string | undefined;
  /** Short name of the engine: `docker`, `process`, `scripted`. */
  readonly engineName: string;
  /**
   * The name or address by which containers reach servers on this machine, such as the receiver of a webhook: with Docker
   * `host.docker.internal`, with Podman `host.containers.internal`, without either `127.0.0.1`. The server has to listen on an
   * address that they reach; `0.0.0.0` is one.
   */
  readonly hostForContainers: string;
  /** One or two sentences: what runs the containers, and why that. */
  readonly banner: string;
  /** The virtual time that groups live in, if the engine has one. */
  readonly clock: VirtualClock | undefined;
  /**
   * The requests so far, in the order in which they were answered, without those of the page to look at; no more than the
   * last 90,000 or so are kept.
   */
  readonly requests: readonly RecordedRequest[];
  /** The container groups that exist now. */
  groups(): GroupView[];
  /**
   * Adds a fault.
   *
   * @param fault - Which requests it strikes, how often, and what they are answered.
   */
  inject(fault: FaultRule): void;
  /** Removes all groups and faults and forgets all requests. File shares stay. */
  reset(): Promise<void>;
  /**
   * Delivers the events of container groups to a web hook from now on, as an Event Grid subscription to the Azure
   * subscription does: what has become of each create, update, delete, start, stop and restart. The end of a container is
   * no event, as on Azure. Undelivered events are tried again for a day on the emulator's clock.
   *
   * @param subscription - The web hook and the schema.
   * @returns Resolves when the receiver has agreed, by the handshake of the schema.
   * @throws Error if it has not agreed within five minutes.
   * @throws RangeError if the web hook is not on this machine.
   */
  subscribe(subscription: EventSubscription): Promise<void>;
  /**
   * Makes a file share that groups can mount, or finds it.
   *
   * @param account - The name of the storage account: 3 to 24 lowercase letters and numbers.
   * @param share - The name of the share: 3 to 63 lowercase letters, numbers and single hyphens.
   * @throws RangeError if a name is not of that form.
   */
  share(account: string, share: string): Promise<ShareFolder>;
  /**
   * Serves the file shares of a storage account as Azure Files does, for `@azure/storage-file-share` and the like. The
   * shares are the folders of {@link Emulator.share} that groups mount. It listens from the first call on.
   *
   * @param account - The name of the storage account: 3 to 24 lowercase letters and numbers.
   * @returns Where it answers, and the account's key.
   * @throws RangeError if the name is not of that form.
   */
  fileService(account: string): Promise<EmulatedFileService>;
  /**
   * Ends all containers, stops listening, and removes what it made. With a state folder everything is kept there, and the
   * containers of Docker run on.
   */
  close(): Promise<void>;
}

/**
 * What a client of the emulator is made with.
 *
 * @public
 */
export interface EmulatorClientOptions {
  /** The subscription to name in requests. */
  readonly subscriptionId: string;
  /** The resource group to name in requests. */
  readonly resourceGroup: string;
  /** The location to create groups in. */
  readonly location: string;
  /** Where the emulator answers. */
  readonly endpoint: string;
  /** A request here costs nothing, so that none has to wait; unless the emulator keeps to Azure's limits (`limits: "enforced"`). */
  readonly requestBudget?: "unlimited" | undefined;
  /** Hands out the emulator's token, in the shape of a `TokenCredential`. */
  readonly credential: {
    /** The token, and until when it is good. */
    getToken(): Promise<{ token: string; expiresOnTimestamp: number }>;
  };
}

/**
 * One request that the emulator got. It has no headers and no body, and hence no secret.
 *
 * @public
 */
export interface RecordedRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The path, double slashes made single. */
  readonly path: string;
  /** The query. */
  readonly query: Readonly<Record<string, string>>;
  /** The status that it was answered; 0 where the connection was broken. */
  readonly status: number;
  /** When it was answered, in milliseconds since 1970 on the emulator's clock. */
  readonly at: number;
}

/**
 * A container group as it is now.
 *
 * @public
 */
export interface GroupView {
  /** The resource id. */
  readonly id: string;
  /** The name. */
  readonly name: string;
  /** The resource group it is in. */
  readonly resourceGroup: string;
  /** The subscription it is in. */
  readonly subscriptionId: string;
  /** The location it was made in. */
  readonly location: string;
  /** The tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** How the last operation on it goes or went. */
  readonly provisioningState: "Pending" | "Updating" | "Succeeded" | "Failed";
  /** The state of its containers as a whole. */
  readonly state: GroupState;
  /** Its containers, init containers first. */
  readonly containers: readonly ContainerView[];
}

/**
 * A container of a group as it is now.
 *
 * @public
 */
export interface ContainerView {
  /** The name. */
  readonly name: string;
  /** The state; `undefined` while nothing has happened. */
  readonly state: "Waiting" | "Running" | "Terminated" | undefined;
  /** The exit code, once it has ended. */
  readonly exitCode: number | undefined;
  /** How often its restart policy started it again. */
  readonly restartCount: number;
}
