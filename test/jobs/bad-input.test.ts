import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AciClient, runContainerJob, beginContainerJob, memoryStore, resumeContainerJob, stepContainerJob, sweep, type AciClientOptions, type ContainerGroupSpec, type ContainerJobSpec, type JobStore, type RunContainerJobOptions } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const good = { image: "alpine:3" };
const key = { secureValue: "s3cr3t" };

describe("bad input to runContainerJob", () => {
  it.each<[string, unknown, RegExp]>([
    ["no image", {}, /^Expected `image` to be a non-empty string, got `undefined` \(undefined\)\.$/u],
    ["cpu 0", { ...good, cpu: 0 }, /^Expected `cpu` to be a number greater than 0, got `0` \(number\)\.$/u],
    ["cpu as text", { ...good, cpu: "1" }, /^Expected `cpu` .* got `"1"` \(string\)/u],
    ["memory 0.05", { ...good, memoryInGB: 0.05 }, /^Expected `memoryInGB` to be a number of at least 0\.1, got `0\.05` \(number\)\.$/u],
    ["an unknown field", { ...good, memory: 1 }, /^Expected `spec` to have only known fields, got `memory`\. Known are /u],
    ["a wrong container name", { ...good, containerName: "Main_1" }, /^Expected `containerName` to be 1 to 63 lower-case letters.*got `"Main_1"`/u],
    ["a name that is too long", { ...good, containerName: "a".repeat(64) }, /1 to 63/u],
    ["an environment name with =", { ...good, environment: { "A=B": "c" } }, /^Expected `environment` .* got `"A=B"`/u],
    ["a secret that is none", { ...good, environment: { KEY: { secureValue: 42 } } }, /^Expected `environment\.KEY` to be a string, \{ secret: name \} or \{ secureValue: value \}, got object/u],
    ["two volumes on one path", { ...good, volumes: [{ name: "a", emptyDir: {} }, { name: "b", emptyDir: {} }], mounts: [{ volume: "a", path: "/x" }, { volume: "b", path: "/x/" }] }, /^Expected `mounts\[1\]\.path` to be a path with one volume, got `"\/x\/"`/u],
    ["a mount of no volume", { ...good, mounts: [{ volume: "a", path: "/x" }] }, /^Expected `mounts\[0\]\.volume` to be the name of one of `volumes`, got `"a"`/u],
    ["a path with a colon", { ...good, volumes: [{ name: "a", emptyDir: {} }], mounts: [{ volume: "a", path: "/x:y" }] }, /an absolute path without a colon/u],
    ["a relative path", { ...good, volumes: [{ name: "a", emptyDir: {} }], mounts: [{ volume: "a", path: "x" }] }, /an absolute path/u],
    ["a volume of two kinds", { ...good, volumes: [{ name: "a", emptyDir: {}, secret: {} }] }, /exactly one kind/u],
    ["a repository that is no URL", { ...good, volumes: [{ name: "a", gitRepo: { repository: "here" } }] }, /`volumes\[0\]\.gitRepo\.repository` to be an absolute URL, got `"here"`/u],
    ["a share that cannot be", { ...good, volumes: [{ name: "a", azureFile: { account: "acct", share: "../etc", accountKey: key } }] }, /`volumes\[0\]\.azureFile\.share`.*got `"\.\.\/etc"`/u],
    ["a secret file name that leaves its folder", { ...good, volumes: [{ name: "a", secret: { "..": key } }] }, /`volumes\[0\]\.secret`/u],
    ["two containers of one name", { ...good, sidecars: [{ name: "main", image: "x" }] }, /^Expected `sidecars\[0\]\.name` to be a name that no other container has, got `"main"`/u],
    ["a wrong sidecar name", { ...good, sidecars: [{ name: "s", image: "x" }, { name: "Bad_Name", image: "x" }] }, /^Expected `sidecars\[1\]\.name` to be 1 to 63/u],
    ["a sidecar with an unknown field", { ...good, sidecars: [{ name: "s", image: "x", args: [] }] }, /^Expected `sidecars\[0\]` to have only known fields, got `args`/u],
    ["a mount of an init container", { ...good, initContainers: [{ name: "i", image: "x", mounts: [{ volume: "v", path: "/x" }] }] }, /^Expected `initContainers\[0\]\.mounts\[0\]\.volume` to/u],
    ["arguments without a command", { ...good, args: ["x"] }, /`args` to be given together with `command`/u],
    ["a command that is one text", { ...good, command: "ls -l" }, /`command` to be an array of strings, got `"ls -l"`/u],
    ["a port that cannot be", { ...good, ports: [{ port: 70000 }] }, /ports from 1 to 65535, got `70000`/u],
    ["a tag of ours", { ...good, tags: { "aci-lifecycle-owner": "me" } }, /`aci-lifecycle-`/u],
    ["a tag that is too long", { ...good, tags: { a: "b".repeat(257) } }, /at most 256 characters/u],
    ["resources of an init container", { ...good, initContainers: [{ name: "i", image: "x", cpu: 1 }] }, /`initContainers\[0\]` to have only known fields, got `cpu`/u],
    ["a registry without a server", { ...good, registries: [{ server: "", username: "u", password: key }] }, /`registries\[0\]\.server`/u],
    ["a plain registry password", { ...good, registries: [{ server: "r", username: "u", password: "s3cr3t" }] }, /`registries\[0\]\.password`.*got string/u],
    ["files that are a list", { ...good, files: [] }, /`files` to be an object/u],
    ["an input that leads out of its folder", { ...good, files: { inputs: { "a/../../b": { text: "" } } } }, /`files\.inputs` to be an object whose names are paths below the job's folder, got `"a\/\.\.\/\.\.\/b"`/u],
    ["an input of two kinds", { ...good, files: { inputs: { a: { text: "", localPath: "b" } } } }, /`files\.inputs\.a` to be \{ localPath \} or \{ text \}/u],
    ["an input that is a text", { ...good, files: { inputs: { a: "b" } } }, /`files\.inputs\.a` to be an object/u],
    ["an output that begins at the root", { ...good, files: { outputs: { a: "/b" } } }, /`files\.outputs\.a` to be a path or pattern below the job's folder/u],
    ["a place for files that is taken", { ...good, files: { mountPath: "/x" }, volumes: [{ name: "v", emptyDir: {} }], mounts: [{ volume: "v", path: "/x/" }] }, /`files` has this one/u],
    ["a variable that files have", { ...good, files: {}, sidecars: [{ name: "s", image: "x", environment: { ACI_JOB_FOLDER: "y" } }] }, /the name that `files` sets/u],
    ["a volume that files have", { ...good, files: {}, volumes: [{ name: "job-files", emptyDir: {} }] }, /volumes without the name that `files` has/u],
    ["nothing", null, /`spec` to be an object, got `null` \(null\)/u],
  ])("is refused at once: %s", async (_name, spec, message) => {
    const azure = new FakeAzure();
    const error: unknown = await runContainerJob(azure.client(), spec as ContainerJobSpec).catch((thrown: unknown) => thrown);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error)).not.toContain("s3cr3t");
    expect(azure.requests).toEqual([]);
  });

  it.each<[unknown, RegExp]>([
    [{ runTimeoutInMs: -1 }, /^Expected `runTimeoutInMs` to be a number greater than 0, got `-1` \(number\)\.$/u],
    [{ startTimeoutInMs: "1" }, /`startTimeoutInMs`/u],
    [{ timeout: 1 }, /`options` to have only known fields, got `timeout`/u],
    [{ doneWhen: "sidecar" }, /^Expected `doneWhen` to be "main", "all", \{ container \} or \{ logLine, container\? \}, got `"sidecar"` \(string\)\.$/u],
    [{ doneWhen: 3 }, /`doneWhen` to be "main", "all",.* got `3` \(number\)/u],
    [{ doneWhen: null }, /`doneWhen` to be an object, got `null`/u],
    [{ doneWhen: {} }, /`doneWhen` to be "main",.* got `\{\}` \(object\)/u],
    [{ doneWhen: { line: "x" } }, /`doneWhen` to have only known fields, got `line`/u],
    [{ doneWhen: { container: "" } }, /`doneWhen\.container` to be a non-empty string/u],
    [{ doneWhen: { container: "other" } }, /^Expected `doneWhen\.container` to be one of the containers of the spec, main, got `"other"` \(string\)\.$/u],
    [{ doneWhen: { logLine: "" } }, /`doneWhen\.logLine` to be a non-empty string or a regular expression, got `""`/u],
    [{ doneWhen: { logLine: { source: "x" } } }, /`doneWhen\.logLine` to be a non-empty string or a regular expression/u],
    [{ doneWhen: { logLine: "one\ntwo" } }, /`doneWhen\.logLine` to be a text without line breaks/u],
    [{ doneWhen: { logLine: "x".repeat(243) } }, /`doneWhen\.logLine` to be short enough for a tag, 256 characters as JSON/u],
    [{ doneWhen: { logLine: new RegExp("x".repeat(300)) } }, /`doneWhen\.logLine` to be short enough for a tag.*got `"\/xxx/u],
    [{ keep: "sometimes" }, /`keep` to be one of never, onFailure, always/u],
    [{ outputFolder: 1 }, /`outputFolder` to be a non-empty string/u],
    [{ fileStore: {} }, /^Expected `fileStore` to be a FileStore, such as `azureFiles\(\)` makes, got object\.$/u],
    [{ fileStore: "s3cr3t" }, /^Expected `fileStore` to be a FileStore, .* got string\.$/u],
    [{ runTimeoutInMs: Infinity }, /^Expected `runTimeoutInMs` to be a number greater than 0, got `Infinity` \(number\)\.$/u],
    [{ runTimeoutInMs: 5n }, /got `5n` \(bigint\)/u],
    [{ abortSignal: new AbortController() }, /^Expected `abortSignal` to be an AbortSignal, such as the `signal` of an AbortController, got object\.$/u],
    [{ detachSignal: 5 }, /^Expected `detachSignal` to be an AbortSignal, .* got number\.$/u],
    [{ store: "./jobs" }, /^Expected `store` to be a JobStore, such as `folderStore\(\)` makes, got string\.$/u],
    [{ logSink: () => undefined }, /^Expected `logSink` to be an object with `write\(lines\)`, got function\.$/u],
    [{ onEvent: 5 }, /^Expected `onEvent` to be a function, got number\.$/u],
    [{ secrets: { token: "s3cr3t" } }, /^Expected `secrets` to be a function, got object\.$/u],
    [{ reject: "never" }, /^Expected `reject` to be a boolean, got `"never"` \(string\)\.$/u],
    [{ store: memoryStore() }, /`key` to be a string where `store` is given/u],
  ])("is refused among its options: %o", async (options, message) => {
    const error: unknown = await runContainerJob(new FakeAzure().client(), good, options as RunContainerJobOptions).catch((thrown: unknown) => thrown);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error)).not.toContain("s3cr3t");
    expect(() => beginContainerJob(new FakeAzure().client(), good, options as RunContainerJobOptions)).toThrow(message);
  });

  it("is refused where a job is carried on, and where a wait for it is", async () => {
    const client = new FakeAzure().client();
    const abortSignal = new AbortController() as unknown as AbortSignal;
    const job = { key: "k" };
    await expect(resumeContainerJob(client, job, { store: "./jobs" as unknown as JobStore })).rejects.toThrow("`store` to be a JobStore");
    await expect(stepContainerJob(client, job, { abortSignal })).rejects.toThrow("`abortSignal` to be an AbortSignal");
    const poller = beginContainerJob(client, good);
    await expect(poller.poll({ abortSignal })).rejects.toThrow("`abortSignal` to be an AbortSignal");
    await expect(poller.pollUntilDone({ abortSignal })).rejects.toThrow("`abortSignal` to be an AbortSignal");
    await expect(sweep(client, { abortSignal })).rejects.toThrow("`abortSignal` to be an AbortSignal");
  });

  it("is refused where files have no file store", async () => {
    await expect(runContainerJob(new FakeAzure().client(), { ...good, files: {} })).rejects.toThrow("Expected `fileStore` to be given where the spec has `files`.");
  });

  it("is refused where a client or a job is something else", async () => {
    await expect(runContainerJob(JSON.parse("{}") as AciClient, good)).rejects.toThrow("Expected `client` to be an AciClient of this copy of aci-lifecycle (another one is there where the package is loaded twice: as ESM and CommonJS, or in two versions).");
    await expect(resumeContainerJob(new FakeAzure().client(), { key: "" })).rejects.toThrow("`job.key`");
    await expect(resumeContainerJob(new FakeAzure().client(), { kind: "aci-lifecycle/job", version: 99, key: "k" })).rejects.toThrow("`job.version` to be 1, got `99`");
  });
});

describe("bad input to AciClient", () => {
  afterEach(() => vi.unstubAllEnvs());
  const options: AciClientOptions = { subscriptionId: "s", resourceGroup: "r", location: "l" };

  it.each<[Partial<Record<keyof AciClientOptions | "region", unknown>>, RegExp]>([
    [{ subscriptionId: undefined }, /^Expected `subscriptionId` to be a non-empty string, got `undefined` \(undefined\)\.$/u],
    [{ resourceGroup: "" }, /`resourceGroup`/u],
    [{ location: 1 }, /`location`/u],
    [{ region: "x" }, /got `region`/u],
    [{ onEvent: 5 }, /^Expected `onEvent` to be a function, got number\.$/u],
    [{ credential: "s3cr3t" }, /^Expected `credential` to be a TokenCredential, such as `@azure\/identity` has, got string\.$/u],
    [{ endpoint: "here" }, /`endpoint` to be an absolute URL, got `"here"` \(string\)/u],
    [{ endpoint: "http://example.org" }, /`endpoint` to be an https URL/u],
  ])("is refused by its constructor: %j", (more, message) => {
    expect(() => new AciClient({ ...options, ...more } as AciClientOptions)).toThrow(message);
  });

  it("is refused where the environment has nothing", () => {
    vi.stubEnv("AZURE_SUBSCRIPTION_ID", "");
    expect(() => AciClient.fromEnvironment()).toThrow("AZURE_SUBSCRIPTION_ID");
    expect(AciClient.fromEnvironment(options)).toBeInstanceOf(AciClient);
  });

  it.each<[unknown, RegExp]>([
    [{ name: "A", containers: [{ name: "c", image: "x" }] }, /`name`.*got `"A"`/u],
    [{ name: "a", containers: [] }, /`containers` to be at least one container/u],
    [{ name: "a", containers: [{ name: "c", image: "x", cpu: -1 }] }, /^Expected `containers\[0\]\.cpu` to/u],
    [{ name: "a", containers: [{ name: "c", image: "x" }], initContainers: [{ name: "c", image: "x" }] }, /^Expected `initContainers\[0\]\.name` to be a name that no other container has, got `"c"`/u],
    [{ name: "a", containers: [{ name: "c", image: "x", mounts: [{ volume: "v", path: "/x" }] }] }, /^Expected `containers\[0\]\.mounts\[0\]\.volume` to/u],
    [{ name: "a", containers: [{ name: "c", image: "x" }], restart: 1 }, /got `restart`/u],
  ])("is refused by create", async (spec, message) => {
    await expect(new FakeAzure().client().create(spec as ContainerGroupSpec)).rejects.toThrow(message);
  });
});

describe("bad input to the methods of AciClient", () => {
  const methods: Readonly<Record<string, (client: AciClient, options: never) => Promise<unknown>>> = {
    create: (client, options) => client.create({ name: "a", containers: [{ name: "c", image: "x" }] }, options),
    get: (client, options) => client.get("g", options),
    list: (client, options) => client.list(options).next(),
    awaitCompletion: (client, options) => client.awaitCompletion("g", options),
    collectLogs: (client, options) => client.collectLogs("g", options),
    followLogs: (client, options) => client.followLogs("g", options).next(),
    exec: (client, options) => client.exec("g", ["sh"], options),
    attach: (client, options) => client.attach("g", options),
    start: (client, options) => client.start("g", options),
    stop: (client, options) => client.stop("g", options),
    restart: (client, options) => client.restart("g", options),
    delete: (client, options) => client.delete("g", options),
  };
  const cases: readonly [method: string, options: unknown, message: RegExp][] = [
    ["awaitCompletion", { timeout: 500 }, /^Expected `options` to have only known fields, got `timeout`\. Known are abortSignal, container, timeoutInMs, onProgress\.$/u],
    ["awaitCompletion", { timeoutInMs: "5" }, /^Expected `timeoutInMs` to be a number greater than 0, got `"5"` \(string\)\.$/u],
    ["awaitCompletion", { container: 3 }, /^Expected `container` to be a non-empty string, got `3` \(number\)\.$/u],
    ["awaitCompletion", { onProgress: true }, /^Expected `onProgress` to be a function, got boolean\.$/u],
    ["delete", { timeout: 5 }, /got `timeout`/u],
    ["collectLogs", { tail: "5" }, /^Expected `tail` to be a whole number of at least 1, got `"5"` \(string\)\.$/u],
    ["collectLogs", { tail: -1 }, /^Expected `tail` to be a whole number of at least 1, got `-1` \(number\)\.$/u],
    ["followLogs", { tail: 1.5 }, /^Expected `tail` to be a whole number of at least 1, got `1\.5` \(number\)\.$/u],
    ["followLogs", { container: "" }, /`container`/u],
    ["attach", { container: [] }, /`container`/u],
    ["exec", { size: 5 }, /^Expected `size` to be an object, got `5` \(number\)\.$/u],
    ["exec", { tty: "yes" }, /^Expected `tty` to be a boolean, got `"yes"` \(string\)\.$/u],
    ["create", { secrets: { token: "s3cr3t" } }, /^Expected `secrets` to be a function, got object\.$/u],
    ...Object.keys(methods).flatMap((method): (typeof cases)[number][] => [
      [method, { abortsignal: undefined }, /got `abortsignal`/u],
      [method, { abortSignal: 5 }, /`abortSignal` to be an AbortSignal/u],
      [method, null, /^Expected `options` to be an object, got `null` \(null\)\.$/u],
    ]),
  ];

  it.each(cases)("is refused by %s among its options: %o", async (method, options, message) => {
    const azure = new FakeAzure();
    const error: unknown = await methods[method]?.(azure.client(), options as never).catch((thrown: unknown) => thrown);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect(azure.requests).toEqual([]);
  });

  it.each(["get", "awaitCompletion", "collectLogs", "followLogs", "attach", "start", "stop", "restart", "delete"] as const)("is refused by %s for a name", async (method) => {
    const azure = new FakeAzure();
    const client = azure.client();
    for (const name of [undefined, "", { name: "g" }]) {
      const asked = client[method](name as string);
      await expect("next" in asked ? asked.next() : asked).rejects.toThrow("Expected `groupName` to be a non-empty string");
    }
    expect(azure.requests).toEqual([]);
  });
});
