// polling/jobs.ts
var CRASHED_SHARE = 0.03;
function jobsOf({ seed, count, medianInMs, sd }) {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_unused, index) => {
    const startsAfterInMs = 1e4 + 1e4 * random();
    const spreadInMs = Math.min(15e3, medianInMs / 2);
    const whole = sd === void 0 ? medianInMs + (2 * random() - 1) * spreadInMs : medianInMs * Math.exp(sd * normal(random));
    const isCrashed = random() < CRASHED_SHARE;
    const share = isCrashed ? 0.2 * random() : 1;
    return { index, startsAfterInMs: Math.round(startsAfterInMs), runsForInMs: Math.max(1, Math.round(whole * share)), exitCode: isCrashed ? 1 : 0 };
  });
}
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
function randomOf(seed) {
  let state = seed * 2654435769 | 0;
  return () => {
    state = state + 1831565813 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
  };
}

// ../src/internal/abort.ts
import { setMaxListeners } from "node:events";
function onAbort(signal, abort) {
  if (signal instanceof EventTarget) setMaxListeners(0, signal);
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}

// ../src/internal/clock.ts
var LONGEST_TIMER_IN_MS = 2 ** 31 - 1;
var VirtualClock = class {
  #now;
  #sleepers = [];
  /** @param startAt - The first time it shows, in milliseconds since 1970; 2026-01-01 by default. */
  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.#now = startAt;
  }
  now() {
    return this.#now;
  }
  sleep(ms, abortSignal) {
    if (abortSignal?.aborted === true) return Promise.reject(abortSignal.reason);
    return new Promise((resolve, reject) => {
      const wake = () => {
        release?.();
        resolve();
      };
      const sleeper = { at: this.#now + Math.max(0, ms), wake };
      this.#sleepers.splice(this.#placeOf(sleeper.at), 0, sleeper);
      const release = abortSignal && onAbort(abortSignal, () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(abortSignal.reason);
      });
    });
  }
  // After all who wake before or at the same time: the first to sleep is the first to wake.
  #placeOf(at) {
    let [low, high] = [0, this.#sleepers.length];
    while (low < high) {
      const middle = low + high >>> 1;
      if ((this.#sleepers[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  /** When the next sleeper wakes, or `undefined` when nobody sleeps. */
  get nextWakeAt() {
    return this.#sleepers[0]?.at;
  }
  /** Moves the time on by `ms`, waking every sleeper whose time comes and letting what it does settle in between. */
  async advance(ms) {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#sleepers[0]; next !== void 0 && next.at <= until; next = this.#sleepers[0]) {
      this.#sleepers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = until;
    await settle();
  }
};
function settle() {
  return new Promise((resolve) => setImmediate(resolve));
}

// polling/fake-arm.ts
var RTT_IN_MS = 100;
var PATH = /\/(?:containerGroups|operations)\/([^/?]+)/iu;
var FakeArm = class {
  constructor(clock, jobs) {
    this.clock = clock;
    this.#jobs = new Map(jobs.map((job) => [String(job.index), job]));
    for (const job of jobs) this.counts.set(job, { requests: 0, statusReads: 0, finishedAt: NaN });
  }
  clock;
  counts = /* @__PURE__ */ new Map();
  #groups = /* @__PURE__ */ new Map();
  #owners = /* @__PURE__ */ new Map();
  #jobs;
  async send(method, url, body, of) {
    await this.clock.sleep(RTT_IN_MS / 2);
    const answer = this.#answer(method, url, body, of);
    await this.clock.sleep(RTT_IN_MS / 2);
    return answer;
  }
  #answer(method, url, body, of) {
    const name = PATH.exec(url)?.[1] ?? "";
    if (method === "PUT") this.#deploy(name, body);
    const group = this.#groups.get(name);
    this.#count(method, url, this.#owners.get(name) ?? of);
    if (method === "PUT") return { status: 201, body: this.#view(name, group), headers: { "azure-asyncoperation": `https://management.azure.com/operations/${name}` } };
    if (name === "") return { status: 200, body: { value: [] }, headers: {} };
    if (group === void 0) return { status: method === "DELETE" ? 204 : 404, body: { error: { code: "ResourceNotFound", message: "It is not there" } }, headers: {} };
    if (method === "DELETE") this.#groups.delete(name);
    if (url.includes("/logs")) return { status: 200, body: { content: "done\n" }, headers: {} };
    if (url.includes("/operations/")) return { status: 200, body: { status: this.clock.now() < startOf(group) ? "InProgress" : "Succeeded" }, headers: {} };
    return { status: 200, body: this.#view(name, group), headers: {} };
  }
  #deploy(name, body) {
    const variables = (body.properties?.containers?.[0]?.properties).environmentVariables;
    const job = this.#jobs.get(variables?.find((variable) => variable.name === "JOB")?.value ?? "");
    if (job === void 0) throw new Error(`There is no plan for ${name}`);
    const group = { body, job, acceptedAt: this.clock.now() };
    this.#groups.set(name, group);
    this.#owners.set(name, job);
    this.#countOf(job).finishedAt = endOf(group);
  }
  #count(method, url, job) {
    if (job === void 0) return;
    const counted = this.#countOf(job);
    counted.requests++;
    if (method === "GET" && !url.includes("/logs")) counted.statusReads++;
  }
  #countOf(job) {
    return this.counts.get(job);
  }
  #view(name, group) {
    const { body, job } = group;
    const now = this.clock.now();
    const isStarted = now >= startOf(group);
    const isEnded = now >= endOf(group);
    const startTime = new Date(startOf(group)).toISOString();
    const ended = { state: "Terminated", startTime, finishTime: new Date(endOf(group)).toISOString(), exitCode: job.exitCode, detailStatus: job.exitCode === 0 ? "Completed" : "Error" };
    const currentState = isEnded ? ended : isStarted ? { state: "Running", startTime, detailStatus: "" } : { state: "Waiting", detailStatus: "" };
    const state = isEnded ? job.exitCode === 0 ? "Succeeded" : "Failed" : isStarted ? "Running" : "Pending";
    const [container] = body.properties?.containers ?? [];
    return {
      id: `/groups/${name}`,
      name,
      location: "westeurope",
      tags: body.tags ?? {},
      properties: {
        ...body.properties,
        provisioningState: isStarted ? "Succeeded" : "Creating",
        instanceView: { state },
        containers: [{ name: container?.name, properties: { ...container?.properties, instanceView: { restartCount: 0, currentState, events: [] } } }]
      }
    };
  }
};
function startOf({ acceptedAt, job }) {
  return acceptedAt + job.startsAfterInMs;
}
function endOf(group) {
  return startOf(group) + group.job.runsForInMs;
}
function isTerminated({ body }) {
  return body.properties.containers[0].properties.instanceView?.currentState.state === "Terminated";
}

// polling/measure.ts
async function measure(loop, jobs) {
  const clock = new VirtualClock();
  const arm = new FakeArm(clock, jobs);
  const seen = await inVirtualTime(clock, loop(arm, jobs));
  const counts = jobs.map((job) => arm.counts.get(job));
  const lags = seen.map(({ at }, index) => (at - (counts[index]?.finishedAt ?? NaN)) / 1e3).sort((a, b) => a - b);
  const mean2 = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    requests: mean2(counts.map((counted) => counted?.requests ?? NaN)),
    statusReads: mean2(counts.map((counted) => counted?.statusReads ?? NaN)),
    meanLagInS: mean2(lags),
    p95InS: lags[Math.ceil(lags.length * 0.95) - 1] ?? NaN,
    maxInS: lags.at(-1) ?? NaN,
    lost: seen.filter(({ isLost }) => isLost === true).length
  };
}
async function inVirtualTime(clock, promise) {
  void promise.catch(() => void 0);
  await clock.advance(0);
  for (let next = clock.nextWakeAt; next !== void 0; next = clock.nextWakeAt) await clock.advance(Math.max(0, next - clock.now()));
  return promise;
}

// ../src/lifecycle/expect.ts
function fail(field, rule, value, type = "range") {
  const shown = typeof value === "string" ? `"${value}"` : JSON.stringify(value) ?? String(value);
  const message = `Expected \`${field}\` to be ${rule}, got \`${shown.length > 80 ? `${shown.slice(0, 80)}\u2026` : shown}\` (${typeOf(value)}).`;
  throw type === "type" ? new TypeError(message) : new RangeError(message);
}
function typeOf(value) {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
function expectKeys(field, value, keys) {
  if (value === void 0) return;
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(field, "an object", value, "type");
  const unknown2 = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown2 === void 0) return;
  throw new TypeError(`Expected \`${field}\` to have only known fields, got \`${unknown2}\`. Known are ${keys.join(", ")}.`);
}
function expectPositive(field, value, least) {
  if (value === void 0) return;
  const rule = least === void 0 ? "a number greater than 0" : `a number of at least ${least}`;
  if (typeof value !== "number") fail(field, rule, value, "type");
  if (!(least === void 0 ? value > 0 : value >= least) || !Number.isFinite(value)) fail(field, rule, value);
}

// ../src/lifecycle/schedule/chances.ts
var CRASH_IN_S=+(process.env.CR||2);
var CRASHED_SHARE2 = 0.5;
function chanceOfEnd({ survival }, age) {
  const now = survival(age);
  return (gap) => 1 - survival(age + gap) / now;
}
var chanceOfStart = chanceOfEnd;
function chanceOfStartAndEnd(start, run, age) {
  const started = chanceOfStart(start, age);
  const { mean: mean2, sd } = run.learnt ?? { mean: 0, sd: 0 };
  const likeShare = (1 - run.unlikeShare) / 2;
  const lengths = [
    [run.unlikeShare * CRASHED_SHARE2, CRASH_IN_S],
    [likeShare, Math.exp(mean2 - sd)],
    [likeShare, Math.exp(mean2 + sd)]
  ];
  return (gap) => {
    let sum = 0;
    for (const [share, length] of lengths) if (gap > length) sum += share * started(gap - length);
    return sum;
  };
}

// ../src/lifecycle/schedule/survival.ts
var SHORT_IN_S = 5;
var SCALE_IN_S = 130;
var SCALE_BY_MEDIAN = 0.8;
var unknownRun = unknown(0.2, SCALE_IN_S);
function unlikeRun(medianInS) {
  return unknown(+(process.env.SS||.5), SCALE_IN_S + SCALE_BY_MEDIAN * medianInS);
}
function unknown(shortShare, scaleInS) {
  return (t) => shortShare * Math.exp(-t / SHORT_IN_S) + (1 - shortShare) * scaleInS / (scaleInS + t);
}
var START_SCALE_IN_S = 30;
var unknownStart = (t) => START_SCALE_IN_S / (START_SCALE_IN_S + t);
function mixture({ mean: mean2, sd }, unlike, unlikeShare) {
  return (t) => unlikeShare * unlike(t) + (1 - unlikeShare) * (t <= 0 ? 1 : upperTail(TT((Math.log(t) - mean2) / sd)));
}
var SERIES = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368];
function upperTail(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  let sum = 0;
  for (const factor of SERIES) sum = sum * t + factor;
  const tail = t * Math.exp(-x * x - 1.26551223 + t * sum) / 2;
  return z >= 0 ? tail : 1 - tail;
}

// ../src/lifecycle/schedule/learnt.ts
var LEAST_UNLIKE_SHARE = +(process.env.LU||0.05);
var SD_OF_ONE = 0.3;
var LEAST_SD = 0.02;
var RUNS_BETTER_THAN_A_HINT = 3;
var RECORDED_START = { mean: Math.log(16), sd: 0.2 };
var UNLIKE_RECORDED = 0.2;
var LONGEST_IN_MS = 1e12;
function expectedRun(earlierRuns, expectedDurationInMs) {
  const runs = earlierRuns.filter(({ ranForInMs }) => isDuration(ranForInMs));
  const hint = runs.length < RUNS_BETTER_THAN_A_HINT && isDuration(expectedDurationInMs) ? [expectedDurationInMs] : [];
  const half = medianOf([...runs.map(({ ranForInMs }) => ranForInMs), ...hint]) / 2;
  const usual = runs.filter(({ ranForInMs, hasSucceeded }) => hasSucceeded || ranForInMs >= half).map(({ ranForInMs }) => ranForInMs);
  const like = [...usual, ...hint];
  if (like.length === 0) return { survival: unknownRun, unlikeShare: 1 };
  const crashedShare = (runs.length - usual.length) / (runs.length + hint.length);
  const learnt = fit(like);
  return expectation(learnt, unlikeRun(Math.exp(learnt.mean)), unseenShare(like.length) + crashedShare);
}
function expectedStart(earlierRuns) {
  const seen = earlierRuns.map(({ startedAfterInMs }) => startedAfterInMs).filter(isDuration);
  if (seen.length > 0) return expectation(fit(seen), unknownStart, unseenShare(seen.length));
  return { survival: mixture(RECORDED_START, unknownStart, UNLIKE_RECORDED), unlikeShare: 1 };
}
function expectation(learnt, unlike, share) {
  const unlikeShare = Math.min(1, Math.max(LEAST_UNLIKE_SHARE, share));
  return { survival: mixture(learnt, unlike, unlikeShare), learnt, unlikeShare };
}
function unseenShare(k) {
  return 0.5 / (k + 1);
}
function fit(durationsInMs) {
  const logs = durationsInMs.map((duration) => Math.log(duration / 1e3));
  const k = logs.length;
  const mean2 = logs.reduce((sum, log) => sum + log, 0) / k;
  const variance = logs.reduce((sum, log) => sum + (log - mean2) ** 2, 0) / Math.max(1, k - 1);
  return { mean: mean2, sd: Math.max(LEAST_SD, +(process.env.IF||1)*Math.sqrt(variance * (1 + 1 / k)) + SD_OF_ONE / k ** 2) };
}
function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
function isDuration(value) {
  return value !== void 0 && value >= 1 && value <= LONGEST_IN_MS;
}

// ../src/lifecycle/schedule/when-unseen.ts
var FIRST_STEP_IN_S = 0.075;
var GROWTH = 1.25;
var HALVINGS = 6;
function whenUnseen(chance, worth, longest) {
  let at = 0;
  let unseen = 0;
  let before = 0;
  let growth = GROWTH;
  for (let [step, halvings] = [FIRST_STEP_IN_S, 0]; at < longest && halvings < HALVINGS; ) {
    const after = chance(at + step);
    const more = step / 6 * (before + 4 * chance(at + step / 2) + after);
    const isIn = unseen + more >= worth;
    if (isIn) growth = 0.5;
    else [at, unseen, before] = [at + step, unseen + more, after];
    if (growth < 1) halvings++;
    step *= growth;
  }
  return Math.min(at, longest);
}

// ../src/lifecycle/schedule/next-look.ts
var REQUEST_IS_WORTH_IN_S = { fast: +(process.env.LF||0.0182), balanced: 0.058, frugal: 0.25 };
var ROUND_TRIP_IN_S = 0.1;
var SHORTEST_GAP_IN_S = +(process.env.SG||0.3);
var LONGEST_GAP_IN_S = 30;
var LONGEST_SHARE_OF_MEDIAN = +(process.env.CM||0.2);
var START_IS_WORTH = 23;
var LONGEST_UNKNOWN_START_GAP_IN_S = 15;
var EARLY_LOOKS_IN_S = [1.5, 4.5];
var LONGEST_AGE_IN_S = 1e9;
function nextLook(question) {
  const age = Math.min(LONGEST_AGE_IN_S, question.ageInMs > 0 ? question.ageInMs / 1e3 : 0);
  return question.phase === "starting" ? whileStarting(question, age) : whileRunning(question, age);
}
function whileRunning({ earlierRuns, expectedDurationInMs, pace }, age) {
  const run = expectedRun(earlierRuns, expectedDurationInMs);
  const longest = run.learnt === void 0 ? LONGEST_GAP_IN_S : Math.exp(run.learnt.mean) * LONGEST_SHARE_OF_MEDIAN;
  return lookAt(chanceOfEnd(run, age), REQUEST_IS_WORTH_IN_S[pace], longest);
}
function whileStarting({ earlierRuns, expectedDurationInMs, pace }, age) {
  const start = expectedStart(earlierRuns);
  const worth = REQUEST_IS_WORTH_IN_S[pace];
  if (start.learnt !== void 0) return lookAt(chanceOfStartAndEnd(start, expectedRun(earlierRuns, expectedDurationInMs), age), worth, LONGEST_GAP_IN_S);
  const early = EARLY_LOOKS_IN_S.find((at) => at >= age + SHORTEST_GAP_IN_S) ?? Infinity;
  const { inMs, unseenInMs } = lookAt(chanceOfStart(start, age), worth * START_IS_WORTH, Math.min(LONGEST_UNKNOWN_START_GAP_IN_S, early - age));
  return { inMs, unseenInMs: unseenInMs / START_IS_WORTH };
}
function lookAt(chance, worthInS, longestInS) {
  const longest = Math.min(LONGEST_GAP_IN_S, Math.max(SHORTEST_GAP_IN_S, longestInS));
  const gap = Math.max(SHORTEST_GAP_IN_S, whenUnseen(chance, worthInS, longest));
  return { inMs: Math.round((gap - ROUND_TRIP_IN_S) * 1e3), unseenInMs: gap * 1e3 * chance(gap) };
}

// ../src/completion/after-hint.ts
var LOOKS_AT_IN_MS = [150, 400, 900, 1800, 3200, 5e3, 7500, 11e3, 16e3, 23e3];
var URGENT = 1e6;
function afterHint({ signals }) {
  const hints = [signals.ended, signals.changed].filter((hint) => hint !== void 0).sort((a, b) => a.agoInMs - b.agoInMs);
  for (const { agoInMs, looksSince } of hints) {
    const at = LOOKS_AT_IN_MS[looksSince];
    if (at !== void 0) return { earliestInMs: Math.max(0, at - agoInMs), latestInMs: Math.max(0, at - agoInMs) + 1e3, urgency: URGENT };
  }
  return void 0;
}

// ../src/completion/poll.ts
var FIELDS = ["pace", "expectedDurationInMs", "history"];
var LATEST_AFTER_IN_MS = 3e4;
function poll(options = {}) {
  checkOptions(options);
  const { pace, expectedDurationInMs, history } = options;
  return Object.freeze({
    name: "poll",
    // Only what was given: `poll(parameters)` is the same strategy.
    parameters: Object.freeze({ ...pace !== void 0 && { pace }, ...expectedDurationInMs !== void 0 && { expectedDurationInMs } }),
    nextCheck: (view) => sooner(bySchedule(view, { pace: pace ?? "balanced", expectedDurationInMs, history }), afterHint(view)),
    ...history !== void 0 && { learn: (job, run) => history.add(job.kind, run) }
  });
}
function checkOptions(options) {
  expectKeys("options", options, FIELDS);
  const { pace, expectedDurationInMs, history } = options;
  if (pace !== void 0 && !Object.hasOwn(REQUEST_IS_WORTH_IN_S, pace)) fail("pace", `one of ${Object.keys(REQUEST_IS_WORTH_IN_S).join(", ")}`, pace, typeof pace === "string" ? "range" : "type");
  expectPositive("expectedDurationInMs", expectedDurationInMs);
  if (history !== void 0 && !isHistory(history)) fail("history", "a RunHistory", typeof history, "type");
}
function isHistory(value) {
  const { add, of } = value ?? {};
  return typeof add === "function" && typeof of === "function";
}
function bySchedule(view, { pace, expectedDurationInMs, history }) {
  const { phase, acceptedForInMs, runningForInMs = 0, unseenForInMs } = view;
  const ageInMs = (phase === "starting" ? acceptedForInMs : runningForInMs) - unseenForInMs;
  const { inMs, unseenInMs } = nextLook({ phase, ageInMs, earlierRuns: runsOf(view, history), expectedDurationInMs, pace });
  const earliestInMs = Math.max(0, inMs - unseenForInMs);
  return { earliestInMs, latestInMs: earliestInMs + LATEST_AFTER_IN_MS, urgency: unseenInMs };
}
function runsOf({ job, earlierRuns }, history) {
  const known = history?.of(job.kind) ?? [];
  return known.length > earlierRuns.length ? known : earlierRuns;
}
function sooner(one, other) {
  return other !== void 0 && other.earliestInMs < one.earliestInMs ? other : one;
}

// ../src/completion/run-rows.ts
var LONGEST_IN_MS2 = 1e12;
var MOST_ROWS = 32;
function rowsOf(runs) {
  return runs.map(({ ranForInMs, hasSucceeded, startedAfterInMs }) => [ranForInMs, hasSucceeded ? 1 : 0, ...startedAfterInMs === void 0 ? [] : [startedAfterInMs]]);
}
function fromRows(rows) {
  if (!Array.isArray(rows)) return [];
  return rows.slice(0, MOST_ROWS).flatMap((row) => {
    if (!Array.isArray(row)) return [];
    const [ranForInMs, succeeded, startedAfterInMs] = row;
    if (!isDuration2(ranForInMs)) return [];
    return [Object.freeze({ ranForInMs, hasSucceeded: succeeded === 1, ...isDuration2(startedAfterInMs) && { startedAfterInMs } })];
  });
}
function isDuration2(value) {
  return typeof value === "number" && value >= 0 && value <= LONGEST_IN_MS2;
}

// ../src/completion/run-history.ts
var RUNS_OF_A_KIND = 32;
var KINDS = 1e3;
var LONGEST_KIND = 256;
var STORE_KEY = "run-history";
var TRIES = 10;
var RunHistory = class _RunHistory {
  // The kind used last is the last one.
  #kinds = /* @__PURE__ */ new Map();
  #store;
  // What was added and is not in the store yet.
  #unsaved = [];
  #saving;
  /** What {@link RunHistory.toJSON} gave. Whatever in it cannot be a run is left out. */
  static from(json) {
    const history = new _RunHistory();
    history.#take(json);
    return history;
  }
  /**
   * A history that is kept in a store, for all processes that open it there. One that cannot be read is begun anew; a write
   * that fails is made up for by the next.
   */
  static async open(store) {
    const history = new _RunHistory();
    history.#store = store;
    try {
      history.#take((await store.read(STORE_KEY))?.value ?? null);
    } catch {
    }
    return history;
  }
  /** Adds the latest run of a kind. Resolves once it is in the store, or could not be written; never rejects. */
  async add(kind, run) {
    const [kept] = fromRows(rowsOf([run]));
    if (kept === void 0 || kind === "" || kind.length > LONGEST_KIND) return;
    this.#put(kind, [kept, ...this.#kinds.get(kind) ?? []]);
    if (this.#store === void 0) return;
    this.#unsaved = [...this.#unsaved, [kind, kept]].slice(-KINDS);
    await this.#save(this.#store);
  }
  /** The runs of a kind, newest first. */
  of(kind) {
    const runs = this.#kinds.get(kind);
    if (runs === void 0) return [];
    this.#kinds.delete(kind);
    this.#kinds.set(kind, runs);
    return runs;
  }
  /** All of it as JSON, for {@link RunHistory.from}. */
  toJSON() {
    return { version: 1, kinds: [...this.#kinds].map(([kind, runs]) => [kind, rowsOf(runs)]) };
  }
  #put(kind, runs) {
    this.#kinds.delete(kind);
    this.#kinds.set(kind, Object.freeze(runs.slice(0, RUNS_OF_A_KIND)));
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > KINDS && oldest !== void 0) this.#kinds.delete(oldest);
  }
  #take(json) {
    const { kinds } = json ?? {};
    if (!Array.isArray(kinds)) return;
    for (const entry of kinds.slice(-KINDS)) {
      if (!Array.isArray(entry)) continue;
      const [kind, rows] = entry;
      const runs = fromRows(rows);
      if (typeof kind === "string" && kind !== "" && kind.length <= LONGEST_KIND && runs.length > 0) this.#put(kind, runs);
    }
  }
  // One write at a time. Those who add meanwhile wait for the next one.
  async #save(store) {
    while (this.#saving !== void 0) await this.#saving;
    if (this.#unsaved.length === 0) return;
    this.#saving = this.#write(store).catch(() => void 0);
    await this.#saving;
    this.#saving = void 0;
  }
  // Adds what is unsaved to what the store has by now.
  async #write(store) {
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await store.read(STORE_KEY);
      const merged = _RunHistory.from(stored?.value ?? null);
      const adding = this.#unsaved;
      for (const [kind, run] of adding) merged.#put(kind, [run, ...merged.#kinds.get(kind) ?? []]);
      if (await store.write(STORE_KEY, merged.toJSON(), stored?.version ?? "absent") === void 0) continue;
      this.#unsaved = this.#unsaved.filter((entry) => !adding.includes(entry));
      for (const [kind, runs] of merged.#kinds) this.#put(kind, this.#withUnsaved(kind, runs));
      return;
    }
  }
  #withUnsaved(kind, runs) {
    const added = this.#unsaved.filter(([of]) => of === kind).map(([, run]) => run);
    return [...added.reverse(), ...runs];
  }
};

// polling/ours.ts
function ours(options = {}, learnt) {
  return (arm, jobs) => Promise.all(jobs.map((job) => runJob(arm, job, poll(learnt === void 0 ? options : { ...options, history: RunHistory.from(learnt.toJSON()) }))));
}
async function learn(arm, jobs) {
  const history = new RunHistory();
  for (const job of jobs) await runJob(arm, job, poll({ history }));
  return history;
}
var GROUPS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups";
async function runJob(arm, planned, strategy) {
  const { clock } = arm;
  const path = `${GROUPS}/job-${planned.index}`;
  const send = (m, u, b) => arm.send(m, u, b, planned);
  await send("PUT", path, { properties: { containers: [{ name: "main", properties: { image: "work:1", environmentVariables: [{ name: "JOB", value: String(planned.index) }] } }] } });
  const acceptedAt = clock.now();
  const job = { key: "k", attempt: 1, groupName: "g", kind: "k", osType: "Linux" };
  let startedAt;
  let logDue = 6e4;
  for (let looks = 0; ; looks++) {
    const view = { job, phase: startedAt === void 0 ? "starting" : "running", acceptedForInMs: clock.now() - acceptedAt, runningForInMs: startedAt === void 0 ? void 0 : clock.now() - startedAt, unseenForInMs: 0, looks, signals: {}, earlierRuns: [] };
    await clock.sleep(strategy.nextCheck?.(view).earliestInMs ?? 1e3);
    const answer = await send("GET", path);
    const state = answer.body.properties.containers[0].properties.instanceView?.currentState;
    if (state.startTime !== void 0) startedAt = Date.parse(state.startTime);
    if (isTerminated(answer)) {
      const at = clock.now();
      const run = { startedAfterInMs: startedAt - acceptedAt, ranForInMs: Date.parse(state.finishTime) - startedAt, hasSucceeded: planned.exitCode === 0 };
      await send("GET", `${path}/containers/main/logs`);
      await send("DELETE", path);
      await send("GET", path);
      await strategy.learn?.(job, run);
      return { at };
    }
    if (startedAt !== void 0 && clock.now() - startedAt >= logDue) {
      logDue = 2 * (clock.now() - startedAt);
      await send("GET", `${path}/containers/main/logs`);
    }
  }
}

// ../../../../tmp/p/c.ts
var med = (a) => [...a].sort((x, y) => x - y)[a.length >> 1];
var mean = (a) => a.reduce((x, y) => x + y, 0) / a.length;
var out = process.env.TAG + " ";
for (const sd of [0.05, 0.2]) {
  const rq = [], lg = [], mx = [];
  for (let s = 1; s <= 60; s++) {
    const l = jobsOf({ seed: 1e3 + s, count: 10, medianInMs: 6e4, sd });
    const clock = new VirtualClock();
    const h = await inVirtualTime(clock, learn(new FakeArm(clock, l), l));
    const j = jobsOf({ seed: s, count: 50, medianInMs: 6e4, sd });
    const o = await measure(ours({ pace: "fast" }, h), j);
    rq.push(o.requests / 118);
    lg.push(o.meanLagInS / 0.64);
    mx.push(o.maxInS);
  }
  out += `sd ${sd}: req med ${med(rq).toFixed(3)} mean ${mean(rq).toFixed(3)} lag med ${med(lg).toFixed(3)} mean ${mean(lg).toFixed(3)} max ${med(mx).toFixed(1)} | `;
}
console.log(out);
function TT(z){const v=+process.env.NU;if(!v)return z;return Math.sign(z)*Math.sqrt(v*Math.log1p(z*z/v))*(8*v+1)/(8*v+3)}
