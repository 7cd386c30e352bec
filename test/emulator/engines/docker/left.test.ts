import { describe, expect, it } from "vitest";
import { DockerError, type DockerClient } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { LABELS } from "../../../../src/emulator/engines/docker/labels.js";
import { removeUnknown } from "../../../../src/emulator/engines/docker/left/remove.js";
import { VirtualClock } from "../../../../src/internal/clock.js";

describe("removeUnknown", () => {
  // The paths that are deleted where the first delete is refused.
  async function deletedAfter(refusal: DockerError): Promise<string[]> {
    const volumes = [
      { Name: "known", Labels: { [LABELS.group]: "kept" } },
      { Name: "unknown", Labels: { [LABELS.group]: "left" } },
    ];
    const deletes: string[] = [];
    const call = (method: string, path: string): Promise<unknown> => {
      if (method === "GET") return Promise.resolve(path === "/volumes" ? { Volumes: volumes } : []);
      deletes.push(path);
      return deletes.length === 1 ? Promise.reject(refusal) : Promise.resolve(undefined);
    };
    await removeUnknown({ call } as unknown as DockerClient, { id: "s", clock: new VirtualClock(), state: { folder: "/state", groups: ["kept"] } });
    return deletes;
  }

  it("asks again for what is being removed by somebody else, and leaves what its state folder knows", async () => {
    expect(await deletedAfter(new DockerError(409, "volume is in use"))).toEqual(["/volumes/unknown", "/volumes/unknown"]);
  });

  it("takes for gone what somebody else has just removed, by whichever status, and fails by other mistakes of Docker", async () => {
    expect(await deletedAfter(new DockerError(404, "no such volume"))).toEqual(["/volumes/unknown"]);
    expect(await deletedAfter(new DockerError(500, "no volume with name unknown found in database: no such volume"))).toEqual(["/volumes/unknown"]);
    await expect(deletedAfter(new DockerError(500, "no space left on device"))).rejects.toThrow("no space left on device");
  });
});
