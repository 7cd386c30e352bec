import { HttpRequest, InvocationContext, type EventGridEvent } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { eventGridHandler, httpHandler } from "aci-lifecycle/functions";
import { createSignalReceiver } from "aci-lifecycle/http";
import { poll, webhook, type Signal } from "aci-lifecycle";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { JOB, SECRET } from "../completion/calls.js";

const job = { ...JOB, groupName: `${nameBaseOf(jobHash(JOB.key))}-2` };
const strategy = webhook({ url: "https://jobs.example.com/callbacks", secret: SECRET, report: "container" });
const context = new InvocationContext();

describe("a receiver as a function", () => {
  it("takes a call through Microsoft's own request, byte for byte", async () => {
    const { environment = {} } = (await strategy.prepare?.(job)) ?? {};
    const { ACI_JOB_CALLBACK_URL: url, ACI_JOB_CALLBACK_TOKEN: token } = environment as Record<string, { secureValue: string }>;
    const handler = httpHandler(createSignalReceiver(strategy));
    const request = new HttpRequest({ method: "POST", url: url?.secureValue ?? "", headers: { authorization: `Bearer ${token?.secureValue ?? ""}` }, body: { string: '{"type":"job.started"}' } });
    expect(await handler(request, context)).toMatchObject({ status: 204 });
    const wrong = await handler(new HttpRequest({ method: "POST", url: url?.secureValue ?? "", body: { string: "{}" } }), context);
    expect(wrong).toMatchObject({ status: 401, headers: { "content-type": "application/json" } });
    expect(Buffer.from((wrong as { body: Uint8Array }).body).toString()).toBe('{"error":401}');
  });

  it("answers with all of its cookies, one of them as it is", async () => {
    const answer = async (...cookies: readonly string[]): Promise<unknown> =>
      httpHandler(() => Promise.resolve(new Response("x", { headers: [["x-more", "1"], ...cookies.map((cookie): [string, string] => ["set-cookie", cookie])] })))(new HttpRequest({ method: "GET", url: "http://localhost/" }), context);
    const one = "a=1; Path=/; Priority=High";
    expect(await answer(one)).toMatchObject({ status: 200, headers: { "set-cookie": one, "x-more": "1" } });
    const three = await answer("a=1=2%20%; Path=/; HttpOnly; secure; SameSite=lax; Partitioned", "b=%C3%A4 ; Domain=example.com; Max-Age=60; Expires=Thu, 01 Jan 2026 00:00:00 GMT; samesite=odd", "c=; Max-Age=soon; Expires=soon");
    expect(three).toMatchObject({ headers: { "x-more": "1" } });
    expect(three).toHaveProperty(
      "cookies",
      [
        { name: "a", value: "1=2%20%", path: "/", httpOnly: true, secure: true, sameSite: "Lax" },
        { name: "b", value: "ä", domain: "example.com", maxAge: 60, expires: new Date("2026-01-01T00:00:00Z") },
        { name: "c", value: "" },
      ],
    );
    expect(three).not.toHaveProperty(["headers", "set-cookie"]);
  });

  it("is refused at once where it is none", () => {
    expect(() => httpHandler(undefined as never)).toThrow(new TypeError("Expected `handler` to be a function, such as `createSignalReceiver()` makes, got undefined."));
    expect(() => eventGridHandler(poll() as never)).toThrow(new TypeError("Expected `strategy` to be one that `webhook()` makes, got object."));
    expect(() => eventGridHandler(undefined as never)).toThrow(TypeError);
  });

  it("takes events by a trigger", async () => {
    const told: Signal[] = [];
    const event = { id: "e1", subject: `/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups/${job.groupName}`, eventType: "Microsoft.Resources.ResourceWriteSuccess", data: {} };
    await eventGridHandler(strategy, { onSignal: (signal) => told.push(signal) })(event as unknown as EventGridEvent, context);
    expect(told).toMatchObject([{ kind: "changed", groupName: job.groupName }]);
  });
});
