import { describe, expect, it } from "vitest";
import { DockerError, type DockerClient } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { LABELS } from "../../../../src/emulator/engines/docker/labels.js";
import { removeUnknown } from "../../../../src/emulator/engines/docker/left/remove.js";
import { VirtualClock } from "../../../../src/internal/clock.js";

describe("removeUnknown", () => {
  it("asks again for what is being removed by somebody else, and leaves what its state folder knows", async () => {
    const volumes = [
      { Name: "known", Labels: { [LABELS.group]: "kept" } },
      { Name: "unknown", Labels: { [LABELS.group]: "left" } },
    ];
    const deletes: string[] = [];
    const call = (method: string, path: string): Promise<unknown> => {
      if (method === "GET") return Promise.resolve(path === "/volumes" ? { Volumes: volumes } : []);
      deletes.push(path);
      return deletes.length === 1 ? Promise.reject(new DockerError(409, "volume is in use")) : Promise.resolve(undefined);
    };
    await removeUnknown({ call } as unknown as DockerClient, { id: "s", clock: new VirtualClock(), state: { folder: "/state", groups: ["kept"] } });
    expect(deletes).toEqual(["/volumes/unknown", "/volumes/unknown"]);
  });
});
