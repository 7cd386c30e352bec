import { Duplex, Readable } from "node:stream";
import { expect, it } from "vitest";
import { DockerError, type DockerClient } from "../../../../../src/emulator/engines/docker/api/docker-client.js";
import { DockerMetadata } from "../../../../../src/emulator/engines/docker/metadata/docker-metadata.js";
import { VirtualClock } from "../../../../../src/internal/clock.js";

const metadata = (): { status: number; body: object } => ({ status: 200, body: {} });
const LISTENS = Buffer.from([1, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]);

// An engine on which every relay ends once it listens, or cannot be started at all.
function engine(canStart: boolean): { client: DockerClient; made: number[]; left: Set<string>; clock: VirtualClock } {
  const clock = new VirtualClock();
  const made: number[] = [];
  const left = new Set<string>();
  const began = clock.now();
  const call = async (method: string, path: string): Promise<object> => {
    if (path === "/containers/create") {
      made.push((clock.now() - began) / 1000);
      left.add(`/containers/${made.length}`);
      return { Id: String(made.length) };
    }
    if (path.endsWith("/start") && !canStart) throw new DockerError(500, "no more addresses");
    if (method === "DELETE") left.delete(path);
    return {};
  };
  return { client: { call, hijack: async () => Duplex.from(Readable.from([LISTENS])) } as unknown as DockerClient, made, left, clock };
}

it("starts a relay that ends again, later each time, while a group with identity is there, and leaves no container behind", async () => {
  const { client, made, left, clock } = engine(true);
  const service = new DockerMetadata(client, "network", {}, clock);
  service.take("with", metadata);
  service.take("without", undefined);
  expect(await service.serve()).toBe("served");
  await clock.advance(200_000);
  expect(made).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 123.5, 183.5]);
  expect([...left]).toEqual([]);
  service.release("with");
  await clock.advance(600_000);
  expect(made).toHaveLength(11);
});

it("waits for nothing any more when it is closed, and starts none without a group that has an identity", async () => {
  const { client, made, clock } = engine(true);
  const service = new DockerMetadata(client, "network", {}, clock);
  service.take("without", undefined);
  await service.serve();
  await clock.advance(0);
  expect([made, clock.nextWakeAt]).toEqual([[0], undefined]);
  service.take("with", metadata);
  await service.serve();
  await clock.advance(0);
  expect(clock.nextWakeAt).toBeDefined();
  await service.close();
  expect(clock.nextWakeAt).toBeUndefined();
  expect(await service.serve()).toMatchObject({ problem: expect.any(String) as string });
  expect(made).toHaveLength(2);
});

it("removes a relay that could not be started", async () => {
  const { client, made, left, clock } = engine(false);
  const service = new DockerMetadata(client, "network", {}, clock);
  service.take("with", metadata);
  expect(await service.serve()).toEqual({ problem: expect.stringContaining("no more addresses") as string });
  expect([made.length, left.size]).toEqual([1, 0]);
});
