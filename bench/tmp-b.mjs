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
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    requests: mean(counts.map((counted) => counted?.requests ?? NaN)),
    statusReads: mean(counts.map((counted) => counted?.statusReads ?? NaN)),
    meanLagInS: mean(lags),
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

// polling/peers.ts
var GROUPS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups";
var Requests = class {
  constructor(arm, job) {
    this.arm = arm;
    this.job = job;
    this.#path = `${GROUPS}/job-${job.index}`;
  }
  arm;
  job;
  #path;
  /** Threads end with the task. */
  isOver = false;
  send = (method, url, body) => this.arm.send(method, url, body, this.job);
  put = () => this.send("PUT", this.#path, { properties: { containers: [{ name: "main", properties: { image: "work:1", environmentVariables: [{ name: "JOB", value: String(this.job.index) }] } }] } });
  get = () => this.send("GET", this.#path);
  logs = () => this.send("GET", `${this.#path}/containers/main/logs`);
  delete = () => this.send("DELETE", this.#path);
  sleep = (seconds) => this.arm.clock.sleep(seconds * 1e3);
  async isCreated() {
    const { body } = await this.send("GET", `/operations/job-${this.job.index}`);
    return body.status === "Succeeded";
  }
  // A wait on the operation of the create with a pause before each question.
  async awaitCreated(everyInS) {
    do
      await this.sleep(everyInS);
    while (!this.isOver && !await this.isCreated());
  }
  seen() {
    return { at: this.arm.clock.now() };
  }
};
function each(one) {
  return (arm, jobs) => Promise.all(jobs.map((job) => one(new Requests(arm, job))));
}
function rawSdk(everyInS) {
  return each(async (requests) => {
    await requests.put();
    if (!await requests.isCreated()) while (!await requests.isCreated()) await requests.sleep(2);
    await requests.get();
    while (!isTerminated(await requests.get())) await requests.sleep(everyInS);
    const seen = requests.seen();
    await requests.logs();
    await requests.delete();
    return seen;
  });
}
var airflow = each(async (requests) => {
  await requests.send("GET", GROUPS);
  await requests.put();
  void requests.awaitCreated(30).then(async () => requests.isOver || requests.get());
  for (; ; ) {
    const answer = await requests.get();
    if (isTerminated(answer)) break;
    if (answer.body.properties.containers[0].properties.instanceView?.currentState.state === "Running") await requests.logs();
    await requests.sleep(1);
  }
  const seen = requests.seen();
  requests.isOver = true;
  await requests.logs();
  await requests.delete();
  return seen;
});
var prefect = each(async (requests) => {
  await requests.put();
  let isDone = false;
  void requests.awaitCreated(30).then(() => isDone = true);
  const isPending = () => !isDone;
  while (isPending()) await requests.sleep(5);
  while (!isTerminated(await requests.get())) await requests.sleep(5);
  const seen = requests.seen();
  await requests.delete();
  return seen;
});
function virtualKubelet(pods) {
  return async (arm, jobs) => {
    const nodes = Array.from({ length: Math.ceil(jobs.length / pods) }, (_unused, index) => jobs.slice(index * pods, (index + 1) * pods));
    return (await Promise.all(nodes.map((node) => watchNode(arm, node)))).flat();
  };
}
async function watchNode(arm, jobs) {
  const requests = jobs.map((job) => new Requests(arm, job));
  const seen = /* @__PURE__ */ new Map();
  await Promise.all(requests.map((one) => one.put()));
  while (seen.size < requests.length) {
    await arm.clock.sleep(5e3);
    for (const one of requests) {
      if (seen.has(one) || !isTerminated(await one.get())) continue;
      seen.set(one, one.seen());
      void one.delete();
    }
  }
  return requests.map((one) => seen.get(one));
}
var composeCli = each(async (requests) => {
  await requests.get();
  await requests.put();
  await requests.awaitCreated(5);
  for (; ; ) {
    await requests.logs();
    if (isTerminated(await requests.get())) break;
    await requests.sleep(2);
  }
  const seen = requests.seen();
  await requests.delete();
  return seen;
});
var durableFunctions = each(async (requests) => {
  await requests.send("GET", "/subscriptions/s/resourceGroups/r");
  await requests.put();
  await requests.awaitCreated(30);
  await requests.get();
  const until = requests.arm.clock.now() + 30 * 6e4;
  let isEnded = isTerminated(await requests.get());
  while (!isEnded && requests.arm.clock.now() < until) {
    await requests.sleep(30);
    isEnded = isTerminated(await requests.get());
  }
  const seen = { ...requests.seen(), isLost: !isEnded };
  await requests.delete();
  return seen;
});
var logicApps = each(async (requests) => {
  await requests.put();
  for (let loops = 0; loops < 60; loops++) {
    const { body } = await requests.get();
    if (body.properties.instanceView.state === "Succeeded") {
      const seen = requests.seen();
      await requests.logs();
      await requests.delete();
      return seen;
    }
    await requests.sleep(10);
  }
  return { ...requests.seen(), isLost: true };
});

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
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown === void 0) return;
  throw new TypeError(`Expected \`${field}\` to have only known fields, got \`${unknown}\`. Known are ${keys.join(", ")}.`);
}
function expectPositive(field, value, least) {
  if (value === void 0) return;
  const rule = least === void 0 ? "a number greater than 0" : `a number of at least ${least}`;
  if (typeof value !== "number") fail(field, rule, value, "type");
  if (!(least === void 0 ? value > 0 : value >= least) || !Number.isFinite(value)) fail(field, rule, value);
}

// ../src/lifecycle/schedule/survival.ts
var SHORT_SHARE = 0.2;
var SHORT_IN_S = 5;
var SCALE_IN_S = 130;
var unknownRun = (t) => SHORT_SHARE * Math.exp(-t / SHORT_IN_S) + (1 - SHORT_SHARE) * SCALE_IN_S / (SCALE_IN_S + t);
var recordedStart = { mean: Math.log(16), sd: 0.2 };
var START_SCALE_IN_S = 30;
var unknownStart = (t) => START_SCALE_IN_S / (START_SCALE_IN_S + t);
function mixture({ mean, sd }, unknown, unknownShare) {
  return (t) => unknownShare * unknown(t) + (1 - unknownShare) * (t <= 0 ? 1 : upperTail((Math.log(t) - mean) / sd));
}
function upperTail(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const series = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368];
  const tail = t * Math.exp(-x * x - 1.26551223 + t * series.reduce((sum, factor) => sum * t + factor, 0)) / 2;
  return z >= 0 ? tail : 1 - tail;
}

// ../src/lifecycle/schedule/learnt.ts
var LEAST_UNKNOWN_SHARE = 0.05;
var SD_OF_ONE = 0.3;
var LEAST_SD = 0.02;
var RUNS_BETTER_THAN_A_HINT = 3;
var RECORDED_START_IS_UNKNOWN = 0.2;
var LONGEST_IN_MS = 1e12;
function expectedRun(earlierRuns, expectedDurationInMs) {
  const runs = earlierRuns.filter(({ ranForInMs }) => isDuration(ranForInMs));
  const seen = runs.map(({ ranForInMs }) => ranForInMs);
  const hint = seen.length < RUNS_BETTER_THAN_A_HINT && isDuration(expectedDurationInMs) ? [expectedDurationInMs] : [];
  const half = medianOf([...seen, ...hint]) / 2;
  const crashed = runs.filter((run) => !run.hasSucceeded && run.ranForInMs < half).map(({ ranForInMs }) => ranForInMs);
  const usual = [...seen.filter((ranForInMs) => ranForInMs >= half || !crashed.includes(ranForInMs)), ...hint];
  if (usual.length === 0) return { survival: unknownRun };
  return expectation(fit(usual), unknownRun, 1 / (usual.length + 2) + crashed.length / seen.length || LEAST_UNKNOWN_SHARE);
}
function expectedStart(earlierRuns) {
  const seen = earlierRuns.map(({ startedAfterInMs }) => startedAfterInMs).filter(isDuration);
  if (seen.length === 0) return { survival: mixture(recordedStart, unknownStart, RECORDED_START_IS_UNKNOWN) };
  return expectation(fit(seen), unknownStart, 1 / (seen.length + 2));
}
function expectation(learnt, unknown, share) {
  const unknownShare = Math.min(1, Math.max(LEAST_UNKNOWN_SHARE, share));
  const medianInS = Math.exp(learnt.mean);
  return { survival: mixture(learnt, unknown, unknownShare), medianInS, spreadInS: medianInS * learnt.sd };
}
function fit(durationsInMs) {
  const logs = durationsInMs.map((duration) => Math.log(duration / 1e3));
  const k = logs.length;
  const mean = logs.reduce((sum, log) => sum + log, 0) / k;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / Math.max(1, k - 1);
  return { mean, sd: Math.max(LEAST_SD, Math.sqrt(variance * (1 + 1 / k)) * (1 + 1 / k) + SD_OF_ONE / k ** 2) };
}
function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
function isDuration(value) {
  return value !== void 0 && value >= 1 && value <= LONGEST_IN_MS;
}

// ../src/lifecycle/schedule/next-look.ts
var REQUEST_IS_WORTH_IN_S = { fast: 0.02, balanced: 0.055, frugal: 0.25 };
var SHORTEST_GAP_IN_S = 0.3;
var LONGEST_GAP_IN_S = 30;
var LONGEST_STARTING_GAP_IN_S = 15;
var LONGEST_SHARE_OF_MEDIAN = 0.15;
var START_IS_WORTH = 23;
var EARLY_LOOKS_IN_S = [1.5, 4.5];
var LONGEST_AGE_IN_S = 1e9;
function nextLook(question) {
  const { phase, ageInMs, earlierRuns, expectedDurationInMs, pace } = question;
  const age = Math.min(LONGEST_AGE_IN_S, ageInMs > 0 ? ageInMs / 1e3 : 0);
  const expected = phase === "starting" ? expectedStart(earlierRuns) : expectedRun(earlierRuns, expectedDurationInMs);
  const worth = REQUEST_IS_WORTH_IN_S[pace] * (phase === "starting" ? START_IS_WORTH : 1);
  const early = phase === "starting" && expected.medianInS === void 0 ? EARLY_LOOKS_IN_S.find((at) => at >= age + SHORTEST_GAP_IN_S) : void 0;
  const gap = Math.min(gapAt(age, expected, worth, phase), early === void 0 ? LONGEST_GAP_IN_S : early - age);
  return { inMs: Math.round(gap * 1e3), unseenInMs: gap * 1e3 * (1 - expected.survival(age + gap) / expected.survival(age)) };
}
function gapAt(age, expected, worth, phase) {
  const { survival, medianInS, spreadInS = LONGEST_GAP_IN_S } = expected;
  const byMedian = phase === "starting" ? LONGEST_STARTING_GAP_IN_S : (medianInS ?? Infinity) * LONGEST_SHARE_OF_MEDIAN;
  const longest = Math.min(LONGEST_GAP_IN_S, Math.max(SHORTEST_GAP_IN_S, byMedian));
  return Math.max(SHORTEST_GAP_IN_S, whenUnseen(survival, age, { worth, longest, longestStep: Math.max(SHORTEST_GAP_IN_S / 4, spreadInS) }));
}
function whenUnseen(survival, age, limits) {
  const { worth, longest, longestStep } = limits;
  const now = survival(age);
  const ended = (u) => 1 - survival(age + u) / now;
  let [at, unseen, endedAt, step] = [0, 0, 0, SHORTEST_GAP_IN_S / 4];
  for (let halvings = 0; at < longest && halvings < 6; ) {
    const endedThen = ended(at + step);
    const more = step / 6 * (endedAt + 4 * ended(at + step / 2) + endedThen);
    if (unseen + more >= worth) {
      halvings++;
      step /= 2;
      continue;
    }
    [at, unseen, endedAt] = [at + step, unseen + more, endedThen];
    step = halvings > 0 ? step / 2 : Math.min(step * 1.25, longestStep);
    if (halvings > 0) halvings++;
  }
  return Math.min(at, longest);
}

// ../src/completion/poll.ts
var FIELDS = ["pace", "expectedDurationInMs", "history"];
var AFTER_SIGNAL_IN_MS = [100, 300, 700, 1500, 3e3, 3e3, 3e3, 3e3, 3e3, 3e3];
var LATEST_AFTER_IN_MS = 3e4;
var LATEST_AFTER_SIGNAL_IN_MS = 5e3;
function poll(options = {}) {
  checkOptions(options);
  const { pace, expectedDurationInMs, history } = options;
  return Object.freeze({
    name: "poll",
    // Only what was given: `poll(parameters)` is the same strategy.
    parameters: Object.freeze({ ...pace !== void 0 && { pace }, ...expectedDurationInMs !== void 0 && { expectedDurationInMs } }),
    nextCheck: (view) => sooner(bySchedule(view, { pace: pace ?? "balanced", expectedDurationInMs, history }), bySignal(view)),
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
  const { phase, acceptedForInMs, runningForInMs = 0 } = view;
  const ageInMs = phase === "starting" ? acceptedForInMs : runningForInMs;
  const { inMs, unseenInMs } = nextLook({ phase, ageInMs, earlierRuns: runsOf(view, history), expectedDurationInMs, pace });
  return { earliestInMs: inMs, latestInMs: inMs + LATEST_AFTER_IN_MS, urgency: unseenInMs };
}
function runsOf({ job, earlierRuns }, history) {
  const known = history?.of(job.kind) ?? [];
  return known.length > earlierRuns.length ? known : earlierRuns;
}
function bySignal({ signals }) {
  const due = [signals.ended, signals.changed].flatMap((signal) => {
    const pause = signal === void 0 ? void 0 : AFTER_SIGNAL_IN_MS[signal.looksSince];
    if (signal === void 0 || pause === void 0) return [];
    return [signal.looksSince === 0 ? Math.max(0, pause - signal.agoInMs) : pause];
  });
  if (due.length === 0) return void 0;
  const earliestInMs = Math.min(...due);
  return { earliestInMs, latestInMs: earliestInMs + LATEST_AFTER_SIGNAL_IN_MS, urgency: LATEST_AFTER_IN_MS };
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
var GROUPS2 = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups";
async function runJob(arm, planned, strategy) {
  const { clock } = arm;
  const path = `${GROUPS2}/job-${planned.index}`;
  const send = (m, u, b) => arm.send(m, u, b, planned);
  await send("PUT", path, { properties: { containers: [{ name: "main", properties: { image: "work:1", environmentVariables: [{ name: "JOB", value: String(planned.index) }] } }] } });
  const acceptedAt = clock.now();
  const job = { key: "k", attempt: 1, groupName: "g", kind: "k", osType: "Linux" };
  let startedAt;
  let logDue = 6e4;
  for (let looks = 0; ; looks++) {
    const view = { job, phase: startedAt === void 0 ? "starting" : "running", acceptedForInMs: clock.now() - acceptedAt, runningForInMs: startedAt === void 0 ? void 0 : clock.now() - startedAt, looks, signals: {}, earlierRuns: [] };
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

// ../../../../tmp/p/b.ts
var f = (x) => `${x.requests.toFixed(1)} st ${x.statusReads.toFixed(1)} lag ${x.meanLagInS.toFixed(2)} p95 ${x.p95InS.toFixed(2)} max ${x.maxInS.toFixed(2)} lost ${x.lost}`;
var J = jobsOf({ seed: 1, count: 100, medianInMs: 6e4 });
for (const [n, l] of Object.entries({ raw1: rawSdk(1), raw5: rawSdk(5), raw10: rawSdk(10), airflow, prefect, vk1: virtualKubelet(1), vk100: virtualKubelet(100), compose: composeCli, durable: durableFunctions, logic: logicApps, ours: ours(), fast: ours({ pace: "fast" }), frugal: ours({ pace: "frugal" }) })) console.log(n, f(await measure(l, J)));
for (const T of [5, 60, 600, 3600]) {
  const j = jobsOf({ seed: 2, count: 200, medianInMs: T * 1e3 });
  const d = Math.sqrt(0.2 * T);
  for (const [n, l] of [["raw5", rawSdk(5)], ["ours", ours()]]) {
    const x = await measure(l, j);
    console.log("T", T, n, ((x.meanLagInS + 0.1 * x.statusReads) / d).toFixed(2), f(x));
  }
}
for (const sd of [0.05, 0.2]) {
  const rq = [], lg = [];
  for (let s = 1; s <= 7; s++) {
    const l = jobsOf({ seed: 100 + s, count: 10, medianInMs: 6e4, sd });
    const clock = new VirtualClock();
    const h = await inVirtualTime(clock, learn(new FakeArm(clock, l), l));
    const j = jobsOf({ seed: s, count: 60, medianInMs: 6e4, sd });
    const a = await measure(airflow, j);
    const row = [];
    for (const pace of ["fast", "balanced"]) {
      const o = await measure(ours({ pace }, h), j);
      row.push(pace, (o.requests / a.requests).toFixed(3), (o.meanLagInS / a.meanLagInS).toFixed(2), f(o));
    }
    console.log(sd, row.join(" "));
  }
}
