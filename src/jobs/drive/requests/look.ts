import type { Snapshot } from "../../../container-group.js";
import type { Turn } from "../../../gateway.js";
import { link } from "../../../internal/abort.js";
import type { Observation } from "../../machine/state.js";
import { turnOf } from "../../machine/watch.js";
import { hearUntil } from "../../watch/listening.js";
import type { ActiveJob } from "../active-job.js";
import type { BrokenOff } from "./file-requests.js";

// Looks at the group of a job. Where requests are short the look waits for its turn. A signal that comes meanwhile breaks it off,
// because it may change when the group is to be looked at; where there is somebody who goes on from there.
export async function look(job: ActiveJob, stop: AbortSignal | undefined): Promise<Observation | BrokenOff> {
  const { gateway, looks, clock } = job.parts;
  const { plan, handle: { state } } = job;
  const [heard, goes] = [new AbortController(), new AbortController()];
  const [signal, release] = link(stop, heard.signal);
  let listening: Promise<void> | undefined;
  const onQueued = (): (() => void) => {
    listening = hearUntil(job, goes.signal).then((news) => {
      if (news === undefined) return;
      job.news = news;
      heard.abort();
    });
    return () => goes.abort();
  };
  const turn = withQueued(turnOf({ plan, state, now: clock.now() }), stop && onQueued);
  try {
    const ask = (abortSignal: AbortSignal): Promise<Snapshot> => gateway.get(state.groupName, { turn, abortSignal });
    return { kind: "snapshot", snapshot: await looks.look(state.groupName, ask, { turn, abortSignal: signal }) };
  } catch (error) {
    if (heard.signal.aborted) return { kind: "brokenOff" };
    throw error;
  } finally {
    goes.abort();
    release();
    await listening;
  }
}

// What it may wait for is worked out only where it has to.
function withQueued(turn: Turn | undefined, onQueued: Turn["onQueued"]): Turn | undefined {
  return turn && { urgency: turn.urgency, get latest() { return turn.latest; }, onQueued };
}
