import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { isSigned, sign } from "../../src/completion/webhook/signature.js";

const key = Buffer.from("0123456789abcdef0123456789abcdef");
const peer = new Webhook(`whsec_${key.toString("base64")}`);
const body = JSON.stringify({ type: "job.ended", text: "ä" });
const now = Date.now();
const timestamp = String(Math.floor(now / 1000));

describe("a signature", () => {
  it("is what standardwebhooks makes and verifies", () => {
    const signature = sign(key, { id: "m", timestamp }, Buffer.from(body));
    expect(signature).toBe(peer.sign("m", new Date(now), body));
    expect(peer.verify(body, { "webhook-id": "m", "webhook-timestamp": timestamp, "webhook-signature": signature })).toEqual(JSON.parse(body));
  });

  it("may be one of several, while keys are changed", () => {
    const signature = `v1,AAAA v1a,x ${peer.sign("m", new Date(now), body)}`;
    expect(isSigned(key, { id: "m", timestamp, signature }, Buffer.from(body), now)).toBe(true);
    expect(isSigned(key, { id: "m", timestamp, signature: "v1,AAAA v1a,x" }, Buffer.from(body), now)).toBe(false);
  });

  it.each([[-300, true], [300, true], [-302, false], [302, false]])("is good %i s away: %s", (seconds, isGood) => {
    const at = String(Math.floor(now / 1000) + seconds);
    const signature = sign(key, { id: "m", timestamp: at }, Buffer.from(body));
    expect(isSigned(key, { id: "m", timestamp: at, signature }, Buffer.from(body), Math.floor(now / 1000) * 1000)).toBe(isGood);
  });
});
