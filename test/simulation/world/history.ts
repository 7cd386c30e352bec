import { createHash } from "node:crypto";
import type { FaultId } from "./faults.js";

/** All that happened in a world, as those know who are not asked: Azure's truth, and what callers were told. */
export type Entry =
  /** A request arrived at Azure, or was lost before. */
  | { readonly kind: "request"; readonly by: string; readonly method: string; readonly verb: string; readonly group: string; readonly part?: string | undefined; readonly fault?: FaultId | undefined; readonly status?: number | undefined; readonly sentAt: number; readonly truth?: string | undefined; readonly note?: string | undefined }
  /** Its answer reached who asked. */
  | { readonly kind: "answer"; readonly by: string; readonly verb: string; readonly group: string; readonly part?: string | undefined; readonly status: number | "none"; readonly retryAfterInMs?: number | undefined; readonly isFresh: boolean; readonly shows?: string | undefined }
  | { readonly kind: "created" | "updated" | "gone"; readonly group: string; readonly incarnation: number; readonly by: string }
  | { readonly kind: "stored"; readonly by: string; readonly job: string; readonly attempt: number; readonly phase: string; readonly decided: boolean; readonly outcome: string | undefined; readonly reason: string | undefined }
  | { readonly kind: "event"; readonly by: string; readonly job: number; readonly type: string; readonly request?: string | undefined; readonly attempt: number; readonly outcome?: string | undefined }
  | { readonly kind: "result"; readonly by: string; readonly job: number; readonly result: Told }
  /** Lines of the main container reached a sink. */
  | { readonly kind: "sunk"; readonly by: string; readonly lines: readonly string[] }
  /** Somebody was told that nothing is left of a job that he has canceled. */
  | { readonly kind: "canceled"; readonly by: string; readonly job: number }
  /** A process begins a call for a job. */
  | { readonly kind: "called"; readonly by: string; readonly job: number }
  /** Somebody has a handle of it from then on, which says how far it is. */
  | { readonly kind: "handed"; readonly by: string; readonly job: number; readonly attempt: number; readonly phase: string }
  /** What came of its last step, begun at `since`, is lost, and the step is taken again. */
  | { readonly kind: "forgot"; readonly by: string; readonly since: number }
  | { readonly kind: "rejected"; readonly by: string; readonly job: number; readonly code: string; readonly text: string }
  | { readonly kind: "asked"; readonly job: number; readonly what: "abort" | "detach" | "cancel"; readonly by: string }
  | { readonly kind: "died"; readonly by: string }
  | { readonly kind: "swept"; readonly by: string; readonly hasFailed: boolean; readonly deleted: number; readonly owned: number; readonly maxDeletes?: number | undefined }
  /** A call of a container reached the receiver, and was answered. */
  | { readonly kind: "call"; readonly group: string; readonly fault?: FaultId | undefined; readonly status: number; readonly kept: number }
  /** Signals of a group were answered by its mailbox, or removed from it. */
  | { readonly kind: "read" | "acknowledged"; readonly by: string; readonly group: string; readonly ids: readonly string[] }
  /** What happened to a server, by its own doing or somebody else's. */
  | { readonly kind: "server"; readonly group: string; readonly what: string }
  /** What the store has of a server or a scaler became something else. */
  | { readonly kind: "row"; readonly by: string; readonly key: string; readonly phase: string; readonly sentAt: number }
  /** Somebody asked whether a server answers. */
  | { readonly kind: "health"; readonly by: string; readonly group: string; readonly ip?: string | undefined; readonly isWell: boolean }
  /** Somebody may believe in a session until then, by what was asked for at `since`. */
  | { readonly kind: "held"; readonly by: string; readonly session: string; readonly group: string; readonly ip?: string | undefined; readonly isNew: boolean; readonly since: number; readonly until: number }
  /** Somebody has given a session up, or was told that it is over. */
  | { readonly kind: "let"; readonly by: string; readonly session: string; readonly how: "released" | "ACI_SESSION_EXPIRED" | "ACI_SERVER_LOST" }
  /** So many are on a server, by the count of who puts them there. */
  | { readonly kind: "players"; readonly by: string; readonly group: string; readonly count: number }
  /** A number that was reported, and taken, or may have been. */
  | { readonly kind: "counted"; readonly by: string; readonly group: string; readonly count: number; readonly since: number; readonly isTaken: boolean }
  | { readonly kind: "reconciled"; readonly by: string; readonly since: number; readonly isActing: boolean }
  /** What a call of a pool failed with. */
  | { readonly kind: "failed"; readonly by: string; readonly call: string; readonly code: string; readonly text: string }
  | { readonly kind: "settled"; readonly what: string; readonly afterMs: number }
  | { readonly kind: "calm" };

/** What a result says, as far as it is checked. */
export interface Told {
  readonly outcome: string;
  readonly exitCode?: number | undefined;
  readonly groupName: string;
  readonly attempt: number;
  readonly earlier: readonly { readonly attempt: number; readonly outcome: string; readonly exitCode?: number | undefined; readonly reason?: string | undefined; readonly cost: number }[];
  readonly logs: string;
  readonly isLogTruncated: boolean | "unknown";
  readonly requests: number;
  readonly location: string;
  readonly totalInMs: number;
  readonly cost: number;
  readonly cleanup: string;
  readonly reason?: string | undefined;
  readonly code?: string | undefined;
}

export type Happened = Entry & { readonly at: number };

export class History {
  readonly entries: Happened[] = [];
  /** Everything of ours that was printed, thrown, stored or tagged, to be searched for secrets. */
  readonly words: string[] = [];
  /** Of these, what was told in events and errors: what a container printed has no place there either. */
  readonly spoken: string[] = [];

  constructor(private readonly now: () => number) {}

  add(entry: Entry): void {
    this.entries.push({ ...entry, at: this.now() });
  }

  /** Equal for two worlds in which the same happened at the same times. */
  hash(): string {
    return createHash("sha256").update(JSON.stringify(this.entries)).digest("hex");
  }
}
