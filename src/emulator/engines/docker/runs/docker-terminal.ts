import type { EngineTerminal } from "../../../engine.js";
import type { DockerClient } from "../api/docker-client.js";
import { framesOf } from "../api/frames.js";

// Starts a process with a terminal in a running container.
export async function execIn(client: DockerClient, id: string, { command, rows, columns }: { readonly command: readonly string[]; readonly rows: number; readonly columns: number }): Promise<EngineTerminal> {
  const body = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true, Cmd: command };
  const { Id } = await client.call<{ Id: string }>("POST", `/containers/${id}/exec`, { body });
  const socket = await client.hijack(`/exec/${Id}/start`, { Detach: false, Tty: true });
  if (rows > 0 && columns > 0) await client.call("POST", `/exec/${Id}/resize`, { query: { h: rows, w: columns } }).catch(() => undefined);
  return {
    output: socket,
    write: (data) => void socket.write(data),
    close() {
      // Docker leaves the process running when the connection ends, so it is told to end first.
      socket.end(Buffer.from([0x03, 0x04]));
    },
  };
}

// The output of a container from now on. Read from its log: an attached reader that is slow would hold it up.
export async function followOutput(client: DockerClient, id: string): Promise<EngineTerminal> {
  const response = await client.stream("GET", `/containers/${id}/logs`, { query: { stdout: 1, stderr: 1, follow: 1, tail: 0 } });
  return {
    output: (async function* () {
      for await (const { data } of framesOf(response)) yield data;
    })(),
    write: () => undefined,
    close: () => void response.destroy(),
  };
}
