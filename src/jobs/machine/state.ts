import type { Snapshot } from "../../container-group.js";
import type { CreatedGroup, DeleteAnswer, OperationBody } from "../../gateway.js";
import type { JobAttempt, JobFault, JobOutcome, JobOutputs, JobResult } from "../../job-result.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import type { Fault } from "../../lifecycle/faults/classify-fault.js";
import type { Signal } from "../../signal.js";
import type { NextAttempt } from "./outcome/retry.js";

/** The stations of a job, in the order in which it passes them. @public */
export type JobPhase = "intended" | "creating" | "provisioning" | "running" | "ended" | "collected" | "deleting" | "done";

/** A job as data. Every field is JSON. */
export interface MachineState {
  readonly phase: JobPhase;
  readonly attempt: number;
  readonly groupName: string;
  readonly location: string;
  /** Attempts that have ended, each with a group that is gone. */
  readonly earlier?: readonly JobAttempt[] | undefined;
  /** The attempt of a group that a list showed before anything was sent: its name is not to be used again. */
  readonly listed?: number | undefined;
  /** This attempt has ended, and another one follows when its group is gone. */
  readonly retry?: NextAttempt | undefined;
  /** What is to be asked next, not before `wakeAt`. */
  readonly pending: Request;
  readonly wakeAt: number;
  /** Faults met in a row. */
  readonly tries: number;
  /** Looks that did not find the group, in a row, and the time of the first. */
  readonly misses: number;
  readonly missingSince?: number | undefined;
  /** Looks in a row that showed what is older than what was seen, and the time of the first. */
  readonly stale?: { readonly looks: number; readonly since: number } | undefined;
  /** Looks in a row that did not tell the state of the main container, and the time of the first. */
  readonly untold?: { readonly looks: number; readonly since: number } | undefined;
  /** Its container was killed, and may be begun anew: the end that this is if it is not, and since when looks show it. */
  readonly killed?: { readonly verdict: Verdict; readonly since: number } | undefined;
  /** Looks so far at the group: while its main container had not started, then since it has. */
  readonly looks: number;
  /** The last signal of each kind. */
  readonly heard?: { readonly [kind in Signal["kind"]]?: HeardSignal } | undefined;
  /** Those that were answered, as its drivers have counted them. */
  readonly requests: number;
  /** It was asked when the group, which was found, was made. */
  readonly isAgeAsked?: true | undefined;
  /** A PUT was sent whose effect we do not know. */
  readonly isUncertain?: boolean | undefined;
  /** Its create was asked for and not sent; or it was sent at least once. */
  readonly isHeldBack?: boolean | undefined;
  readonly isSent?: boolean | undefined;
  readonly operationUrl?: string | undefined;
  readonly marks: Marks;
  readonly snapshot?: Snapshot | undefined;
  readonly cancel?: { readonly reason: string } | undefined;
  readonly verdict?: Verdict | undefined;
  /** Containers whose final log is still to be read. */
  readonly unread: readonly string[];
  /** When the main container's log is read next while it runs. */
  readonly logDueAt?: number | undefined;
  readonly logs: Readonly<Record<string, LogNote>>;
  /** Whether the job's own folder in the file store is there: about to be, or surely. */
  readonly files?: "sent" | "there" | undefined;
  readonly outputs?: JobOutputs | undefined;
  /** Kept out of Azure's answer to the delete: is it to be believed after one look (`deleted`), or two and a list? */
  readonly deleteAnswer?: DeleteAnswer | undefined;
  readonly lastFault?: JobFault | undefined;
  /** When the first of the last faults in a row was met that were for want of a token, of which there has never been one. */
  readonly withoutTokenSince?: number | undefined;
  readonly result?: JobResult | undefined;
}

/** When things happened, by our own clock, in milliseconds since 1970. */
export interface Marks {
  /** When the first attempt was intended, where this is a later one. */
  readonly begunAt?: number | undefined;
  readonly intendedAt: number;
  readonly createAt?: number | undefined;
  /** When Azure accepted the create, or it was sent; unknown of a group that was found. */
  readonly acceptedAt?: number | undefined;
  /** When a create was asked for the last time. */
  readonly sentAt?: number | undefined;
  /** When a look at it was last asked for, after a pause. */
  readonly lookAskedAt?: number | undefined;
  /** When the group was last looked at. */
  readonly lookedAt?: number | undefined;
  /** When a look last showed that the main container had not started. */
  readonly waitingAt?: number | undefined;
  /** Since when looks show that an image is pulled, and how long that took before. */
  readonly pullingAt?: number | undefined;
  readonly pulledForInMs?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly failedAt?: number | undefined;
  /** When a look first failed whose time was over, if none has succeeded since. */
  readonly lateAt?: number | undefined;
  readonly endedAt?: number | undefined;
  /** When a log was last asked for again. */
  readonly logAskedAt?: number | undefined;
  readonly deleteAt?: number | undefined;
  /** When Azure last accepted a delete. */
  readonly deletedAt?: number | undefined;
  readonly goneAt?: number | undefined;
  /** The same by Azure's clock. Another process, whose clock differs, may have heard nothing of that yet. */
  readonly billedUntil?: number | undefined;
}

/** When a signal was heard, and how often the group was looked at since. */
export interface HeardSignal {
  readonly at: number;
  readonly looks: number;
}

/** How the job ended, before its logs are known. */
export interface Verdict {
  readonly outcome: JobOutcome;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly error?: JobFault | undefined;
  /** Whose doing it was, where it was not the job's own. */
  readonly cause?: "platform" | undefined;
}

/** What a handle keeps of a log: its end. The whole of it stays with the process that read it. */
export interface LogNote {
  readonly tail: string;
  /** Whether the service did not have all of it. */
  readonly isTruncated: boolean | "unknown";
  /** The tail is not all that was read. */
  readonly isCut?: true | undefined;
  /** What the container printed last could not be read. */
  readonly isEndMissing?: true | undefined;
}

/** Requests to the service or to the driver's keeper. */
export type Request =
  | { readonly kind: "look" | "list" | "readAge" | "delete" }
  | { readonly kind: "create" }
  | { readonly kind: "save" }
  | { readonly kind: "sendInputs" | "removeFiles" }
  | { readonly kind: "collectOutputs"; /** Where in the file store they go, out of the reach of the containers. */ readonly folder: string }
  | { readonly kind: "readOperation"; readonly url: string }
  | { readonly kind: "readLogs"; readonly containerName: string };

/** What the driver has to do next. */
export type Next =
  | Request
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "finish"; readonly result: JobResult }
  | { readonly kind: "refuse"; readonly fault: JobFault };

/** What has come of it. */
export type Observation =
  | { readonly kind: "none" | "saved" | "absent" }
  | { readonly kind: "inputsSent" | "filesRemoved" }
  | { readonly kind: "outputs"; readonly outputs: JobOutputs }
  | { readonly kind: "created"; readonly snapshot?: Snapshot | undefined; readonly operationUrl?: string | undefined }
  | { /** It was not sent: the group may be created at a later time. */ readonly kind: "heldBack"; readonly until: number }
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot }
  | { readonly kind: "listed"; readonly groups: readonly (Pick<CreatedGroup, "groupName" | "tags" | "location">)[] }
  | { readonly kind: "age"; /** Unless nobody tells. */ readonly ageInMs?: number | undefined; /** It may be older: since then somebody knows of it. */ readonly isAtLeast?: true | undefined }
  | { readonly kind: "operation"; readonly body: OperationBody }
  | { readonly kind: "logs"; readonly containerName: string; readonly note: LogNote; /** This read gave nothing, whatever those before it gave. */ readonly isEmpty: boolean; /** It has the line that ends the job. */ readonly hasLine?: true | undefined }
  | { readonly kind: "deleted"; readonly answer: DeleteAnswer }
  | { readonly kind: "fault"; readonly fault: Fault; readonly error: JobFault; /** How long another try has to wait for its turn among all of the client. */ readonly turnInMs?: number | undefined }
  | { readonly kind: "signals"; readonly signals: readonly Pick<Signal, "groupName" | "kind">[] }
  | { readonly kind: "cancel"; readonly reason: string };

/** One move of the machine. */
export interface Move {
  readonly state: MachineState;
  readonly next: Next;
  readonly events: readonly LifecycleEvent[];
}
