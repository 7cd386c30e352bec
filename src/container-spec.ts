import type { JsonObject } from "./json.js";

/**
 * A value that must not be seen: a reference that {@link SecretSource} resolves at each create, or the value itself.
 *
 * @remarks
 * A reference travels in handles, so any process that has the source can make another attempt. An inline `secureValue`
 * is known only to the process that was given it: it is left out of handles, tags, logs and errors.
 *
 * @public
 */
export type SecretValue = { readonly secret: string } | { readonly secureValue: string };

/**
 * Resolves the names in `{ secret: "name" }`, for example from Key Vault. Asked anew at each create. Where it throws, or gives
 * no string, the call rejects with `ACI_JOB_NEEDS_SECRETS`; an empty string is a secret like any other.
 *
 * @public
 */
export type SecretSource = (name: string) => string | undefined | Promise<string | undefined>;

/**
 * Environment variables by name. A plain string can be read back from Azure by anyone who may read the group; a
 * {@link SecretValue} cannot, and only its name is ever returned by the service.
 *
 * @public
 */
export interface Environment {
  readonly [name: string]: string | SecretValue;
}

/** A port that a container listens on. ACI maps no ports: the group's address shows the same number. @public */
export interface PortSpec {
  /** 1 to 65535. */
  readonly port: number;
  /** @defaultValue `"TCP"` */
  readonly protocol?: "TCP" | "UDP" | undefined;
}

/** Where a container sees a volume of its group. @public */
export interface MountSpec {
  /** The name of a volume of the same group. */
  readonly volume: string;
  /** An absolute path inside the container, without a colon. Two volumes cannot share one path. */
  readonly path: string;
  /** @defaultValue `false` */
  readonly isReadOnly?: boolean | undefined;
}

/** How ACI finds out that a container lives, or is ready. Exactly one of `command` and `httpGet`. @public */
export interface ProbeSpec {
  /** A command whose exit code 0 means well. */
  readonly command?: readonly string[] | undefined;
  /** A request whose 2xx or 3xx answer means well. */
  readonly httpGet?:
    | {
        readonly port: number;
        readonly path?: string | undefined;
        readonly scheme?: "http" | "https" | undefined;
        readonly headers?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  readonly initialDelayInSeconds?: number | undefined;
  readonly periodInSeconds?: number | undefined;
  readonly timeoutInSeconds?: number | undefined;
  readonly failureThreshold?: number | undefined;
  readonly successThreshold?: number | undefined;
}

/** A container that runs to its end before the others start. It has no ports, probes or resources of its own. @public */
export interface InitContainerSpec {
  /** Lower-case letters, digits and single hyphens, 1 to 63 characters. */
  readonly name: string;
  readonly image: string;
  /** Replaces the image's entry point *and* command, as ACI does. @defaultValue the image's own */
  readonly command?: readonly string[] | undefined;
  readonly environment?: Environment | undefined;
  readonly mounts?: readonly MountSpec[] | undefined;
  /** Any other ARM property of an init container, merged over what this library writes under its `properties`. */
  readonly arm?: JsonObject | undefined;
}

/** One container of a group. @public */
export interface ContainerSpec extends InitContainerSpec {
  /** vCPUs asked for, more than 0. Billed by the second. @defaultValue `1` */
  readonly cpu?: number | undefined;
  /** Memory asked for in GB, at least 0.1; ACI counts in steps of 0.1. @defaultValue `1.5` */
  readonly memoryInGB?: number | undefined;
  readonly ports?: readonly PortSpec[] | undefined;
  /** A failing liveness probe makes ACI restart the container, as its restart policy allows. */
  readonly livenessProbe?: ProbeSpec | undefined;
  readonly readinessProbe?: ProbeSpec | undefined;
}

/** A volume that every container of the group can mount. Exactly one kind beside `name`. @public */
export type VolumeSpec = AzureFileVolume | EmptyDirVolume | SecretVolume | GitRepoVolume;

/** An Azure file share. It outlives the group. Linux only, by account key. @public */
export interface AzureFileVolume {
  readonly name: string;
  readonly azureFile: {
    readonly account: string;
    readonly share: string;
    readonly accountKey: SecretValue;
    /** @defaultValue `false` */
    readonly isReadOnly?: boolean | undefined;
  };
}

/** A folder that is empty at first and gone with the group. @public */
export interface EmptyDirVolume {
  readonly name: string;
  readonly emptyDir: Readonly<Record<string, never>>;
}

/** Files with secret content, by file name. @public */
export interface SecretVolume {
  readonly name: string;
  readonly secret: { readonly [fileName: string]: SecretValue };
}

/** A git repository, cloned when the group starts. @public */
export interface GitRepoVolume {
  readonly name: string;
  readonly gitRepo: {
    /** An absolute URL. Do not put credentials in it: it is not a secret to Azure. */
    readonly repository: string;
    readonly directory?: string | undefined;
    readonly revision?: string | undefined;
  };
}

/** How to log in to a private registry: by password, or by a user-assigned identity of the group (ACR only). @public */
export type RegistrySpec =
  | { readonly server: string; readonly username: string; readonly password: SecretValue }
  | { readonly server: string; /** The identity's resource id, or its URL. */ readonly identity: string };

/** The managed identities of a group. @public */
export interface IdentitySpec {
  /** @defaultValue `false` */
  readonly isSystemAssigned?: boolean | undefined;
  /** Resource ids of user-assigned identities. */
  readonly userAssigned?: readonly string[] | undefined;
}

/** The group's address. @public */
export interface AddressSpec {
  /** The ports to open, at most five on ACI. @defaultValue the ports of all its containers */
  readonly ports?: readonly PortSpec[] | undefined;
  /** Makes `<label>.<location>.azurecontainer.io` point to the group. 5 to 63 characters. */
  readonly dnsLabel?: string | undefined;
  /** @defaultValue `"Public"`, and `"Private"` in a subnet */
  readonly type?: "Public" | "Private" | undefined;
}

/** Where ACI sends the containers' output and events. @public */
export interface LogAnalyticsSpec {
  readonly workspaceId: string;
  readonly workspaceKey: SecretValue;
  /** @defaultValue `"ContainerInstanceLogs"` */
  readonly logType?: "ContainerInstanceLogs" | "ContainerInsights" | undefined;
}

/** What a group has apart from its containers; the same for jobs, servers and plain groups. @public */
export interface GroupSettings {
  readonly volumes?: readonly VolumeSpec[] | undefined;
  readonly initContainers?: readonly InitContainerSpec[] | undefined;
  /** Give one to be reachable. Without it a group reaches out but cannot be reached, which is right for most jobs. */
  readonly address?: AddressSpec | undefined;
  readonly registries?: readonly RegistrySpec[] | undefined;
  readonly identity?: IdentitySpec | undefined;
  /** The resource id of a delegated subnet. The group then gets a private address. */
  readonly subnetId?: string | undefined;
  /** `"Spot"` costs about 70 % less and may be evicted and started again at any time. @defaultValue `"Regular"` */
  readonly priority?: "Regular" | "Spot" | undefined;
  readonly logAnalytics?: LogAnalyticsSpec | undefined;
  /** Tags of the resource. Names that begin with `aci-lifecycle-` are this library's own. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** @defaultValue `"Linux"` */
  readonly osType?: "Linux" | "Windows" | undefined;
  /** @defaultValue the client's location */
  readonly location?: string | undefined;
  /**
   * Any other ARM property of the group, merged over the body that this library writes: objects are merged, everything
   * else is replaced. For what has no field of its own here. It is stored in handles, so never put a secret in it.
   *
   * @example
   * ```ts
   * arm: { properties: { dnsConfig: { nameServers: ["10.0.0.10"] } }, zones: ["1"] }
   * ```
   */
  readonly arm?: JsonObject | undefined;
}
