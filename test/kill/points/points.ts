// Where a process is killed, and how it is brought to be just there.

/** What a request asks for. */
export type Kind = "list" | "get" | "create" | "logs" | "delete" | "resources";

/**
 * At a request: when it has arrived, when the emulator has half of it, when the emulator has answered and nobody has heard of
 * it, when half of the answer was passed on, or all of it.
 */
export interface RequestStop {
  readonly on: Kind;
  /** Counts from the first request of this kind on. */
  readonly after?: Kind;
  readonly nth?: number;
  readonly at: "arrived" | "halfSent" | "served" | "halfAnswered" | "answered";
}

/** At the write of a job in this phase to its store: before it, or half the text on the disk, all of it but not in its place, in its place but not tidied, or done. */
export interface StoreStop {
  readonly phase: "intended" | "collected" | "done";
  readonly at: "before" | "half" | "unlinked" | "linked" | "after";
}

/** `handle`: when the caller has it. `sink`: in the log sink. */
export type Stop = { readonly request: RequestStop } | { readonly store: StoreStop } | "handle" | "sink";

/**
 * How a killed job goes on: by the same call with its store, by the same call without one, by the handle of
 * `startContainerJob` alone, by the handle with the store, or not at all: it is swept. `webhook`: by the same call with its
 * store, where both lives wait for a call of the container.
 */
export type Mode = "store" | "key" | "handle" | "handleAndStore" | "sweep" | "webhook";

export interface Point {
  readonly name: string;
  readonly what: string;
  readonly modes: readonly Mode[];
  /** Each is taken in turn, where the mode has what it takes. */
  readonly stops: readonly Stop[];
  /** The container runs on until its job was killed. */
  readonly isBeforeEnd?: boolean;
  /** The container is longer in starting than the first look is away. */
  readonly isSlowStart?: boolean;
  readonly isTailing?: boolean;
}

const request = (on: Kind, at: RequestStop["at"], more: Partial<RequestStop> = {}): Stop => ({ request: { on, at, ...more } });
const store = (phase: StoreStop["phase"], ...at: readonly StoreStop["at"][]): readonly Stop[] => at.map((one) => ({ store: { phase, at: one } }));
const look = (nth: number, at: RequestStop["at"], after: Kind = "create"): Stop => request("get", at, { after, nth });

const BY_CALL = ["store", "key", "sweep", "webhook"] as const;
const WATCHING = ["store", "key", "handle", "sweep", "webhook"] as const;
const WITH_STORE = ["store", "handleAndStore", "webhook"] as const;
const AFTER_RESULT = [...WITH_STORE, "sweep"] as const;

// The points K1 to K19 of a job's life. Where there is none of its own in a mode, it is one with a neighbour:
// - without a store nothing is written, so that K1 and K2 are K3, and K13 to K15 are K16 with a delete that has not arrived;
// - a run writes nothing down once its group is accepted, so that K7 is K6; where a job is begun by `startContainerJob`, the
//   handle that it hands out is that record;
// - a handle exists from K7 on. Of a group that is gone it tells nothing without a store, so that K16 and later are to be had
//   with a store only;
// - a terminal state was seen when the first request for the log comes, so that K11 is that;
// - without a store nobody knows of a group that was deleted, so that from K16 on the same call may run the job once more, as
//   docs/jobs.md says; nowhere else;
// - before K4 nothing was sent, and after K17 nothing is there, so that there is nothing to sweep.
export const POINTS: readonly Point[] = [
  { name: "K1", what: "before the intent is written", modes: ["store"], stops: store("intended", "before") },
  { name: "K2", what: "while the intent is written", modes: ["store"], stops: store("intended", "half", "unlinked", "linked") },
  { name: "K3", what: "with the intent on the disk, before the create", modes: ["store", "key"], stops: [...store("intended", "after"), request("list", "arrived"), request("get", "arrived")] },
  { name: "K4", what: "with half of the create sent", modes: BY_CALL, stops: [request("create", "halfSent")] },
  { name: "K5", what: "with the create sent and no answer", modes: BY_CALL, stops: [request("create", "served"), request("create", "halfAnswered")] },
  { name: "K6", what: "with the create answered", modes: BY_CALL, stops: [request("create", "answered")] },
  { name: "K7", what: "with the handle given to the caller", modes: ["handle"], stops: ["handle"] },
  { name: "K8", what: "while looking at a group that starts", modes: WATCHING, isBeforeEnd: true, isSlowStart: true, stops: [look(1, "arrived"), look(1, "served"), look(1, "answered"), look(2, "arrived")] },
  { name: "K9", what: "with half of a look answered", modes: WATCHING, isBeforeEnd: true, stops: [look(1, "halfAnswered"), look(2, "halfAnswered")] },
  { name: "K10", what: "while following the log", modes: WATCHING, isBeforeEnd: true, isTailing: true, stops: ["sink", ...(["arrived", "halfAnswered", "answered"] as const).map((at) => request("logs", at))] },
  { name: "K11", what: "with the end seen", modes: WATCHING, stops: [request("logs", "arrived"), request("logs", "served")] },
  { name: "K12", what: "with half of the log answered", modes: WATCHING, stops: [request("logs", "halfAnswered")] },
  { name: "K13", what: "before the result is written", modes: AFTER_RESULT, stops: store("collected", "before") },
  { name: "K14", what: "while the result is written", modes: AFTER_RESULT, stops: store("collected", "half", "unlinked", "linked") },
  { name: "K15", what: "with the result on the disk", modes: AFTER_RESULT, stops: store("collected", "after") },
  { name: "K16", what: "with the delete sent", modes: ["key", ...AFTER_RESULT], stops: [request("delete", "arrived"), request("delete", "served"), request("delete", "halfAnswered")] },
  { name: "K17", what: "with the delete answered", modes: ["key", ...AFTER_RESULT], stops: [request("delete", "answered")] },
  { name: "K18", what: "after a look that missed the group", modes: ["key", ...WITH_STORE], stops: [look(1, "answered", "delete")] },
  { name: "K19", what: "before and while the end is written", modes: WITH_STORE, stops: store("done", "before", "half", "unlinked", "linked") },
];

// The points of a process that sweeps.
export const SWEEP_POINTS = [
  { name: "K20", what: "while it lists", stops: (["arrived", "halfAnswered", "answered"] as const).map((at) => request("resources", at)) },
  { name: "K21", what: "while it deletes", stops: (["arrived", "served", "halfAnswered", "answered"] as const).flatMap((at) => [request("delete", at), request("delete", at, { nth: 2 })]) },
] as const;

const HAS_STORE: Readonly<Record<Mode, boolean>> = { store: true, key: false, handle: false, handleAndStore: true, sweep: true, webhook: true };

export function hasStore(mode: Mode): boolean {
  return HAS_STORE[mode];
}

/** The stop of the n-th kill. */
export function stopOf(point: Point, mode: Mode, n: number): Stop {
  const stops = point.stops.filter((stop) => typeof stop === "string" || "request" in stop || hasStore(mode));
  return stops[n % stops.length] as Stop;
}
