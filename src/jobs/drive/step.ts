import type { LifecycleEvent } from "../../lifecycle-event.js";
import { advance } from "../machine/machine.js";
import type { Next, Observation } from "../machine/state.js";
import { hideSecrets } from "../spec/hide-secrets.js";
import { learn } from "../watch/learn.js";
import type { Wakers } from "../watch/listening.js";
import { moveTo, momentOf, type ActiveJob } from "./active-job.js";
import type { BrokenOff } from "./requests/file-requests.js";
import { observe, type StepEnd } from "./requests/observe.js";

// Moves a job on until something must be saved or waited for: a bounded number of requests, never a sleep.
//
// `stop` breaks off what may take long, and the step ends where it began.
export async function step(job: ActiveJob, cancel: { readonly reason: string } | undefined, stop?: Wakers): Promise<StepEnd> {
  let seen: Observation | BrokenOff = first(job);
  let isCancelTold = cancel === undefined;
  for (;;) {
    if (!isCancelTold && isCancelFirst(job, seen)) {
      seen = { kind: "cancel", reason: cancel?.reason ?? "" };
      isCancelTold = true;
    }
    const before = job.handle;
    const { next, held } = await move(job, seen);
    if (next.kind === "wait" && !isCancelTold) seen = { kind: "none" };
    else if (isEnd(next)) return endWith(job, next);
    else seen = counted(job, await observe(job, { request: next, before, held, stop }));
    if (seen.kind === "brokenOff") return { kind: "wait", until: 0 };
  }
}

// Before anything is begun a cancel comes before what was saved.
function isCancelFirst({ handle: { state } }: ActiveJob, { kind }: Observation | BrokenOff): boolean {
  return kind === "none" || (kind === "saved" && state.phase === "intended");
}

// That something is created is told only when nothing can keep it from being sent any more.
async function move(job: ActiveJob, seen: Observation): Promise<{ readonly next: Next; readonly held: readonly LifecycleEvent[] }> {
  const { state, next, events } = advance(momentOf(job), seen);
  const isHeld = next.kind === "create";
  moveTo(job, state, isHeld ? [] : events);
  if (events.some(({ type }) => type === "jobEnded")) await learn(job);
  return { next, held: isHeld ? events : [] };
}

// What has come of a request was sent; what was held back, or broken off before its turn, was not.
function counted(job: ActiveJob, seen: Observation | BrokenOff): Observation | BrokenOff {
  const { state } = job.handle;
  if (!["brokenOff", "heldBack", "none"].includes(seen.kind)) moveTo(job, { ...state, requests: state.requests + 1 }, []);
  return seen;
}

// What is to be saved after a pause was not saved before it. What came without being asked for is what the pause ended with.
function first(job: ActiveJob): Observation {
  const { pending, wakeAt } = job.handle.state;
  const { news } = job;
  job.news = undefined;
  if (job.isSaved && pending.kind === "save" && wakeAt === 0) return { kind: "saved" };
  return news === undefined ? { kind: "none" } : hideSecrets(news, job.hide);
}

// What is to be saved is so only when whoever saves it says so.
function endWith(job: ActiveJob, next: StepEnd): StepEnd {
  if (next.kind === "save") job.isSaved = false;
  return next;
}

function isEnd(next: Next): next is StepEnd {
  return ["wait", "save", "finish", "refuse"].includes(next.kind);
}
