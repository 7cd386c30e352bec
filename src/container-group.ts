import type { ContainerSpec, GroupSettings } from "./container-spec.js";

/** A container group to be created. @public */
export interface ContainerGroupSpec extends GroupSettings {
  /** Lower-case letters, digits and single hyphens, 1 to 63 characters, unique in the resource group. */
  readonly name: string;
  /** At least one. They share an address, localhost and volumes. */
  readonly containers: readonly ContainerSpec[];
  /** What ACI does when a container ends. @defaultValue `"Always"`, as on Azure */
  readonly restartPolicy?: RestartPolicy | undefined;
}

/** What ACI does when a container ends. @public */
export type RestartPolicy = "Always" | "OnFailure" | "Never";

/**
 * The state of a container group at one instant, as the service told it.
 *
 * @remarks
 * Words of the service (`provisioningState`, `state`) are passed on as they come: Azure adds new ones at times.
 *
 * @public
 */
export interface Snapshot {
  /** The ARM resource id. */
  readonly id: string;
  readonly groupName: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The state of the last *operation* on the group, `Succeeded` for instance. It says nothing about success of the work. */
  readonly provisioningState: string;
  /** `Pending`, `Running`, `Stopped`, `Succeeded` or `Failed`; undefined in lists, where ACI leaves it out. */
  readonly state?: string | undefined;
  readonly containers: readonly ContainerSnapshot[];
  readonly initContainers: readonly ContainerSnapshot[];
  readonly ip?: string | undefined;
  readonly fqdn?: string | undefined;
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
  /** Events of the group itself, a failed mount for instance. Usually none: most events are on containers. */
  readonly events: readonly ContainerEvent[];
  readonly restartPolicy?: string | undefined;
  readonly osType?: string | undefined;
}

/** One container in a {@link Snapshot}. @public */
export interface ContainerSnapshot {
  readonly containerName: string;
  readonly image: string;
  readonly cpu?: number | undefined;
  readonly memoryInGB?: number | undefined;
  /** How often the restart policy has started it again. */
  readonly restartCount: number;
  /** Undefined until the service shows one. */
  readonly currentState?: ContainerState | undefined;
  readonly previousState?: ContainerState | undefined;
  readonly events: readonly ContainerEvent[];
}

/** The state of a container. Times are ISO 8601 in UTC. @public */
export interface ContainerState {
  /** `Waiting`, `Running` or `Terminated`; other words have been seen. */
  readonly state: string;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly exitCode?: number | undefined;
  /** The service's word for why, `Error` or `CrashLoopBackOff: Back-off restarting failed` for instance. */
  readonly detail?: string | undefined;
}

/** Something that happened, repeated `count` times. @public */
export interface ContainerEvent {
  /** The service's word: `Pulling`, `Pulled`, `Started`, `Killing`, `Failed`, `BackOff`, … */
  readonly kind: string;
  readonly text: string;
  readonly type: string;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
}
