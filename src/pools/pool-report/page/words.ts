import type { RowState } from "../rows.js";
import type { Phase } from "../spans.js";

/** What the phases are called, and what they are. */
export const PHASE_WORDS: Readonly<Record<Phase, { readonly name: string; readonly what: string }>> = {
  waited: { name: "Waited", what: "for its turn, until Azure accepted its group" },
  provisioned: { name: "Provisioned", what: "until its image was being pulled, or its container started" },
  pulled: { name: "Pulled", what: "from the first pull to the start of its container" },
  ran: { name: "Ran", what: "until its container ended" },
  noticed: { name: "Noticed", what: "from that end until it was seen" },
  cleanedUp: { name: "Cleaned up", what: "logs and outputs were read, the group deleted and seen to be gone" },
};

/** What the states of rows are called, and how bad they are. */
export const STATE_WORDS: Readonly<Record<RowState, { readonly name: string; readonly mood: "good" | "bad" | "busy" | "idle" }>> = {
  succeeded: { name: "succeeded", mood: "good" },
  failed: { name: "failed", mood: "bad" },
  timedOut: { name: "timed out", mood: "bad" },
  canceled: { name: "canceled", mood: "idle" },
  neverStarted: { name: "never started", mood: "bad" },
  lost: { name: "lost", mood: "bad" },
  notRun: { name: "not run", mood: "idle" },
  noResult: { name: "no result", mood: "idle" },
  waiting: { name: "waiting", mood: "idle" },
  underWay: { name: "under way", mood: "busy" },
};
