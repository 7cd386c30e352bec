import { describe, expect, it, vi } from "vitest";
import type { ContainerGroupSpec, LogLine } from "../../src/index.js";
import { FakeAzure } from "../jobs/fake-azure.js";

const group = (name: string): ContainerGroupSpec => ({ name, containers: [{ name: "one", image: "alpine:3" }] });

describe("create", () => {
  it("resolves as soon as Azure has accepted the group, and never touches one that is there", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    expect(await client.create(group("a"))).toMatchObject({ groupName: "a", location: "westeurope" });
    await expect(client.create(group("a"))).rejects.toMatchObject({ code: "ACI_NAME_CONFLICT" });
    expect(azure.puts).toHaveLength(1);
  });

  it("takes the group for created where only the answer was lost, and says so where the request was", async () => {
    const azure = new FakeAzure();
    azure.after = (verb) => {
      if (verb === "put") throw azure.fault({ transport: "ECONNRESET" });
    };
    expect(await azure.client().create(group("a"))).toMatchObject({ groupName: "a" });
    azure.after = () => undefined;
    azure.before = (verb) => {
      if (verb === "put") throw azure.fault({ transport: "ECONNRESET" });
    };
    await expect(azure.client().create(group("b"))).rejects.toMatchObject({ transport: "ECONNRESET", mayHaveStarted: true });
    expect(azure.requests.filter((verb) => verb === "put")).toHaveLength(2);
  });

  it("resolves secrets by name", async () => {
    const azure = new FakeAzure();
    const spec = { ...group("a"), volumes: [{ name: "keys", secret: { "k.pem": { secret: "pem" } } }] };
    await azure.client().create(spec, { secrets: async (name) => `the ${name}` });
    expect(azure.puts[0]?.volumes).toEqual([{ name: "keys", secret: { "k.pem": { secureValue: "the pem" } } }]);
  });
});

describe("delete", () => {
  it("takes a group that is not there for gone when two looks and a list miss it", async () => {
    const azure = new FakeAzure();
    await azure.until(azure.client().delete("nothing"));
    expect(azure.requests).toEqual(["delete", "get", "get", "list"]);
  });

  it("takes the service's word that it has deleted a group after one look", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    await client.create(group("a"));
    azure.requests.length = 0;
    await client.delete("a");
    expect(azure.requests).toEqual(["delete", "get"]);
  });

  it.each([2, 3])("deletes a group that the first %i requests do not find", async (blind) => {
    const azure = new FakeAzure();
    const client = azure.client();
    await client.create(group("a"));
    azure.requests.length = 0;
    azure.before = (verb) => {
      if (azure.requests.length <= blind && verb !== "list") throw azure.fault({ statusCode: 404, serviceCode: "ResourceNotFound" });
    };
    await azure.until(client.delete("a"));
    expect(azure.groups.size).toBe(0);
    expect(azure.requests.filter((verb) => verb === "delete")).toHaveLength(2);
  });

  it("sends the delete again for a group that only a list shows", async () => {
    const azure = new FakeAzure();
    azure.deletesInMs = 15_000;
    const client = azure.client();
    await client.create(group("a"));
    azure.before = (verb) => {
      if (verb === "get") throw azure.fault({ statusCode: 404, serviceCode: "ResourceNotFound" });
    };
    await azure.until(client.delete("a"));
    expect(azure.groups.size).toBe(0);
    expect(azure.requests.filter((verb) => verb === "delete").length).toBeGreaterThan(1);
  });

  it("takes a group for gone with its resource group, but not where there never was one", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    await client.create(group("a"));
    azure.deletesInMs = 5000;
    azure.before = (verb) => {
      if (verb !== "delete") throw azure.fault({ statusCode: 404, serviceCode: "ResourceGroupNotFound" });
    };
    await azure.until(client.delete("a"));
    azure.before = () => {
      throw azure.fault({ statusCode: 404, serviceCode: "ResourceGroupNotFound" });
    };
    await expect(client.delete("a")).rejects.toMatchObject({ serviceCode: "ResourceGroupNotFound" });
  });

  it("waits until a delete that was only accepted is seen to be done, by two looks and a list", async () => {
    const azure = new FakeAzure();
    azure.deletesInMs = 15_000;
    const client = azure.client();
    await client.create(group("a"));
    azure.requests.length = 0;
    await azure.until(client.delete("a"));
    expect(azure.groups.size).toBe(0);
    expect(azure.requests.slice(-3)).toEqual(["get", "get", "list"]);
    expect(azure.requests.filter((verb) => verb === "delete")).toHaveLength(2);
  });

  it("says what is still there when the time is over", async () => {
    const azure = new FakeAzure();
    azure.deletesInMs = 3_600_000;
    const client = azure.client();
    await client.create(group("a"));
    const deleting = client.delete("a", { timeoutInMs: 20_000 });
    await expect(azure.until(deleting)).rejects.toMatchObject({ name: "CleanupError", code: "ACI_CLEANUP_FAILED", resourceId: "/groups/a" });
  });
});

describe("list", () => {
  it("goes through all pages", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    for (const name of ["a", "b", "c"]) await client.create(group(name));
    const names: string[] = [];
    for await (const { groupName } of client.list()) names.push(groupName);
    expect(names).toEqual(["a", "b", "c"]);
  });
});

describe("awaitCompletion", () => {
  it("answers the last state, whatever the exit code", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 9;
    const client = azure.client();
    await client.create(group("a"));
    const seen: (string | undefined)[] = [];
    const done = await azure.until(client.awaitCompletion("a", { onProgress: ({ snapshot }) => seen.push(snapshot.containers[0]?.currentState?.state) }));
    expect(done.containers[0]?.currentState).toMatchObject({ state: "Terminated", exitCode: 9 });
    expect([...new Set(seen)]).toEqual(["Waiting", "Running", "Terminated"]);
  });

  it.each<[string, () => unknown]>([["at once", () => { throw new Error("the log is down"); }], ["later", async () => Promise.reject(new Error("the log is down"))]])("goes on though whom it tells fails %s", async (_name, fail) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const azure = new FakeAzure();
      const client = azure.client();
      await client.create(group("a"));
      expect((await azure.until(client.awaitCompletion("a", { onProgress: fail }))).containers[0]?.currentState?.state).toBe("Terminated");
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("stops waiting after its time, or when it is aborted, and leaves the group alone", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    const client = azure.client();
    await client.create(group("a"));
    await expect(azure.until(client.awaitCompletion("a", { timeoutInMs: 60_000 }))).rejects.toThrow("timed out after 60000 ms");
    const controller = new AbortController();
    const waiting = client.awaitCompletion("a", { abortSignal: controller.signal });
    waiting.catch(() => undefined);
    await azure.clock.advance(5000);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(azure.clock.nextWakeAt).toBeUndefined();
    expect(azure.groups.size).toBe(1);
  });
});

describe("a container that a group does not have", () => {
  const initialized = (azure: FakeAzure): void => {
    azure.look = (snapshot) => ({ ...snapshot, initContainers: snapshot.containers.map((container) => ({ ...container, containerName: "init" })) });
  };

  it.each(["awaitCompletion", "followLogs"] as const)("is not waited for by %s", async (method) => {
    const azure = new FakeAzure();
    initialized(azure);
    const client = azure.client();
    await client.create(group("a"));
    const asked = method === "followLogs" ? client.followLogs("a", { container: "nope" }).next() : client.awaitCompletion("a", { container: "nope" });
    await expect(azure.until<unknown>(asked)).rejects.toMatchObject({ code: "ACI_NOT_FOUND", resourceId: "/groups/a", message: expect.stringContaining('Container group "a" has no container "nope", only one, init') as string });
    expect(azure.requests.filter((verb) => verb === "readLogs")).toEqual([]);
  });

  it("is not taken for one that comes before the others", async () => {
    const azure = new FakeAzure();
    initialized(azure);
    const client = azure.client();
    await client.create(group("a"));
    expect(await azure.until(client.awaitCompletion("a", { container: "init" }))).toMatchObject({ groupName: "a" });
    const lines: LogLine[] = [];
    for await (const line of client.followLogs("a", { container: "init" })) lines.push(line);
    expect(lines).toMatchObject([{ containerName: "init", text: "hello" }]);
  });
});

describe("followLogs", () => {
  it("yields each line once until the container has ended, and marks what is missing", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    await client.create(group("a"));
    const windows = ["", "1 a\n1 a\n", "1 a\n1 a\n2 b\n", "8 h\n9 i\n", "8 h\n9 i\n"];
    let reads = 0;
    azure.before = (verb) => {
      if (verb === "readLogs") azure.log = windows[Math.min(reads++, windows.length - 1)] ?? "";
    };
    const lines: LogLine[] = [];
    const following = (async () => {
      for await (const line of client.followLogs("a")) lines.push(line);
    })();
    await azure.until(following);
    expect(lines.map(({ text, isGap }) => (isGap === true ? "gap" : text))).toEqual(["1 a", "1 a", "2 b", "gap", "8 h", "9 i"]);
  });

  it("waits for a log that is not there yet", async () => {
    const azure = new FakeAzure();
    const client = azure.client();
    await client.create(group("a"));
    let isEarly = true;
    azure.before = (verb) => {
      if (verb !== "readLogs" || !isEarly) return;
      isEarly = false;
      throw azure.fault({ statusCode: 409, serviceCode: "ContainerGroupDeploymentNotReady" });
    };
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const first = client.followLogs("a").next();
      await vi.advanceTimersByTimeAsync(20_000);
      expect((await azure.until(first)).value).toMatchObject({ text: "hello" });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("start, stop and restart", () => {
  it("wait for Azure's operation, and say why it failed", async () => {
    const azure = new FakeAzure();
    const client = azure.client({ requestBudget: "unlimited" });
    await client.start("a");
    await client.stop("a");
    await client.restart("a");
    expect(azure.requests).toEqual(["start", "awaitOperation", "stop", "restart"]);
    azure.operation = { status: "Failed", events: [] };
    await expect(client.start("a")).rejects.toThrow('Container group "a" did not start: Failed');
  });
});
