import { runContainerJob, webhook, type Mailbox, type Signal } from "aci-lifecycle";
import { createSignalReceiver } from "aci-lifecycle/http";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { SECRET } from "../completion/calls.js";
import { Callers, ENDED, MINUTE, SECOND, works, World, type Program, type Ran } from "./world.js";

// The stories of the catalogue of faults about calls: W1 to W9. The containers are functions that call the receiver.
const SAFETY = 2 * MINUTE;
const ends = ({ events }: Ran): number => events.filter(({ type }) => type === "jobEnded").length;

/** A world whose containers call, and whoever may call them. */
async function calling(program: (callers: () => Callers) => Program, options?: ConstructorParameters<typeof Callers>[1]): Promise<Callers> {
  const made: Callers[] = [];
  const world = await World.open({ work: program(() => made[0] as Callers) });
  const callers = new Callers(world, options);
  made.push(callers);
  return callers;
}

// Works for so long, tells of its end, and ends.
const tells = (ms: number, exitCode: number, call: (callers: Callers, environment: Readonly<Record<string, string>>) => Promise<unknown>) => (callers: () => Callers): Program => async (container) => {
  await container.sleep(ms);
  container.print("done\n");
  await call(callers(), container.environment);
  return exitCode;
};
const once = (callers: Callers, environment: Readonly<Record<string, string>>): Promise<number> => callers.call(environment);

const silent = (ms: number, exitCode: number) => (): Program => works(ms, exitCode);

// Its headers as Standard Webhooks has them.
function signed(environment: Readonly<Record<string, string>>, id: string, at: number, body = ENDED): Record<string, string> {
  const date = new Date(at);
  const signature = new Webhook(environment["ACI_JOB_CALLBACK_SECRET"] ?? "").sign(id, date, body);
  return { "webhook-id": id, "webhook-timestamp": String(Math.floor(date.getTime() / 1000)), "webhook-signature": signature };
}

describe("a job whose container calls", () => {
  it("is known to have ended at once, for few requests", async () => {
    const callers = await calling(tells(10 * MINUTE, 3, once));
    await using world = callers.world;
    const ran = await world.run({ image: "work" }, { completion: callers.completion });
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 3, logs: "done\n" });
    expect(ran.result.timings.noticedInMs).toBeLessThan(SECOND);
    expect(callers.signals).toMatchObject([{ kind: "ended", exitCode: 0 }]);
    expect(world.count("get")).toBeLessThan(12);
  });

  it("W1: ends once where the call comes a thousand times, one by one and all at once", async () => {
    const statuses: number[] = [];
    const callers = await calling(
      tells(10 * MINUTE, 3, async (from, environment) => {
        for (let time = 0; time < 20; time++) statuses.push(await from.call(environment));
        statuses.push(...(await Promise.all(Array.from({ length: 980 }, () => from.call(environment)))));
      }),
    );
    await using world = callers.world;
    const ran = await world.run({ image: "work" }, { completion: callers.completion });
    expect([ran.result.exitCode, ends(ran)]).toEqual([3, 1]);
    // Sixty a minute are taken.
    expect(statuses.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 204));
    expect(new Set(statuses.slice(60))).toEqual(new Set([429]));
    expect(world.count("get")).toBeLessThan(12);
  });

  it.each(["before its create is sent", "before its create is answered"])("W2: is heard %s", async (when) => {
    const statuses: number[] = [];
    const callers = await calling(tells(SECOND, 4, async (from, environment) => statuses.push(await from.call(environment))));
    await using world = callers.world;
    const early = await callers.environmentOf("k");
    if (when.endsWith("sent")) world.before = async (verb) => verb === "put" && statuses.push(await callers.call(early));
    // The container has long ended by then.
    else world.after = (verb) => verb === "put" && world.clock.advance(30 * SECOND);
    const ran = await world.run({ key: "k", image: "work" }, { completion: callers.completion });
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 4, logs: "done\n" });
    expect([new Set(statuses), ends(ran)]).toEqual([new Set([204]), 1]);
    expect(statuses.length).toBe(when.endsWith("sent") ? 2 : 1);
    expect(ran.result.timings.totalInMs).toBeLessThan(40 * SECOND);
  });

  it("W3: is not moved by a call that comes late: when it is over, or in the time of the next attempt", async () => {
    const callers = await calling(() => works(5 * MINUTE, 9));
    await using world = callers.world;
    const first = await callers.environmentOf("k", 1);
    const late: number[] = [];
    let looksBefore = 0;
    const call = (): Promise<void> => world.during(async () => {
      looksBefore = world.count("get");
      late.push(await callers.call(first));
    });
    const ran = await world.run({ key: "k", image: "work" }, {
      completion: callers.completion,
      retry: { maxAttempts: 2, exitCodes: [9], firstDelayInMs: 1000 },
      onEvent: ({ type, attempt }) => type === "jobStarted" && attempt === 2 && void call(),
    });
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 9, attempt: 2, timings: { ranInMs: 5 * MINUTE } });
    expect([ends(ran), looksBefore > 0]).toEqual([2, true]);
    // The safety looks, and those of the delete.
    expect(world.count("get") - looksBefore).toBeLessThanOrEqual(6);
    const asked = world.asked.length;
    late.push(await callers.call(first), await callers.call(await callers.environmentOf("k", 2)));
    await world.until(world.clock.sleep(10 * MINUTE));
    expect([late, world.asked.length]).toEqual([[204, 204, 204], asked]);
  });

  it("W4: is found to have ended by the safety look where no call ever comes", async () => {
    const callers = await calling(silent(10 * MINUTE + 1, 2));
    await using world = callers.world;
    const ran = await world.run({ image: "work" }, { completion: callers.completion });
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 2 });
    expect(ran.result.timings.noticedInMs).toBeLessThanOrEqual(SAFETY + SECOND);
    expect(callers.signals).toEqual([]);
  });
});

describe("calls that nobody should believe", () => {
  // What a job asks for whose container is silent, with somebody who calls while it runs.
  const looksWith = async (attack: (callers: Callers, environment: Readonly<Record<string, string>>) => Promise<readonly number[]>): Promise<{ readonly looks: number; readonly statuses: readonly number[]; readonly refused: readonly number[] }> => {
    const callers = await calling(silent(10 * MINUTE, 5));
    await using world = callers.world;
    const environment = await callers.environmentOf("k");
    const statuses: number[] = [];
    const attacking = world.clock.sleep(5 * MINUTE + 1).then(() => world.during(async () => statuses.push(...(await attack(callers, environment)))));
    const ran = await world.run({ key: "k", image: "work" }, { completion: callers.completion });
    await attacking;
    expect([ran.result.exitCode, ends(ran)]).toEqual([5, 1]);
    return { looks: world.count("get"), statuses, refused: callers.refused };
  };
  const undisturbed = async (): Promise<number> => (await looksWith(async () => [])).looks;

  it("W5: change nothing where they are forged, changed by a bit, another job's, or of a key that is gone, and are answered alike", async () => {
    const { looks, statuses, refused } = await looksWith(async (callers, environment) => {
      const { ACI_JOB_CALLBACK_URL: url = "", ACI_JOB_CALLBACK_TOKEN: token = "" } = environment;
      const gone = new Callers(callers.world, { secret: "an old secret of the tests, long enough" });
      const flipped = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
      const others = [(await callers.environmentOf("other"))["ACI_JOB_CALLBACK_TOKEN"], (await callers.environmentOf("k", 2))["ACI_JOB_CALLBACK_TOKEN"], (await gone.environmentOf("k"))["ACI_JOB_CALLBACK_TOKEN"], flipped, "forged", ""];
      const bySignature = signed(environment, "msg_1", callers.world.clock.now());
      return Promise.all([
        ...others.map((one) => callers.send(url, ENDED, { authorization: `Bearer ${String(one)}` })),
        callers.send(url, ENDED, {}),
        callers.send(url.replace("attempt=1", "attempt=7"), ENDED, { authorization: `Bearer ${token}` }),
        callers.send(url, ENDED.replace("0", "1"), bySignature),
        callers.send(url, ENDED, { ...bySignature, "webhook-id": "msg_2" }),
      ]);
    });
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(refused).toHaveLength(10);
    expect(looks).toBe(await undisturbed());
  });

  it("W5: are good with the older of two keys while one is replaced, and not when it is gone", async () => {
    const [older, newer] = ["the older secret of the tests, long enough", "the newer secret of the tests, long enough"] as const;
    const before = await calling(silent(MINUTE, 0), { secret: older });
    await using world = before.world;
    const environment = await before.environmentOf("k");
    expect(await new Callers(world, { secret: [newer, older] }).call(environment)).toBe(204);
    expect(await new Callers(world, { secret: newer }).call(environment)).toBe(401);
  });

  it("W6: change nothing where they are stale, come from the future, or are recorded ones", async () => {
    const { looks, statuses } = await looksWith(async (callers, environment) => {
      const { ACI_JOB_CALLBACK_URL: url = "" } = environment;
      const now = callers.world.clock.now();
      const at = (ms: number): Promise<number> => callers.send(url, ENDED, signed(environment, "msg_1", now + ms));
      // One that somebody has recorded when it was new, and plays again.
      const recorded = signed(environment, "msg_2", now - 301 * SECOND);
      return [await at(-301 * SECOND), await at(302 * SECOND), await at(-60 * MINUTE), await callers.send(url, ENDED, recorded)];
    });
    expect(statuses).toEqual([401, 401, 401, 401]);
    expect(looks).toBe(await undisturbed());
  });

  it("W6: count once where one is played again while it is new", async () => {
    const callers = await calling(silent(10 * MINUTE, 0));
    await using world = callers.world;
    const environment = await callers.environmentOf("k");
    const headers = signed(environment, "msg_1", world.clock.now());
    const statuses = await Promise.all(Array.from({ length: 10 }, () => callers.send(String(environment["ACI_JOB_CALLBACK_URL"]), ENDED, headers)));
    expect(new Set(statuses)).toEqual(new Set([204]));
    const groupName = `${nameBaseOf(jobHash("k"))}-1`;
    expect(await callers.completion.receive?.({ key: "k", attempt: 1, groupName, kind: "k", osType: "Linux" }, { waitInMs: 0, abortSignal: new AbortController().signal })).toHaveLength(1);
  });

  it("W7: do not end a job whose container runs on, and then fails", async () => {
    const callers = await calling((from) => async (container) => {
      await from().call(container.environment);
      await container.sleep(5 * MINUTE);
      container.print("done\n");
      return 1;
    });
    await using world = callers.world;
    const ran = await world.run({ image: "work" }, { completion: callers.completion });
    expect(callers.signals).toMatchObject([{ kind: "ended", exitCode: 0 }]);
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 1, logs: "done\n", timings: { ranInMs: 5 * MINUTE } });
    expect(ends(ran)).toBe(1);
  });

  it("W8: are refused where they are too large, no JSON, or deep, and change nothing", async () => {
    const { looks, statuses } = await looksWith(async (callers, environment) => {
      const { ACI_JOB_CALLBACK_URL: url = "", ACI_JOB_CALLBACK_TOKEN: token = "" } = environment;
      const headers = { authorization: `Bearer ${token}` };
      // More is sent for as long as somebody reads.
      const chunk = new TextEncoder().encode(" ".repeat(10_000));
      let sent = 0;
      const endless = new ReadableStream<Uint8Array>(
        {
          pull(to) {
            sent += chunk.length;
            to.enqueue(chunk);
          },
        },
        { highWaterMark: 0 },
      );
      const answers = [await callers.send(url, " ".repeat(10_000_000), headers), await callers.send(url, endless, { ...headers, "content-length": "20" })];
      expect(sent).toBeLessThan(200_000);
      for (const body of ["", "{", "[]", "null", '"job.ended"', "[".repeat(30_000), '{"type":"__proto__"}', '{"type":"constructor"}', '{"type":["job.ended"]}', '{"__proto__":{"type":"job.ended"}}']) answers.push(await callers.send(url, body, headers));
      return answers;
    });
    expect(statuses).toEqual([413, 413, ...Array.from({ length: 10 }, () => 400)]);
    expect(({} as { type?: unknown }).type).toBeUndefined();
    expect(looks).toBe(await undisturbed());
  });
});

describe("a receiver that dies", () => {
  // A mailbox that is there for whoever comes next, in front of which a process dies after so much.
  const dying = (mailbox: Mailbox, when: "before" | "after"): Mailbox => ({
    receive: (groupName, options) => mailbox.receive(groupName, options),
    acknowledge: (groupName, ids) => mailbox.acknowledge(groupName, ids),
    put: async (signal: Signal) => {
      if (when === "after") await mailbox.put(signal);
      throw new Error("the process has died");
    },
  });

  it.each(["before", "after"] as const)("W9: has said nothing %s a call was kept, so that it is sent again, and counts once", async (when) => {
    const statuses: number[] = [];
    const callers = await calling(
      tells(10 * MINUTE, 6, async (from, environment) => {
        const { ACI_JOB_CALLBACK_URL: url = "" } = environment;
        const headers = signed(environment, "msg_1", from.world.clock.now());
        const shared = (mailbox: Mailbox): ReturnType<typeof createSignalReceiver> => createSignalReceiver(webhook({ url: "https://jobs.example.com/callbacks", secret: SECRET, report: "container", clock: from.world.clock, mailbox }));
        // The one that dies, and the one that comes after it.
        for (const receiver of [shared(dying(from.mailbox, when)), from.receiver]) {
          statuses.push(await from.world.during(async () => (await receiver(new Request(url, { method: "POST", headers, body: ENDED }))).status));
        }
      }),
    );
    await using world = callers.world;
    const ran = await world.run({ key: "k", image: "work" }, { completion: callers.completion });
    expect(statuses).toEqual([503, 204]);
    expect(ran.result).toMatchObject({ outcome: "failed", exitCode: 6 });
    expect(ran.result.timings.noticedInMs).toBeLessThan(SECOND);
    expect(ends(ran)).toBe(1);
  });

  it("W9: leaves the signal to the next who waits, where whoever waits dies before the job is kept", async () => {
    const callers = await calling(tells(10 * MINUTE, 6, once));
    await using world = callers.world;
    const detach = new AbortController();
    const job = { key: "k", image: "work" };
    const first = runContainerJob(world.client, job, { completion: callers.completion, detachSignal: detach.signal }).catch((error: unknown) => error);
    await world.until(world.clock.sleep(MINUTE));
    detach.abort(new Error("dead"));
    expect(await world.until(first)).toMatchObject({ code: "ACI_JOB_DETACHED" });
    // The call comes while nobody waits.
    await world.until(world.clock.sleep(20 * MINUTE));
    expect(callers.signals).toHaveLength(1);
    const result = await world.until(runContainerJob(world.newClient(), job, { completion: callers.completion, reject: false }));
    expect(result).toMatchObject({ outcome: "failed", exitCode: 6, logs: "done\n" });
  });
});
