import { expect, it } from "vitest";
import { MountError } from "../../../../src/emulator/engine.js";
import type { DockerClient, DockerRequest } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { cloneInto } from "../../../../src/emulator/engines/docker/git-clone.js";
import { VirtualClock } from "../../../../src/internal/clock.js";

it("gives a clone ten minutes in all, two CPUs and 2 GB, and leaves neither container nor timer", async () => {
  const clock = new VirtualClock();
  const left = new Set<string>();
  const sizes: unknown[] = [];
  const ended: (() => void)[] = [];
  const client = {
    call: async (method: string, path: string, { body }: DockerRequest = {}) => {
      const { HostConfig } = (body ?? {}) as { HostConfig?: { Memory: number; CpuQuota: number; CpuPeriod: number } };
      if (HostConfig !== undefined) {
        sizes.push([HostConfig.Memory / 1024 ** 3, HostConfig.CpuQuota / HostConfig.CpuPeriod]);
        left.add(`/containers/${sizes.length}`);
        return { Id: String(sizes.length) };
      }
      if (path.endsWith("/wait")) await new Promise<void>((resolve) => ended.push(resolve));
      if (method === "DELETE") left.delete(path);
      return { StatusCode: 0 };
    },
  } as unknown as DockerClient;
  const clone = cloneInto(client, { name: "code", kind: "gitRepo", repository: "https://example.org/r.git", revision: "main" }, "source", {}, { image: "git", network: "n", linkLocal: undefined, isPodman: false, abortSignal: undefined, clock });
  const failed = clone.catch((error: unknown) => error);
  await clock.advance(400_000);
  ended.splice(0).forEach((end) => end());
  await clock.advance(199_999);
  expect(left.size).toBe(1);
  await clock.advance(1);
  const error = await failed;
  expect(error).toBeInstanceOf(MountError);
  expect(error).toMatchObject({ canRetry: true, message: "Failed to mount gitRepo Volume 'code': it was not cloned within 10 minutes" });
  expect(sizes).toEqual([[2, 2], [2, 2]]);
  expect([left.size, clock.nextWakeAt]).toEqual([0, undefined]);
});
