import { spawnSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { lastBytes } from "../../../src/emulator/engines/docker/api/frames.js";
import { reasonOf } from "../../../src/emulator/engines/docker/api/images.js";
import { elf } from "../../../src/emulator/engines/docker/api/infra-image.js";
import { tar } from "../../../src/emulator/engines/docker/api/tar.js";

function frames(...frames: readonly (readonly [number, string])[]): PassThrough {
  const stream = new PassThrough();
  for (const [channel, text] of frames) {
    const head = Buffer.alloc(8);
    head[0] = channel;
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    // In two pieces, as the network may cut it.
    const whole = Buffer.concat([head, Buffer.from(text)]);
    stream.write(whole.subarray(0, 5));
    stream.write(whole.subarray(5));
  }
  stream.end();
  return stream;
}

describe("lastBytes", () => {
  it("joins the streams in the order of their frames and keeps the end", async () => {
    const text = await lastBytes(frames([1, "one\n"], [2, "two\n"], [1, "three\n"]), { isStamped: false, maxBytes: 10 });
    expect(text.toString()).toBe("two\nthree\n");
  });

  it("stamps a long line once, though it comes in several frames", async () => {
    const at = "2026-01-01T00:00:00.000000001Z";
    const text = await lastBytes(frames([1, `${at} long `], [2, `${at} err\n`], [1, `${at} line\n`]), { isStamped: true, maxBytes: 1000 });
    expect(text.toString()).toBe(`${at} long ${at} err\nline\n`);
  });

  it("stays within its bounds for much more output than it keeps", async () => {
    const many = Array.from({ length: 1000 }, (_, i) => [1, `${String(i).padStart(9, "0")}\n`] as const);
    const text = await lastBytes(frames(...many), { isStamped: false, maxBytes: 100 });
    expect(text.toString()).toBe(many.slice(-10).map(([, line]) => line).join(""));
  });
});

describe("reasonOf", () => {
  it.each([
    ["manifest for r not found: manifest unknown: manifest unknown", "inaccessible"],
    ["unauthorized: authentication required", "inaccessible"],
    ["no basic auth credentials", "inaccessible"],
    ["denied", "inaccessible"],
    ["invalid reference format: repository name must be lowercase", "inaccessible"],
    ["dial tcp 127.0.0.1:1: connect: connection refused", "registry"],
    ["no such host", "registry"],
    ["net/http: request canceled (Client.Timeout exceeded while awaiting headers)", "registry"],
    ["toomanyrequests: You have reached your pull rate limit", "registry"],
    ["received unexpected HTTP status: 503 Service Unavailable", "registry"],
  ] as const)("takes %j for %s", (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });
});

describe("what is made by hand for Docker", () => {
  it("is a tar archive that tar would take", () => {
    const archive = tar([
      { name: "seed", mode: 0o777 },
      { name: "seed/a", mode: 0o444, data: Buffer.from("hello") },
    ]);
    expect(archive.length).toBe(512 * 5);
    expect(archive.subarray(257, 262).toString()).toBe("ustar");
    const sum = archive.subarray(0, 512).reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
    expect(parseInt(archive.subarray(148, 154).toString(), 8)).toBe(sum);
  });

  it.runIf(process.platform === "linux")("keeps long names apart, as tar itself finds", () => {
    // Lengths around which the record's own length gets one more digit, too.
    const names = [98, 99, 100, 101, 150, 253].flatMap((length) => ["a", "b"].map((end) => `seed/${"n".repeat(length - 6)}${end}`));
    const archive = tar([{ name: "seed", mode: 0o777 }, ...names.map((name) => ({ name, mode: 0o444, data: Buffer.from(name) }))]);
    const listed = spawnSync("tar", ["-t"], { input: archive }).stdout.toString().trim().split("\n");
    expect(listed).toEqual(["seed", ...names]);
    for (const name of names) expect(spawnSync("tar", ["-xO", name], { input: archive }).stdout.toString()).toBe(name);
  });

  it("is a program of one segment that begins at its code", () => {
    const program = elf(0x3e, [0x90]);
    expect(program.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
    expect(program.readBigUInt64LE(24)).toBe(0x400000n + 120n);
    expect(program.length).toBe(121);
  });
});
