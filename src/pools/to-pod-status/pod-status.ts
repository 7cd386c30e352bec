/** The state of a container in the words of Kubernetes: exactly one of the three, or none where nothing is known. @public */
export interface PodContainerState {
  readonly waiting?: { readonly reason?: string | undefined; readonly message?: string | undefined } | undefined;
  readonly running?: { readonly startedAt?: string | undefined } | undefined;
  readonly terminated?:
    | {
        /** The service's; where it told none, 0 of a container that completed and -1 of any other. */
        readonly exitCode: number;
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
        readonly startedAt?: string | undefined;
        readonly finishedAt?: string | undefined;
      }
    | undefined;
}

/** One container in a {@link PodStatus}. @public */
export interface PodContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly state: PodContainerState;
  readonly lastState: PodContainerState;
}

/** A condition in a {@link PodStatus}. @public */
export interface PodCondition {
  readonly type: "PodScheduled" | "Initialized" | "ContainersReady" | "Ready";
  readonly status: "True" | "False";
  readonly reason?: string | undefined;
}

/** What `kubectl get pod -o yaml` would show as `status`. @public */
export interface PodStatus {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  /** Why, where the phase does not say it all. */
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly podIP?: string | undefined;
  readonly podIPs?: readonly { readonly ip: string }[] | undefined;
  /** When the first container started. */
  readonly startTime?: string | undefined;
  readonly conditions: readonly PodCondition[];
  readonly containerStatuses: readonly PodContainerStatus[];
  readonly initContainerStatuses?: readonly PodContainerStatus[] | undefined;
}
