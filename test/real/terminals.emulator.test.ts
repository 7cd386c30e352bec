import type { AciClient } from "aci-lifecycle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Emulator } from "aci-lifecycle/emulator";
import { ENGINES, IMAGE, startReal } from "./engines.js";

describe.each(ENGINES)("a terminal on the %s engine", (engine) => {
  let emulator: Emulator;
  let client: AciClient;
  beforeAll(async () => {
    ({ emulator, client } = await startReal(engine));
    await client.create({
      name: "server",
      restartPolicy: "Never",
      containers: [
        { name: "first", image: IMAGE, command: ["sh", "-c", "n=0; while true; do echo tick $n; n=$((n+1)); sleep 0.2; done"], cpu: 0.5, memoryInGB: 0.5 },
        { name: "second", image: IMAGE, command: ["sleep", "1000"], environment: { WHO: "second" }, cpu: 0.5, memoryInGB: 0.5 },
      ],
    });
    while (!(await client.get("server")).containers.every(({ currentState }) => currentState?.state === "Running")) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  afterAll(() => emulator.close());

  it("runs a command and gives its output", async () => {
    await using session = await client.exec("server", ["echo", "from", "exec"]);
    expect(await session.text()).toBe("from exec\n");
  });

  it("runs a script from standard input in the container that is named", async () => {
    await using session = await client.exec("server", ["sh"], { container: "second", stdin: "stty -echo 2>/dev/null; PS1=''\necho who=$WHO\nexit\n" });
    expect(await session.text()).toContain("who=second\n");
  });

  it("takes input as it is typed", async () => {
    await using session = await client.exec("server", ["cat"]);
    await session.write("typed\n");
    let seen = "";
    for await (const part of session.output) {
      seen += Buffer.from(part).toString();
      if (seen.includes("typed")) break;
    }
    expect(seen).toContain("typed");
  });

  it("attaches to the output from now on", async () => {
    await using session = await client.attach("server");
    let seen = "";
    for await (const part of session.output) {
      seen += Buffer.from(part).toString();
      if (seen.split("\n").length > 2) break;
    }
    expect(seen).toMatch(/tick \d+/);
  });

  it("tells that a group is not there, or has been stopped", async () => {
    await expect(client.exec("nobody", ["ls"])).rejects.toMatchObject({ code: "ACI_NOT_FOUND" });
    await client.create({ name: "stopped", restartPolicy: "Never", containers: [{ name: "c", image: IMAGE, command: ["sleep", "100"], cpu: 0.5, memoryInGB: 0.5 }] });
    while ((await client.get("stopped")).provisioningState !== "Succeeded") await new Promise((resolve) => setTimeout(resolve, 50));
    await client.stop("stopped");
    await expect(client.exec("stopped", ["ls"])).rejects.toMatchObject({ serviceCode: "ContainerGroupStopped" });
  });
});
