import type { CheckAnswer, EngineCheck } from "../../../engine.js";
import { commandTimedOut, getPage, onceOver, Said, type CheckLimits } from "../../checks.js";
import type { DockerClient } from "../api/docker-client.js";
import { framesOf } from "../api/frames.js";

interface Addresses {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** Whether a run's address has ever answered this emulator. */
export interface Reach {
  isReached: boolean;
}

// Looks once whether a container is well: by a command in it, or by a request to the address that its group has on the
// engine's bridge, which this machine reaches if the engine runs on it as root, and the emulator not in a container. As long as
// nothing has come from there, silence may be the network's, and says nothing of the container.
export async function checkRun(client: DockerClient, id: string, holder: string, check: EngineCheck, limits: CheckLimits, reach: Reach): Promise<CheckAnswer> {
  try {
    if (check.kind === "exec") return await checkByCommand(client, id, check.command, limits);
    if (process.platform !== "linux") return { outcome: "unknown", detail: "httpGet probes need Docker on Linux, where containers have addresses that the emulator reaches" };
    const { NetworkSettings } = await client.call<Addresses>("GET", `/containers/${holder}/json`);
    const address = Object.values(NetworkSettings.Networks)[0]?.IPAddress;
    if (address === undefined || address === "") return { outcome: "unknown", detail: "the container has no address" };
    const { outcome, detail, isReached } = await getPage(check, address, limits);
    reach.isReached ||= isReached;
    return reach.isReached ? { outcome, detail } : { outcome: "unknown", detail: `${detail}; nothing has come from the container's address so far, which the emulator may not reach` };
  } catch (error) {
    // It has just ended, or the engine does not answer.
    return { outcome: "unknown", detail: error instanceof Error ? error.message : String(error) };
  }
}

// Docker cannot end a command that is late; it is left to itself until the container ends.
async function checkByCommand(client: DockerClient, id: string, command: readonly string[], limits: CheckLimits): Promise<CheckAnswer> {
  const { Id } = await client.call<{ Id: string }>("POST", `/containers/${id}/exec`, { body: { AttachStdout: true, AttachStderr: true, Cmd: command } });
  const socket = await client.hijack(`/exec/${Id}/start`, { Detach: false, Tty: false });
  let isLate = false as boolean;
  const release = onceOver(limits, () => {
    isLate = true;
    socket.destroy();
  });
  try {
    const said = new Said();
    for await (const { data } of framesOf(socket)) said.add(data);
    const { ExitCode } = await client.call<{ ExitCode: number | null }>("GET", `/exec/${Id}/json`);
    return said.answer(ExitCode);
  } catch (error) {
    if (isLate) return commandTimedOut(command, limits);
    throw error;
  } finally {
    release();
    socket.destroy();
  }
}
