import type { WebhookCall, WebhookStrategy } from "../../../src/index.js";
import type { TruthGroup } from "../azure/truth.js";
import type { FaultId } from "../world/faults.js";
import type { World } from "../world/world.js";

/** What a container says, and what is wrong with it. */
interface Said {
  readonly type: "job.started" | "job.ended" | "job.alive";
  readonly exitCode?: number | undefined;
  /** One of its own, by which two calls are two signals. */
  readonly id?: string | undefined;
  readonly fault?: FaultId | undefined;
}

const SENDS = 2;

/** The calls of a group's main container, if it was told where to call, over a network on which anything happens. */
export function callsOf(world: World, group: TruthGroup, receiver: WebhookStrategy): void {
  const told = environmentOf(group);
  if (told === undefined) return;
  const { time, dice, faults } = world;
  const say = (inMs: number, said: Said): void => time.in(inMs, () => send(world, group, told, receiver, said));
  const { runs } = group;
  for (const run of runs) {
    const { startAt, endAt, exitCode } = run;
    flood(world, group, run, say);
    const [startsIn, endsIn] = [startAt - time.now, endAt - time.now];
    // The answer to the create is still on its way.
    if (faults.strikes("W2")) say(0, { type: "job.started", fault: "W2" });
    say(startsIn + dice.between(1, 400), { type: "job.started" });
    if (faults.strikes("W4")) continue;
    say(endsIn - dice.between(0, 300), { type: "job.ended", exitCode });
    if (faults.strikes("W1")) for (let times = dice.between(1, 20); times > 0; times--) say(endsIn + dice.between(0, 5000), { type: "job.ended", exitCode, fault: "W1" });
    if (faults.strikes("W3")) say(endsIn + dice.spread(30_000, 7_200_000), { type: "job.ended", exitCode, fault: "W3" });
    if (faults.strikes("W7")) say(startsIn + dice.between(0, Math.max(1, endsIn - startsIn)), { type: "job.ended", exitCode: exitCode === 0 ? 1 : 0, fault: "W7" });
    for (const fault of ["W5", "W6", "W8"]) if (faults.strikes(fault)) say(startsIn + dice.spread(1, Math.max(2, endsIn - startsIn + 60_000)), { type: "job.ended", exitCode: 0, fault });
  }
}

interface Credential {
  readonly query: URLSearchParams;
  readonly token: string;
}

// Sends it, and again where there was no good answer, as whoever calls does.
function send(world: World, group: TruthGroup, told: Credential, receiver: WebhookStrategy, said: Said, tries = 1): void {
  const { time, dice, faults, history } = world;
  // A container that is gone calls nobody; what it has sent may be late.
  if (group.goneAt < time.now && said.fault !== "W3" && said.fault !== "W5" && said.fault !== "W6") return;
  const isLost = said.fault === undefined && faults.strikes("W4");
  const again = (): void => {
    if (tries < SENDS) time.in(1000, () => send(world, group, told, receiver, said, tries + 1));
  };
  time.in(dice.between(2, 300), () => {
    if (isLost) { again(); return; }
    receiver.accept(callWith(world, told, said)).then(
      ({ status, signals }) => history.add({ kind: "call", group: group.name, fault: said.fault, status, kept: signals.length }),
      () => again(),
    );
  });
}

// A container that tells of its end all the time while it works, and thinks that each call is another.
function flood({ faults, time, dice }: World, { name }: TruthGroup, { startAt, endAt }: TruthGroup["runs"][number], say: (inMs: number, said: Said) => void): void {
  const own = dice.fork(name);
  if (faults.isOver || !faults.isOn("W1") || !own.chance(0.3)) return;
  faults.count("W1");
  const lastsMs = Math.max(1, Math.min(30_000, endAt - startAt));
  for (let number = own.between(30, 58); number > 0; number--) say(startAt - time.now + own.between(0, lastsMs), { type: "job.ended", id: `own-${startAt}-${number}`, fault: "W1" });
}

// A call, right or wrong.
function callWith({ dice }: World, { query, token }: Credential, { type, exitCode, id, fault }: Said): WebhookCall {
  const body = JSON.stringify({ type, ...(exitCode !== undefined && { exitCode }) });
  const other = new URLSearchParams(query);
  switch (fault) {
    case "W5": {
      other.set("attempt", String(Number(query.get("attempt")) + dice.between(1, 3)));
      return dice.pick([call(query, { authorization: `Bearer ${token.slice(1)}x` }, body), call(other, { authorization: `Bearer ${token}` }, body), call(query, {}, body)]);
    }
    case "W6":
      return call(query, { "webhook-id": "m", "webhook-timestamp": String(dice.between(0, 1_000_000_000)), "webhook-signature": `v1,${token}` }, body);
    case "W8":
      return call(query, { authorization: `Bearer ${token}` }, dice.pick(["", "[".repeat(5000), '{"__proto__":{"type":"job.ended"}}', "\u0000", '{"type":"job.ended"'.padEnd(60_000)]));
    default:
      return call(query, { authorization: `Bearer ${token}`, ...(id !== undefined && { "webhook-id": id }) }, body);
  }
}

function call(query: URLSearchParams, headers: Readonly<Record<string, string>>, body: string): WebhookCall {
  return { query, header: (name) => headers[name], body: Buffer.from(body) };
}

interface SentContainer {
  readonly properties?: { readonly environmentVariables?: readonly { readonly name: string; readonly secureValue?: string }[] };
}

function environmentOf({ body, decider }: TruthGroup): Credential | undefined {
  const main = (body.properties.containers as readonly SentContainer[])[decider];
  const value = (name: string): string | undefined => main?.properties?.environmentVariables?.find((variable) => variable.name === name)?.secureValue;
  const [url, token] = [value("ACI_JOB_CALLBACK_URL"), value("ACI_JOB_CALLBACK_TOKEN")];
  return url === undefined || token === undefined ? undefined : { query: new URL(url).searchParams, token };
}
