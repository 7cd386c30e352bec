// What the service sends, as far as this library reads it. Anything may be missing.

export interface WireGroup {
  readonly id?: string;
  readonly name?: string;
  readonly location?: string;
  readonly tags?: Record<string, string> | null;
  readonly createdTime?: string;
  readonly properties?: {
    readonly provisioningState?: string;
    readonly restartPolicy?: string;
    readonly osType?: string;
    readonly containers?: readonly WireContainer[];
    readonly initContainers?: readonly WireContainer[];
    readonly ipAddress?: { readonly ip?: string; readonly fqdn?: string; readonly ports?: readonly { readonly port: number; readonly protocol?: string }[] };
    readonly instanceView?: { readonly state?: string; readonly events?: readonly WireEvent[] | null };
  };
}

export interface WireContainer {
  readonly name?: string;
  readonly properties?: {
    readonly image?: string;
    readonly resources?: { readonly requests?: { readonly cpu?: number; readonly memoryInGB?: number } };
    readonly instanceView?: {
      readonly restartCount?: number;
      readonly currentState?: WireState;
      readonly previousState?: WireState;
      readonly events?: readonly WireEvent[] | null;
    };
  };
}

export interface WireState {
  readonly state?: string;
  readonly startTime?: string;
  readonly finishTime?: string;
  readonly exitCode?: number;
  readonly detailStatus?: string;
}

export interface WireEvent {
  readonly name?: string;
  readonly message?: string;
  readonly type?: string;
  readonly count?: number;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
}

export interface WirePage<T> {
  readonly value?: readonly T[];
  readonly nextLink?: string | null;
}

export interface WireOperation {
  readonly status?: string;
  readonly properties?: { readonly events?: readonly WireEvent[] | null } | null;
  readonly error?: { readonly code?: string; readonly message?: string } | null;
}

export interface WireUsage {
  readonly currentValue?: number;
  readonly limit?: number;
  readonly name?: { readonly value?: string };
}
