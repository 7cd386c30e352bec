import { expect } from "vitest";
import { memoryMailbox, webhook, type ContainerJobSpec, type Mailbox, type WebhookOptions, type WebhookStrategy } from "aci-lifecycle";
import { createSignalReceiver, type RequestHandler } from "aci-lifecycle/http";
import { nth, type Scenario } from "./scenario.js";
import { MINUTE, type Stage } from "./stage.js";

const SECRET = "6f0b8d7be2a51c94~+/=the secret of the receiver=c2d9417e65ab03f8";
const CODE = "b91e5fd4a7720c36-the.key.in.its.address-e8340d1fa96c572b";
const ENDED = JSON.stringify({ type: "job.ended", exitCode: 0 });

/** A receiver, and the container that calls it with what it was told. */
class Line {
  readonly statuses = new Set<number>();
  readonly completion: WebhookStrategy;
  readonly #receive: RequestHandler;
  url = "";
  token = "";

  constructor(
    private readonly stage: Stage,
    options: Partial<WebhookOptions>,
  ) {
    const { clock } = stage;
    const onRefused = (refusal: object): void => stage.see("refused call", refusal);
    this.completion = webhook({ url: `https://receiver.example/calls?code=${CODE}`, secret: SECRET, mailbox: watched(stage, memoryMailbox({ clock })), clock, onRefused, ...options });
    this.#receive = createSignalReceiver(this.completion, { onSignal: (signal) => stage.see("signal", signal) });
    Object.assign(stage.besides, { "secret of the receiver": SECRET, "key in the address of the receiver": CODE });
  }

  /** Learns what the container of the last create was told. */
  learn(): void {
    const create = JSON.parse(this.stage.adversary.creates.at(-1)?.body ?? "{}") as { properties: { containers: { properties: { environmentVariables: { name: string; secureValue?: string }[] } }[] } };
    const told = create.properties.containers[0]?.properties.environmentVariables ?? [];
    const value = (name: string): string => told.find((variable) => variable.name === name)?.secureValue ?? "";
    [this.url, this.token] = [value("ACI_JOB_CALLBACK_URL"), value("ACI_JOB_CALLBACK_TOKEN")];
    this.stage.besides["token of the container"] = this.token;
    this.stage.adversary.confided = [this.token, this.url];
  }

  async call(body: string = ENDED, headers: Readonly<Record<string, string>> = { authorization: `Bearer ${this.token}` }): Promise<void> {
    const answer = await this.#receive(new Request(this.url, { method: "POST", body, headers }));
    this.statuses.add(answer.status);
    this.stage.see("answer of the receiver", `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`);
  }
}

// A mailbox that shows us what it is given.
function watched(stage: Stage, mailbox: Mailbox): Mailbox {
  return {
    put: (signal) => (stage.see("mailbox", signal), mailbox.put(signal)),
    receive: (groupName, options) => mailbox.receive(groupName, options),
    acknowledge: (groupName, ids) => mailbox.acknowledge(groupName, ids),
  };
}

// Runs a job that is called for, over a service that refuses now and then and repeats all it was told.
const called = (calls: { readonly atOnce?: (line: Line) => Promise<void>; readonly afterwards?: (line: Line) => Promise<void> }, spec: Partial<ContainerJobSpec> = {}, options: (stage: Stage) => Partial<WebhookOptions> = () => ({})) => async (stage: Stage): Promise<string[]> => {
  const line = new Line(stage, options(stage));
  const refuse = nth("create", (heard) => stage.adversary.refuse(heard, 429, "TooManyRequests"), (heard) => stage.adversary.refuse(heard, 503, "ServiceUnavailable"));
  stage.tamper((heard) => (heard.kind === "create" ? refuse(heard) : heard.nth % 3 === 1 ? stage.adversary.refuse(heard, 503, "ServiceUnavailable") : undefined));
  const lookAround = stage.adversary.onCreated;
  stage.adversary.onCreated = async () => {
    line.learn();
    await calls.atOnce?.(line);
    await lookAround();
  };
  const outcome = await stage.run(spec, { completion: line.completion });
  await stage.clock.advance(5 * MINUTE);
  await calls.afterwards?.(line);
  expect(line.token).not.toBe("");
  return [outcome, ...[...line.statuses].sort().map(String)];
};

const many = async (times: number, call: () => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: times }, call));
};

// A mailbox that fails at first, and repeats in its errors what the container was told in confidence.
const indiscreet = (stage: Stage): Mailbox => {
  const mailbox = watched(stage, memoryMailbox({ clock: stage.clock }));
  let times = 0;
  const fail = (): void => {
    if (times++ < 4) throw new Error(`the mailbox is full: ${stage.adversary.confided.join(" ")}`);
  };
  return {
    put: async (signal) => (fail(), mailbox.put(signal)),
    receive: async (groupName, options) => (fail(), mailbox.receive(groupName, options)),
    acknowledge: async (groupName, ids) => (fail(), mailbox.acknowledge(groupName, ids)),
  };
};

export const WEBHOOK_FAULTS: readonly Scenario[] = [
  { id: "W1", what: "a call that comes fifty times at once", act: called({ atOnce: (line) => many(50, () => line.call()) }), ends: ["succeeded", "204"] },
  { id: "W2", what: "a call that comes before the create is answered", act: called({ atOnce: (line) => line.call(JSON.stringify({ type: "job.started" })) }), ends: ["succeeded", "204"] },
  { id: "W3", what: "a call that comes long after the end", act: called({ afterwards: (line) => line.call() }), ends: ["succeeded", "204"] },
  { id: "W4", what: "a container that never calls", act: called({}), ends: ["succeeded"] },
  {
    id: "W5",
    what: "calls that are forged, with what may be guessed or was overheard",
    act: called({
      atOnce: async (line) => {
        for (const token of [SECRET, CODE, `${line.token.slice(1)}x`, ""]) await line.call(ENDED, { authorization: `Bearer ${token}` });
      },
    }),
    ends: ["succeeded", "401"],
  },
  {
    id: "W6",
    what: "calls of long ago, and of the future",
    act: called({
      atOnce: async (line) => {
        for (const timestamp of ["1", "9999999999", line.token]) await line.call(ENDED, { "webhook-id": line.token, "webhook-timestamp": timestamp, "webhook-signature": `v1,${line.token}` });
      },
    }),
    ends: ["succeeded", "401"],
  },
  { id: "W7", what: "a call that says success, where the container runs on and fails", spec: { image: "fail" }, act: called({ atOnce: (line) => line.call() }, { image: "fail" }), ends: ["failed", "204"] },
  {
    id: "W8",
    what: "bodies that are none, or far too large, with the secrets in them",
    act: called({
      atOnce: async (line) => {
        const talk = `${line.token} ${SECRET} ${CODE}`;
        for (const body of ["", talk, "[".repeat(5000), JSON.stringify({ type: talk }), `{"__proto__":{"type":"job.ended"},"detail":"${line.token}"}`, talk.repeat(1000)]) await line.call(body);
      },
    }),
    ends: ["succeeded", "400", "413"],
  },
  {
    id: "W9",
    what: "a mailbox that is full, and repeats what it should not know",
    act: called({ atOnce: (line) => many(2, () => line.call()), afterwards: (line) => line.call() }, {}, (stage) => ({ mailbox: indiscreet(stage) })),
    ends: ["succeeded", "204", "503"],
  },
];
