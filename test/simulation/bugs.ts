import type { Patch } from "./build.js";

/** A mistake that somebody might make, and that must be found out. */
export interface Bug {
  readonly name: string;
  readonly patches: readonly [Patch, ...Patch[]];
}

const MACHINE = "src/jobs/machine";
const DRIVE = "src/jobs/drive";
const WEBHOOK = "src/completion/webhook";
const POOL = "src/pools/server-pool";

function bug(name: string, file: string, from: string, to: string): Bug {
  return { name, patches: [{ file, from, to }] };
}

/** The first is the canary of each run of CI. */
export const BUGS: readonly [Bug, ...Bug[]] = [
  // What is there, and what is not.
  { name: "the first 404 is believed", patches: [{ file: `${MACHINE}/phases/absence.ts`, from: "LOST_AFTER_MISSES = 3", to: "LOST_AFTER_MISSES = 1" }, { file: `${MACHINE}/phases/absence.ts`, from: "LOST_AFTER_IN_MS = 30_000", to: "LOST_AFTER_IN_MS = 0" }, { file: `${MACHINE}/phases/absence.ts`, from: 'return ask(next.state, { kind: "list" });', to: "return watchListed(next, []);" }] },
  { name: "a create without an answer is sent again without a look", patches: [{ file: `${MACHINE}/phases/creating.ts`, from: 'InvalidResourceLocation") return askAgain(next, seen, { kind: "look" });', to: 'InvalidResourceLocation") return askAgain(next, seen, { kind: isUncertain ? "create" : "look" });' }, { file: `${MACHINE}/phases/creating.ts`, from: '?? ask(next.state, { kind: "look" });\n}\n\n// Whether there may be', to: "?? ask(next.state, turn.state.pending);\n}\n\n// Whether there may be" }] },
  { name: "a create without an answer is taken for one without effect", patches: [{ file: "src/lifecycle/faults/classify-fault.ts", from: '(kind === "transport" && facts.transport !== "ENOTFOUND" && facts.transport !== "ECONNREFUSED") || kind === "service"', to: "false" }] },
  bug("a create without an answer is sent again though a list has it", `${MACHINE}/phases/creating.ts`, 'unsettledForInMs <= 0 ? ask(next.state, { kind: "list" }) :', "unsettledForInMs <= 0 ? again(next) :"),
  bug("nothing is looked for before the first create", `${MACHINE}/phases/intended.ts`, "plan.isKeyNew ? prepare(turn) : ask(state, { kind: \"list\" })", "prepare(turn)"),
  bug("a listed group that one look misses is taken for gone", `${MACHINE}/phases/intended.ts`, "state.listed === undefined ? prepare(turn) : watchAbsent(turn)", "prepare(state.listed === undefined ? turn : unused(turn, state.listed))"),
  bug("whatever has the name is adopted", `${MACHINE}/phases/adopt.ts`, 'if (owner !== "ours") {', 'if (owner === ("never" as string)) {'),
  bug("a group of another owner is taken for ours", "src/lifecycle/identity.ts", "tagOf(snapshot, TAGS.owner) !== identity.owner || ", ""),
  bug("a group of another spec is taken for ours", "src/lifecycle/identity.ts", "identity.spec === undefined || tagOf(snapshot, TAGS.spec) === identity.spec", "true"),
  bug("work that must not be done twice is begun again", `${MACHINE}/phases/creating.ts`, "state.isUncertain === true && plan.limits.retryOnLost === false", "false"),
  bug("a transition is taken for the end", "src/lifecycle/faults/classify-fault.ts", '"throttled", "transitioning", "registry"', '"throttled", "registry"'),
  bug("a missing credential is taken for the end", "src/lifecycle/faults/classify-fault.ts", '"transport", "service", "credential"]', '"transport", "service"]'),
  // Attempts.
  bug("the name of an attempt is used again", `${MACHINE}/phases/collected.ts`, "begin(plan, location, state.attempt + 1, now)", "begin(plan, location, state.attempt, now)"),
  bug("the next attempt does not wait for the group before to be gone", `${MACHINE}/phases/collected.ts`, 'return cleanup === "done" ? again(turn, retry)', 'return cleanup !== "kept" ? again(turn, retry)'),
  bug("the group of an attempt that another follows is left there", `${MACHINE}/phases/collected.ts`, "if (state.marks.goneAt !== undefined) return done", "if (state.marks.goneAt !== undefined || state.retry !== undefined) return done"),
  bug("attempts are not counted", `${MACHINE}/outcome/retry.ts`, "made >= retry.maxAttempts || ", ""),
  bug("every exit code is tried again", `${MACHINE}/outcome/retry.ts`, 'return exitCodes === "nonZero" ? exitCode !== 0 : exitCodes.includes(exitCode);', 'return exitCodes === "nonZero" || exitCode !== 0;'),
  // Ends.
  bug("an end without an exit code is a success", `${MACHINE}/outcome/verdict.ts`, 'if (exitCode === undefined) return lost(detail === undefined || detail === "" ? "the container ended without an exit code" : detail);', 'if (exitCode === undefined) return { outcome: "succeeded", exitCode: 0, reason: detail };'),
  bug("a run that the platform began is the job's", `${MACHINE}/outcome/verdict.ts`, 'return restartCount > 0 && limits.onRestart !== "continue";', 'return restartCount > 1000 && limits.onRestart !== "continue";'),
  bug("a container that is about to be begun anew has ended", `${MACHINE}/deadlines.ts`, "BEGUN_ANEW_WITHIN_IN_MS = 30_000", "BEGUN_ANEW_WITHIN_IN_MS = 0"),
  bug("what the platform is about to begin anew is not tried again", `${MACHINE}/outcome/retry.ts`, '(!isFollowed(verdict.cause) && isFollowed("platform"))', '(!isFollowed(verdict.cause) && !isFollowed("platform") && isFollowed("platform"))'),
  bug("a failed init container is not seen", `${MACHINE}/outcome/verdict.ts`, "return initFailure(snapshot) ?? pullFailure(snapshot);", "return pullFailure(snapshot);"),
  bug("an image that is not there is waited for", `${MACHINE}/outcome/verdict.ts`, "PULL_TRIES = 3", "PULL_TRIES = 3000"),
  bug("the sidecar decides", `${MACHINE}/phases/provisioning.ts`, "const main = mainOf(turn.plan, snapshot);\n  const old", "const main = snapshot.containers.at(-1);\n  const old"),
  bug("a failed provisioning is the end", `${MACHINE}/phases/provisioning.ts`, "FAILED_GRACE_IN_MS = 30_000", "FAILED_GRACE_IN_MS = 0"),
  bug("the time to run has no end", `${MACHINE}/deadlines.ts`, "Math.min(startedAt + plan.limits.runTimeoutInMs, heartbeatDeadline(plan, state))", "heartbeatDeadline(plan, state)"),
  bug("the time to start has no end", `${MACHINE}/deadlines.ts`, "if (pullTimeoutInMs === undefined) return (marks.createAt as number) + startTimeoutInMs;", "if (pullTimeoutInMs === undefined) return (marks.createAt as number) + 1e9 * startTimeoutInMs;"),
  bug("a deadline that has passed is not looked behind", `${MACHINE}/phases/provisioning.ts`, "return stopped(turn) ?? ask(", "return overdue(turn, \"?\") ?? ask("),
  bug("pauses go beyond deadlines", `${MACHINE}/moves.ts`, "Math.min(left, asked)", "Math.max(0, asked)"),
  bug("an abort is not heard", `${DRIVE}/drive.ts`, "if (signal?.aborted !== true) return undefined;", "if (signal?.aborted !== (\"never\" as unknown)) return undefined;"),
  bug("nobody is let go", `${DRIVE}/drive.ts`, "if (detachSignal?.aborted === true) throw", "if (detachSignal?.aborted === (\"never\" as unknown)) throw"),
  bug("a cancel from elsewhere is not heard", `${MACHINE}/phases/provisioning.ts`, "return reason === undefined ? undefined : { reason };", "return undefined;"),
  // Pace.
  bug("nothing is paused after a fault", "src/lifecycle/faults/backoff.ts", "return Math.round(Math.min(LONGEST_PAUSE_IN_MS, 500 * 2 ** Math.min(tries, 10)) * (0.5 + fraction / 2));", "return 0 * tries * fraction;"),
  bug("nobody waits as long as Azure asks", `${MACHINE}/moves.ts`, "seen.fault.retryAfterInMs ?? backoffInMs", "backoffInMs"),
  bug("a running job is looked at all the time", `${MACHINE}/watch.ts`, "Math.max(leastInMs, Math.min(gap, lookDeadline(plan, state) - now))", "Math.max(leastInMs, Math.min(100, gap, lookDeadline(plan, state) - now))"),
  // Logs.
  bug("an empty log is believed at once", `${MACHINE}/phases/ended.ts`, "if (!isEmpty || ", "if (true || "),
  bug("a log is asked for once", `${MACHINE}/phases/ended.ts`, 'seen.fault.kind !== "absent" && seen.fault.isRetryable && !isLate', "false"),
  bug("a gap in a log is not told", "src/lifecycle/merge-logs.ts", "return { fresh: lines, isGap: true, goesOn: false };", "return { fresh: lines, isGap: false, goesOn: false };"),
  bug("windows of a log are not joined", "src/lifecycle/merge-logs.ts", "if (overlap > 0) return", "if (overlap > 1e9) return"),
  bug("the end of one line joins two windows", "src/lifecycle/merge-logs.ts", "if (cut > 0 && (before === undefined", "if ((before === undefined"),
  bug("a log that is cut counts as whole", "src/lifecycle/merge-logs.ts", "export function truncationOf(text: string): boolean | \"unknown\" {", "export function truncationOf(text: string): boolean | \"unknown\" {\n  if (text !== \"\\u0000\") return false;"),
  bug("a log whose end is missing counts as whole", `${MACHINE}/phases/end.ts`, "isTruncated: true, isEndMissing: true", "isTruncated: note.isTruncated"),
  bug("who gives way keeps his part of the log", `${DRIVE}/keep.ts`, "  job.logs.forget(isSameEnd(ours, theirs) ? ours.logs : {});\n", "  void isSameEnd;\n"),
  // Clean-up.
  bug("the 202 of a delete is trusted", `${MACHINE}/phases/deleting.ts`, 'return ask({ ...state, deleteAnswer: seen.answer, tries: 0, marks: { ...state.marks, deletedAt: turn.now } }, { kind: "look" });', "return gone(withState(turn, { deleteAnswer: seen.answer }));"),
  bug("a delete is proved by one look", `${MACHINE}/phases/deleting.ts`, 'if (state.deleteAnswer === "deleted") return gone(next);', "return gone(next);"),
  bug("a delete is sent once", `${MACHINE}/phases/deleting.ts`, ">= DELETE_AGAIN_IN_MS", ">= 1e9 * DELETE_AGAIN_IN_MS"),
  bug("the clean-up has no end", `${MACHINE}/deadlines.ts`, "(marks.deleteAt as number) + plan.limits.cleanupTimeoutInMs", "(marks.deleteAt as number) + 1e9 * plan.limits.cleanupTimeoutInMs"),
  bug("some jobs are not cleaned up after", `${MACHINE}/phases/collected.ts`, "if (isKept) return done", "if (isKept || state.requests % 29 === 7) return done"),
  // The store.
  bug("a group is deleted before its result is on record", `${DRIVE}/keep.ts`, "if (store === undefined) return;\n  const key", "if (store === undefined || job.handle.state.phase === \"collected\") return;\n  const key"),
  bug("nothing is on record before the create", `${DRIVE}/keep.ts`, "if (store === undefined) return;\n  const key", "if (store === undefined || job.handle.state.phase === \"intended\") return;\n  const key"),
  bug("what the store knows is not asked for", `${DRIVE}/begin-job.ts`, "options.store && (await readStored(options.store, parts.owner, key))", "undefined as Awaited<ReturnType<typeof readStored>> & typeof options.abortSignal"),
  bug("whoever saves last is right", `${DRIVE}/keep.ts`, "if (other === undefined) return false;", "if (job.storeVersion !== undefined) return false;"),
  bug("a store that fails costs the result", `${DRIVE}/drive.ts`, "if (job.handle.state.result === undefined) throw error;", "throw error;"),
  // Secrets.
  bug("an inline secret is kept in the handle", `${DRIVE}/begin-job.ts`, "newHandle(withhold(spec), key", "newHandle(spec, key"),
  bug("what Azure repeats is told", "src/internal/redact.ts", "return long.length === 0 ? asItIs", "return long.length >= 0 ? asItIs"),
  // Signals.
  bug("a forged call is accepted", `${WEBHOOK}/calls.ts`, "if (groupName === undefined || !fits.includes(true)) return UNKNOWN;", "if (groupName === undefined || fits.length === 0) return UNKNOWN;"),
  bug("a call may be signed at any time", `${WEBHOOK}/signature.ts`, "return fits.includes(true) && isRecent;", "return fits.length > 0 && !isRecent;"),
  { name: "another job's signal is heard as one's own", patches: [{ file: "src/completion/harmless.ts", from: "signal.groupName === groupName", to: "groupName !== undefined" }, { file: `${MACHINE}/watch.ts`, from: "filter(({ groupName }) => groupName === state.groupName)", to: "filter(({ groupName }) => groupName !== undefined)" }] },
  { name: "a signal of an earlier attempt is heard for a later one", patches: [{ file: "src/completion/harmless.ts", from: "signal.groupName === groupName", to: "signal.groupName?.slice(0, 20) === groupName.slice(0, 20)" }, { file: `${MACHINE}/watch.ts`, from: "filter(({ groupName }) => groupName === state.groupName)", to: "filter(({ groupName }) => groupName.slice(0, 20) === state.groupName.slice(0, 20))" }] },
  bug("the next attempt goes by what was heard in the one before", `${MACHINE}/phases/collected.ts`, "const next = { ...fresh, requests: state.requests,", "const next = { ...fresh, heard: state.heard, requests: state.requests,"),
  bug("Azure's times are taken for our own", "src/jobs/drive/active-job.ts", "behindInMs: azureClock.behindInMs", "behindInMs: 0"),
  { name: "a signal is believed without a look", patches: [{ file: `${MACHINE}/machine.ts`, from: 'import { hear } from "./watch.js";', to: 'import { hear } from "./watch.js";\nimport { end } from "./phases/end.js";' }, { file: `${MACHINE}/machine.ts`, from: "    const heard = hear(turn, seen);\n", to: '    const heard = hear(turn, seen);\n    const ended = seen.signals.find(({ kind, groupName }) => kind === "ended" && groupName === turn.state.groupName);\n    if (ended !== undefined && phase === "running") return end(heard, { outcome: ended.exitCode === 0 ? "succeeded" : "failed", exitCode: ended.exitCode });\n' }] },
  bug("whoever tells of an end again and again is believed each time", `${MACHINE}/watch.ts`, "HINT_AGAIN_IN_MS = 30_000", "HINT_AGAIN_IN_MS = 0"),
  bug("a signal is acknowledged before its job is saved", `${DRIVE}/drive.ts`, 'await save(job);\n  } catch {\n    return "failed";', 'await acknowledge(job);\n    await save(job);\n  } catch {\n    return "failed";'),
  bug("the time of what is told to have started is not counted", `${MACHINE}/deadlines.ts`, "toldOver > (marks.lookedAt ?? 0) ? toldOver : Infinity", "toldOver > Infinity ? toldOver : Infinity"),
  { name: "a webhook that is silent is not looked behind", patches: [{ file: "src/completion/reporting/reporting-strategy.ts", from: "const interval = hasStarted ? safetyIntervalInMs :", to: "const interval = hasStarted ? 1e9 * safetyIntervalInMs :" }, { file: "src/completion/reporting/reporting-strategy.ts", from: "    longestPauseInMs: safetyIntervalInMs,\n", to: "" }] },
  bug("a strategy that never wants a look is not looked behind", "src/completion/harmless.ts", "Math.min(check.earliestInMs, longestPauseOf(strategy) - unseen)", "check.earliestInMs"),
  bug("a pause that is no number is taken for one", "src/completion/harmless.ts", "check.earliestInMs >= 0 && Number.isFinite(check.earliestInMs) ? check", "!(check.earliestInMs < 0) ? check"),
  bug("a strategy that does not answer is waited for", "src/completion/harmless.ts", "ANSWERS_WITHIN_IN_MS = 10_000", "ANSWERS_WITHIN_IN_MS = 1e9"),
  bug("a strategy that fails costs the job", "src/jobs/watch/listening.ts", 'tellTrouble(job, "receive", error);\n    return', "throw error;\n    return"),
  bug("a cancel does not wait for those who look seldom", "src/jobs/cancel-container-job.ts", "Math.max(OTHERS_LOOK_EVERY_IN_MS, pause > 0 ? pause : 0)", "Math.min(OTHERS_LOOK_EVERY_IN_MS, pause > 0 ? OTHERS_LOOK_EVERY_IN_MS : Infinity)"),
  // Sweeping.
  bug("a sweep does not look at the age", "src/sweep/judge/judge.ts", 'if (now > end + graceInMs) return { kind: "expired", reason: `its time ended at', 'if (now > 0) return { kind: "expired", reason: `its time ended at'),
  { name: "a sweep does not look at the owner", patches: [{ file: "src/sweep/judge/judge.ts", from: "export function isOwned({ groupName, tags }: CreatedGroup, owner: string): boolean {", to: "export function isOwned({ groupName, tags }: CreatedGroup, owner: string): boolean {\n  if (owner !== groupName) return true;" }] },
  bug("a sweep finds nothing", "src/sweep/list-owned.ts", "if (isOwned(group, owner)) groups", "if (isOwned(group, owner) && group.groupName === \"\") groups"),
  // What passed for long, because the judge believed too much.
  { name: "a cancel that comes after the end counts", patches: [{ file: `${MACHINE}/machine.ts`, from: 'return cancel !== undefined || (!CANCELABLE.includes(phase) && retry === undefined && (phase !== "ended" || nextAttempt(turn) === undefined));', to: 'return cancel !== undefined || (phase === "done" && retry === nextAttempt(turn));' }, { file: `${MACHINE}/phases/collected.ts`, from: "  if (retry === undefined) return finish(turn, cleanup);\n", to: "  if (retry === undefined && cancel === undefined) return finish(turn, cleanup);\n" }] },
  bug("a deadline is not looked behind where there was a look lately", `${MACHINE}/phases/provisioning.ts`, "return stopped(turn) ?? ask(", 'return (turn.now - (turn.state.marks.lookedAt ?? 0) < 125_000 ? overdue(turn, "?") : undefined) ?? stopped(turn) ?? ask('),
  bug("the time to start is over too early", `${MACHINE}/deadlines.ts`, "if (pullTimeoutInMs === undefined) return (marks.createAt as number) + startTimeoutInMs;", "if (pullTimeoutInMs === undefined) return (marks.createAt as number) + Math.max(startTimeoutInMs / 2, startTimeoutInMs - 70_000);"),
  bug("a look that fails shows that nothing starts", `${MACHINE}/phases/provisioning.ts`, "  const late = markLate(turn,", '  if (turn.state.marks.startedAt === undefined && seen.fault.kind === "service") return end(turn, { outcome: "neverStarted", error: { code: "ACI_JOB_NOT_STARTED", text: "it failed" } });\n  const late = markLate(turn,'),
  bug("what could not be looked for once is lost", `${MACHINE}/phases/provisioning.ts`, "  const late = markLate(turn,", '  if (seen.fault.kind === "service") return end(turn, { outcome: "lost", reason: "the container group could not be looked for" });\n  const late = markLate(turn,'),
  bug("what the platform began anew is lost, however it had ended", `${MACHINE}/outcome/verdict.ts`, "const verdict = previousState?.exitCode === undefined ?", "const verdict = previousState !== null ?"),
  bug("an end is believed at the second look", `${MACHINE}/phases/provisioning.ts`, "if (verdict !== undefined && killed === undefined) return end(", 'if (verdict !== undefined && killed === undefined && (turn.state as { isSeen?: true }).isSeen === undefined) return askLater(withState(turn, { isSeen: true } as never), 30_000, { kind: "look" });\n  if (verdict !== undefined && killed === undefined) return end('),
  bug("a create without an answer was not run", `${MACHINE}/phases/creating.ts`, "  const isForLater = ", '  if (isUncertain && turn.state.earlier === undefined) return finishUnstarted(next, { outcome: "notRun", error });\n  const isForLater = '),
  bug("why a container failed is left out", `${MACHINE}/outcome/verdict.ts`, 'return { outcome: "failed", exitCode, reason: detail };', 'return { outcome: "failed", exitCode };'),
  bug("some groups are said to be gone without a delete", `${MACHINE}/phases/collected.ts`, 'if (isKept) return done(turn, "kept");', 'if (isKept) return done(turn, "kept");\n  if (state.requests % 29 === 7 && state.retry === undefined) return done(turn, "done");'),
  bug("nothing is kept", `${MACHINE}/phases/collected.ts`, 'return state.verdict?.outcome !== "canceled" && (keep', 'return state.verdict?.outcome !== "canceled" && state.attempt < 0 && (keep'),
  bug("what went well is kept, too", `${MACHINE}/phases/collected.ts`, 'state.result?.outcome !== "succeeded")', 'state.result?.outcome !== "lost")'),
  bug("a clean-up is given up after some seconds", `${MACHINE}/phases/deleting.ts`, "return turn.now >= cleanupDeadline(turn.plan, turn.state) ?", "return turn.now >= (turn.state.marks.deleteAt as number) + 5000 ?"),
  bug("attempts follow at once", `${MACHINE}/outcome/retry.ts`, "return { location: state.location, delayInMs: pause };", "return { location: state.location, delayInMs: 0 * pause };"),
  bug("exit codes are not tried again", `${MACHINE}/outcome/retry.ts`, 'if (outcome === "failed" && isExitCode(retry, exitCode)) return true;', 'if (outcome === "failed" && isExitCode(retry, exitCode)) return false;'),
  bug("a lack of room is the end", `${MACHINE}/outcome/retry.ts`, 'const reason = isForRoom(verdict) ? "capacity" :', "const reason = isForRoom(verdict) ? undefined :"),
  bug("the first look that fails rejects", `${MACHINE}/phases/intended.ts`, "if (!isInVain && (seen.fault.isRetryable || turn.plan.isTakenUp)) return askAgain(late, seen, turn.state.pending);", 'if (!isInVain) return { state: turn.state, next: { kind: "refuse", fault: { code: "ACI_REQUEST_FAILED", text: "it failed" } as never }, events: [] };'),
  bug("a sink gets its lines twice", `${DRIVE}/job-logs.ts`, "await this.#sink?.write(lines);", "await this.#sink?.write(lines);\n      await this.#sink?.write(lines);"),
  bug("every log is said to be cut", `${DRIVE}/job-logs.ts`, 'isLogTruncated: isEndMissing ?? (isTruncated === "unknown" ? isTruncated : log.isTruncated)', 'isLogTruncated: isEndMissing ?? (isTruncated === "unknown" || true)'),
  bug("an end that is told is not heard", `${MACHINE}/watch.ts`, "const news = kinds.filter((kind) => isNews(turn, kind))", 'const news = kinds.filter((kind) => kind !== "ended" && isNews(turn, kind))'),
  bug("sweeps and cancels do not wait as long as Azure asks", "src/client/retry.ts", "error.retryAfterInMs ?? backoffInMs(tries, randomFraction())", "0 * backoffInMs(tries, randomFraction())"),
  bug("a cancel resolves once it has marked", "src/jobs/cancel-container-job.ts", "else if (clock.now() - missingSince", "if (group !== undefined) return;\n    else if (clock.now() - missingSince"),
  bug("sweeps come much later", "src/sweep/judge/judge.ts", 'if (now > end + graceInMs) return { kind: "expired", reason: `its time ended at', 'if (now > end + graceInMs + 3_000_000) return { kind: "expired", reason: `its time ended at'),
  bug("the cost is taken by our own clock", `${MACHINE}/moves.ts`, "billedUntil: now - behindInMs", "billedUntil: now"),
  bug("the cost of the attempts before is left out", `${MACHINE}/outcome/result.ts`, "sum + cost.amount, last.amount)", "sum + 0 * cost.amount, last.amount)"),
  bug("the result tells of the first location", `${MACHINE}/outcome/result.ts`, "    location: state.location,", '    location: "westeurope",'),
  bug("secrets are sent as plain values", "src/azure/to-arm.ts", "{ name, secureValue: inline(value) }", "{ name, value: inline(value) }"),
];

/** Those of pools of servers, each found by schedules of such pools. The first is their canary. */
export const FLEET_BUGS: readonly [Bug, ...Bug[]] = [
  bug("a drained server is deleted whoever has come to it", `${POOL}/plan/apply.ts`, 'remove: (row, _action, now) => (row.phase === "draining" && !isInUse(row, now)', 'remove: (row, _action, now) => (row.phase === "draining"'),
  bug("a count counts whenever it was made", `${POOL}/sessions/report.ts`, "row.reported !== undefined && observed < row.reported.observedAt", "false"),
  bug("rows are written whoever wrote meanwhile", `${POOL}/rows/pool-rows.ts`, 'found?.version ?? "absent")) !== undefined) return next;\n    }', '(await this.store.read(key))?.version ?? "absent")) !== undefined) return next;\n    }'),
  { name: "two scalers act at once", patches: [{ file: `${POOL}/rows/scaler.ts`, from: "if (before.until > now && !this.#isStale(found?.version, now)) return undefined;", to: "" }, { file: `${POOL}/rows/scaler.ts`, from: "if (version === undefined) return false;", to: "if (version === undefined) return true;" }] },
  bug("sessions are put on servers that are drained", `${POOL}/sessions/acquire.ts`, 'row.phase === "running" && row.suspectedAt', '(row.phase === "running" || row.phase === "draining" || row.phase === "deleting") && row.suspectedAt'),
  bug("a session is given up when its lease ends", `${POOL}/sessions/keep.ts`, "now + 2 * options.sessionLeaseInMs", "now + options.sessionLeaseInMs / 4"),
  bug("a session that was given up can be renewed", `${POOL}/sessions/keep.ts`, "if (!isKept(row, id, now)) throw", "if (!isKept(row, id, now) && row.phase === \"deleting\") throw"),
  bug("a server that is lost still has its sessions", `${POOL}/sessions/keep.ts`, 'if (row.phase === "deleting") return false;\n  return', 'return row.phase === "deleting" ||'),
  { name: "a group is created before its row", patches: [{ file: `${POOL}/reconcile/observe.ts`, from: "orphans.push({ id, groupName: snapshot.groupName });", to: "void orphans;" }, { file: `${POOL}/reconcile/carry-out.ts`, from: "const written = await rows.change(id, (row) => (row === undefined ? newRow(id, groupNameOf(identity, id), clock.now()) : undefined));\n  if (written === undefined) return;\n", to: "" }, { file: `${POOL}/reconcile/carry-out.ts`, from: "await rows.change(id, (row) => row && { ...row, acceptedAt: clock.now() });", to: "await rows.change(id, () => newRow(id, groupNameOf(identity, id), clock.now()));" }] },
  bug("a group without a row is left alone", `${POOL}/reconcile/observe.ts`, "orphans.push({ id, groupName: snapshot.groupName });", "void orphans;"),
  bug("a suspected server is lost at once", `${POOL}/plan/doubt.ts`, "if (now - suspectedAt < lostAfterInMs *", "if (now - suspectedAt < 0 * lostAfterInMs *"),
  bug("what Azure says of the last operation is the state of a server", "src/pools/servers/judge-server.ts", "if (isRunning && (!isReachable || ip !== undefined))", 'if (provisioningState === "Succeeded" && isRunning && (!isReachable || ip !== undefined))'),
  bug("a server that was stopped is waited for", "src/pools/servers/judge-server.ts", 'if (state === "Stopped") return { kind: "dead", because: "it is stopped" };', 'if (state === "Stopped") return { kind: "up" };'),
  bug("the address of a server is read once", `${POOL}/plan/look.ts`, "!hasAddressOf(row, look.snapshot)) actions", "!hasAddressOf(row, look.snapshot) && row.ip === undefined) actions"),
  bug("nobody asks whether a server answers before a session", `${POOL}/sessions/acquire.ts`, "const isAnswering = await answers(options.isHealthy, ", "const isAnswering = await answers(undefined, "),
  bug("creates that fail are sent again and again", `${POOL}/reconcile/reconcile.ts`, "if (errand.createFaults.length > 0) await", "if (errand.createFaults.length > 99) await"),
  bug("Azure may ask for years", `${POOL}/plan/memory.ts`, "LONGEST_ASKED_IN_MS = 3_600_000", "LONGEST_ASKED_IN_MS = 1e15"),
  bug("drained servers do not count", `${POOL}/plan/scale.ts`, "max - live.length - draining.length", "max - live.length"),
  bug("a delete is sent once", `${POOL}/plan/look.ts`, "DELETE_EVERY_IN_MS = 10_000", "DELETE_EVERY_IN_MS = 1e12"),
  bug("a deleted group is forgotten after one look", `${POOL}/plan/look.ts`, 'if (look.kind === "absent") return [{ kind: misses + 1 < GONE_AFTER_MISSES ? "miss" : "forget", id }];', 'if (look.kind !== "unknown") return [{ kind: misses + 1 > GONE_AFTER_MISSES ? "miss" : "forget", id }];'),
  bug("a server that does not come up is waited for", `${POOL}/plan/look.ts`, "now - row.createdAt < rules.startTimeoutInMs) return because;", "now - row.createdAt < 1e9 * rules.startTimeoutInMs) return because;"),
  { name: "leases go by the clock of who writes them", patches: [{ file: `${POOL}/reconcile/carry-out.ts`, from: "id, parts.azureClock.now() + options.rules.groupLeaseInMs", to: "id, clock.now() + options.rules.groupLeaseInMs" }, { file: "src/pools/servers/group-lease.ts", from: "leaseUntil(azureClock.now() + leaseInMs)", to: "leaseUntil(clock.now() + leaseInMs)" }, { file: `${POOL}/reconcile/observe.ts`, from: "azureNow: pool.parts.azureClock.now()", to: "azureNow: pool.parts.clock.now()" }] },
  bug("those who wait are not counted", `${POOL}/rows/pool-rows.ts`, "waiting: waiters.filter(({ until }) => until > now).length", "waiting: 0 * waiters.filter(({ until }) => until > now).length"),
];

/** Those of many who drive one job, each found by schedules of crowds. The first is their canary. */
export const CROWD_BUGS: readonly [Bug, ...Bug[]] = [
  bug("an end that is on record is replaced by another", `${MACHINE}/meet.ts`, "function isEndOf(theirs: MachineState, ours: MachineState): boolean {\n  return ", "function isEndOf(theirs: MachineState, ours: MachineState): boolean {\n  return false && "),
  bug("a group is left where another had canceled without one", `${MACHINE}/meet.ts`, "if (!hasEndedWithout(one) || ", "if (hasGroup(one) || !hasGroup(one) || "),
  bug("who was refused a group knows what became of that of another", `${MACHINE}/meet.ts`, 'return (outcome === "neverStarted" || outcome === "lost") && !hasGroup(one)', 'return outcome === "notRun" && !hasGroup(one)'),
  bug("who was not run ends what another has begun", `${MACHINE}/meet.ts`, "if (wasNotRun(ours) || wasNotRun(theirs)) return isAheadOfNone(theirs, ours);", ""),
  bug("an end that another has seen does not count before it is on record", `${MACHINE}/meet.ts`, "result !== undefined || verdict?.exitCode === undefined || attempt !== ours.attempt", "result !== undefined || verdict?.exitCode !== undefined || attempt !== ours.attempt"),
  bug("a group is gone for who never had one", `${MACHINE}/meet.ts`, "return state.marks.goneAt !== undefined && hadGroup(state);", "return state.marks.goneAt !== undefined;"),
  bug("nobody gives way before a create", `${DRIVE}/keep.ts`, 'if (met.kind === "ours") return false;', 'if (met.kind !== "apart") return false;'),
  bug("what follows a group that vanished is begun before it is on record", `${MACHINE}/phases/intended.ts`, 'ask(unused(turn, turn.state.listed).state, { kind: "save" })', "prepare(unused(turn, turn.state.listed))"),
];
