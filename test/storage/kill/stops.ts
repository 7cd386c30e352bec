/** Where a reader can be made to stand: within the draining of a message, then within the taking of a signal. */
export const STOPS = ["asked", "received", "keeping", "kept", "deleted", "answered", "acknowledging", "acknowledged"] as const;
export type Stop = (typeof STOPS)[number];
