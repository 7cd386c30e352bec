import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { scripted, startEmulator, VirtualClock, type Emulator, type EventSubscription } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, groupBody, send } from "../arm.js";

interface Received {
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Delivered | readonly [Delivered] | undefined;
}

interface Delivered {
  readonly id: string;
  readonly eventType?: string;
  readonly type?: string;
  readonly subject: string;
  readonly data: { readonly validationCode?: string; readonly validationUrl?: string; readonly operationName?: string; readonly status?: string; readonly httpRequest?: { readonly method: string } };
}

describe("Event Grid", () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  let receiver: Server;
  let url: string;
  let received: Received[];
  let answer: (request: Received) => { status: number; headers?: Record<string, string>; body?: string };

  beforeEach(async () => {
    clock = new VirtualClock();
    emulator = await startEmulator({ engine: scripted({ hello: () => 0, stays: async (c) => (await c.sleep(1e9), 0) }, { clock }) });
    received = [];
    answer = agree;
    receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const one = { method: request.method ?? "", headers: request.headers, body: text === "" ? undefined : (JSON.parse(text) as Received["body"]) };
        received.push(one);
        const { status, headers = {}, body } = answer(one);
        response.writeHead(status, headers).end(body);
      });
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?code=secret`;
  });
  afterEach(async () => {
    await emulator.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  // What an agreeable receiver answers to both handshakes, and to events.
  function agree({ method, body }: Received): { status: number; headers?: Record<string, string>; body?: string } {
    if (method === "OPTIONS") return { status: 200, headers: { "WebHook-Allowed-Origin": "eventgrid.azure.net" } };
    const { validationCode } = first(body).data;
    return { status: 200, body: validationCode === undefined ? "" : JSON.stringify({ validationResponse: validationCode }) };
  }
  const put = (name: string, image = "hello"): ReturnType<typeof arm> => arm(emulator, "PUT", `containerGroups/${name}`, { body: groupBody(image) });
  const told = async (count: number, turnsAtMost = 100_000): Promise<Delivered[]> => {
    for (let turns = 0; received.length < count && turns < turnsAtMost; turns++) await new Promise((resolve) => setImmediate(resolve));
    return received.map(({ body }) => first(body));
  };
  const subscribe = async (more: Partial<EventSubscription> = {}): Promise<void> => {
    await emulator.subscribe({ url, ...more });
    received.length = 0;
  };

  it("asks the receiver first, and delivers each change once, in Event Grid's schema", async () => {
    await emulator.subscribe({ url });
    expect(received[0]?.headers).toMatchObject({ "aeg-event-type": "SubscriptionValidation" });
    received.length = 0;
    await put("g", "stays");
    await clock.advance(1_000);
    await arm(emulator, "PATCH", "containerGroups/g", { body: { tags: { a: "b" } } });
    await arm(emulator, "POST", "containerGroups/g/restart");
    await clock.advance(60_000);
    await arm(emulator, "POST", "containerGroups/g/stop");
    await arm(emulator, "GET", "containerGroups/g");
    await arm(emulator, "DELETE", "containerGroups/g");
    await arm(emulator, "DELETE", "containerGroups/g");
    const events = await told(5);
    expect(events.map(({ eventType, data }) => `${eventType?.replace("Microsoft.Resources.", "")} ${data.operationName?.replace("Microsoft.ContainerInstance/containerGroups/", "")} ${data.status}`).sort()).toEqual([
      "ResourceActionSuccess restart/action Succeeded",
      "ResourceActionSuccess stop/action Succeeded",
      "ResourceDeleteSuccess delete Succeeded",
      "ResourceWriteSuccess write Succeeded",
      "ResourceWriteSuccess write Succeeded",
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(5);
    expect(events[0]?.subject).toMatch(/\/containerGroups\/g$/);
    expect(received[0]?.headers).toMatchObject({ "aeg-event-type": "Notification", "content-type": expect.stringContaining("application/json") as string });
  });

  it("tells no end of a container", async () => {
    await subscribe();
    await put("g");
    await clock.advance(60_000);
    expect((await arm(emulator, "GET", "containerGroups/g")).body.properties.instanceView.state).toBe("Succeeded");
    await told(2, 500);
    expect((await told(1)).map(({ eventType }) => eventType)).toEqual(["Microsoft.Resources.ResourceWriteSuccess"]);
  });

  it("tells a create that failed, and one that was canceled by a delete", async () => {
    await subscribe();
    emulator.inject({ happens: "capacity", name: "full" });
    emulator.inject({ happens: "stuckWaiting", name: "stuck" });
    await put("full");
    await put("stuck");
    await clock.advance(1_000);
    await arm(emulator, "DELETE", "containerGroups/stuck");
    const events = await told(3);
    expect(events.map(({ eventType }) => eventType).sort()).toEqual(["Microsoft.Resources.ResourceDeleteSuccess", "Microsoft.Resources.ResourceWriteCancel", "Microsoft.Resources.ResourceWriteFailure"]);
  });

  it("speaks CloudEvents after its own handshake", async () => {
    await emulator.subscribe({ url, schema: "cloudEvents" });
    expect([received[0]?.method, received[0]?.headers["webhook-request-origin"]]).toEqual(["OPTIONS", "eventgrid.azure.net"]);
    received.length = 0;
    await put("g");
    await clock.advance(1_000);
    const [event] = await told(1);
    expect(event).toMatchObject({ specversion: "1.0", type: "Microsoft.Resources.ResourceWriteSuccess", source: `/subscriptions/${emulator.clientOptions.subscriptionId}` });
    expect(received[0]?.headers["content-type"]).toMatch(/^application\/cloudevents\+json/);
  });

  it("tries again by its schedule with the same id, until the receiver has it", async () => {
    await subscribe();
    answer = () => ({ status: received.length < 4 ? 202 + received.length * 100 : 204 });
    await put("g");
    await clock.advance(0);
    const waits = [10_000, 30_000, 60_000];
    for (const [index, wait] of waits.entries()) {
      await told(index + 1);
      await clock.advance(wait - 1);
      await told(index + 2, 500);
      expect(received).toHaveLength(index + 1);
      await clock.advance(1);
    }
    const events = await told(4);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(received.map(({ headers }) => headers["aeg-delivery-count"])).toEqual(["0", "1", "2", "3"]);
    await clock.advance(3_600_000);
    expect(received).toHaveLength(4);
  });

  it("waits five minutes for an agreement by hand, and then gives up", async () => {
    answer = () => ({ status: 200, body: "" });
    const agreed = emulator.subscribe({ url });
    const [event] = await told(1);
    expect((await send(event?.data.validationUrl ?? "", "GET", {}, undefined)).status).toBe(200);
    await agreed;
    const refused = emulator.subscribe({ url });
    refused.catch(() => undefined);
    await told(2);
    for (let turns = 0; turns < 50; turns++) await clock.advance(10_000);
    await expect(refused).rejects.toThrow("did not agree");
    expect((await send(event?.data.validationUrl ?? "", "GET", {}, undefined)).status).toBe(404);
  });

  it.each([
    [{ url: "https://example.org/hook" }, /localhost/],
    [{ url: "http://169.254.169.254/" }, /localhost/],
    [{ url: "http://user@127.0.0.1/" }, /localhost/],
    [{ url: "file:///etc/passwd" }, /localhost/],
    [{ url: "hook" }, /absolute/],
    [{ url: "http://127.0.0.1/", schema: "other" as "eventGrid" }, /schema/],
  ])("refuses %j", async (subscription, message) => {
    await expect(emulator.subscribe(subscription)).rejects.toThrow(message);
  });

  it("leaves nothing under way at its end", async () => {
    await subscribe();
    answer = () => ({ status: 500 });
    await put("g");
    await clock.advance(0);
    await told(1);
    await emulator.close();
    await clock.advance(3_600_000);
    expect(received).toHaveLength(1);
  });
});

function first(body: Received["body"]): Delivered {
  return (Array.isArray(body) ? body[0] : body) as Delivered;
}
