/**
 * How many servers a pool should have. A plug-in: {@link bySessions}, {@link byBacklog}, or one of your own.
 *
 * @public
 */
export interface ScalingRule {
  readonly name: string;
  /** How many sessions a server takes. @defaultValue no limit */
  readonly capacityPerServer?: number | undefined;
  /** Asked once for each reconcile, before {@link ScalingRule.desired}: a number from elsewhere, the length of a queue for instance. */
  readonly measure?: (() => Promise<number>) | undefined;
  /** How many servers there should be; the pool keeps it between its `min` and its `max`. Pure. */
  desired(view: ScalingView): number;
}

/** What a {@link ScalingRule} decides by. @public */
export interface ScalingView {
  /** How many servers the pool has, or is about to have, without those that it drains. */
  readonly servers: number;
  /**
   * The sessions on all servers, those that are drained included. Where somebody waits, a server that was adopted and takes
   * nobody yet counts as full.
   */
  readonly sessions: number;
  /** Callers that wait for a session. */
  readonly waiting: number;
  /** What {@link ScalingRule.measure} answered; 0 without one. */
  readonly measured: number;
}
