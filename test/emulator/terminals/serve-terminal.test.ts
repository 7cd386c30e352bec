import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { arm, groupBody } from "../arm.js";

describe("exec and attach", () => {
  let emulator: Emulator;
  let say: (text: string) => void = () => undefined;
  beforeAll(async () => {
    const images = {
      talk: (c: { print(text: string): void; signal: AbortSignal }) =>
        new Promise<number>((resolve) => {
          say = (text) => c.print(text);
          c.signal.addEventListener("abort", () => resolve(0));
        }),
      quick: () => 0,
    };
    emulator = await startEmulator({ engine: scripted(images) });
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("talk") });
    await arm(emulator, "PUT", "containerGroups/ended", { body: groupBody("quick") });
  });
  afterAll(() => emulator.close());

  const ask = async (verb: "exec" | "attach", group = "g"): Promise<{ uri: string; password: string }> => {
    const body = verb === "exec" ? { body: { command: "sh", terminalSize: { rows: 24, cols: 80 } } } : {};
    const answer = await arm(emulator, "POST", `containerGroups/${group}/containers/main/${verb}`, body);
    expect(answer.status).toBe(200);
    return { uri: answer.body.webSocketUri, password: answer.body.password };
  };
  const opened = (socket: WebSocket): Promise<void> => new Promise((resolve, reject) => void socket.once("open", resolve).once("error", reject));
  const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once("close", resolve).on("error", () => undefined));
  const message = (socket: WebSocket): Promise<string> => new Promise((resolve) => socket.once("message", (data) => resolve((data as Buffer).toString())));

  it("runs a terminal whose first message is the password", async () => {
    const { uri, password } = await ask("exec");
    expect(uri).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/execstream\/sessionId\/[0-9a-f-]{36}\?api-version=1\.0&rows=24&cols=80$/);
    expect(password).toMatch(/\[\[EOM\]\]$/);
    const socket = new WebSocket(uri);
    await opened(socket);
    socket.send(password);
    const answer = message(socket);
    socket.send(Buffer.from("ls\r"));
    expect(await answer).toBe("ls\r");
    socket.close();
    await closed(socket);
  });

  it("sends the output from now on to the one who shows the password in a header", async () => {
    const { uri, password } = await ask("attach");
    const socket = new WebSocket(uri, { headers: { authorization: password } });
    await opened(socket);
    await new Promise((resolve) => setImmediate(resolve));
    const answer = message(socket);
    say("hello\n");
    expect(await answer).toBe("hello\n");
    socket.close();
    await closed(socket);
  });

  it("refuses a wrong password, a session that was used, and a web page", async () => {
    const wrong = await ask("exec");
    const socket = new WebSocket(wrong.uri);
    await opened(socket);
    socket.send("wrong");
    expect(await closed(socket)).toBe(1008);
    await expect(opened(new WebSocket(wrong.uri))).rejects.toThrow(/401/);
    const { uri, password } = await ask("attach");
    await expect(opened(new WebSocket(uri, { headers: { authorization: "wrong" } }))).rejects.toThrow(/401/);
    await expect(opened(new WebSocket(uri, { headers: { authorization: password }, origin: "https://evil.example" }))).rejects.toThrow(/401/);
  });

  it("answers 200 for a container that has ended, and closes the socket", async () => {
    const { uri, password } = await ask("exec", "ended");
    const socket = new WebSocket(uri);
    await opened(socket);
    socket.send(password);
    expect(await closed(socket)).toBe(1011);
  });

  it("is cut off when the emulator closes", async () => {
    const other = await startEmulator({ engine: scripted({ wait: (c) => c.sleep(1e9).then(() => 0) }) });
    await arm(other, "PUT", "containerGroups/g", { body: groupBody("wait") });
    const { webSocketUri, password } = (await arm(other, "POST", "containerGroups/g/containers/main/attach")).body;
    const socket = new WebSocket(webSocketUri, { headers: { authorization: password } });
    await opened(socket);
    const end = closed(socket);
    await other.close();
    expect(await end).toBe(1006);
  });

  it("refuses a stopped group", async () => {
    await arm(emulator, "POST", "containerGroups/g/stop");
    const answer = await arm(emulator, "POST", "containerGroups/g/containers/main/exec", { body: { command: "sh" } });
    expect(answer.body.error.code).toBe("ContainerGroupStopped");
  });
});
