import type { Snapshot } from "../../../container-group.js";
import type { Turn } from "../../../gateway.js";
import { OVER } from "../../../internal/abort.js";
import type { Observation } from "../../machine/state.js";
import { turnOf } from "../../machine/watch.js";
import { hearUntil } from "../../watch/listening.js";
import { momentOf, type ActiveJob } from "../active-job.js";
import type { Breaking } from "./file-requests.js";

// Looks at the group of a job. Where requests are short the look waits for its turn. A signal that comes meanwhile breaks it off,
// because it may change when the group is to be looked at; where there is somebody who goes on from there.
export async function look(job: ActiveJob, { abortSignal, breakOff }: Breaking): Promise<Observation> {
  const { gateway, looks } = job.parts;
  const { groupName } = job.handle.state;
  let [stopListening, listening] = [(): void => undefined, Promise.resolve()];
  const onQueued = breakOff && ((): (() => void) => {
    const goes = new AbortController();
    listening = hearUntil(job, goes.signal).then((news) => {
      if (news === undefined) return;
      job.news = news;
      breakOff(OVER);
    });
    return (stopListening = () => goes.abort(OVER));
  });
  const turn = withQueued(turnOf(momentOf(job)), onQueued);
  try {
    const ask = (asking: AbortSignal): Promise<Snapshot> => gateway.get(groupName, { turn, abortSignal: asking });
    return { kind: "snapshot", snapshot: await looks.look(groupName, ask, { turn, abortSignal }) };
  } finally {
    stopListening();
    await listening;
  }
}

// What it may wait for is worked out only where it has to.
function withQueued(turn: Turn | undefined, onQueued: Turn["onQueued"]): Turn | undefined {
  return turn && { urgency: turn.urgency, get latest() { return turn.latest; }, onQueued };
}
