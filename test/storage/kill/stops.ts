/** Where a reader can be made to stand: within the draining of a message, then within the taking of a signal. */
export const READER_STOPS = ["asked", "received", "keeping", "kept", "deleted", "answered", "acknowledging", "acknowledged"] as const;
/** Where a receiver of calls can: before the signal is kept, after it, and when the listener is told, before the answer. */
export const RECEIVER_STOPS = ["keeping", "kept", "telling"] as const;
export type Stop = (typeof READER_STOPS | typeof RECEIVER_STOPS)[number];
