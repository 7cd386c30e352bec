import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AciClient, runContainerJob, beginContainerJob, cancelContainerJob, findContainerJob, memoryStore, resumeContainerJob, startContainerJob, stepContainerJob, sweep, type AciClientOptions, type ContainerGroupSpec, type ContainerJobSpec, type JobRef, type JobStore, type RunContainerJobOptions } from "../../src/index.js";
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
    ["an input that is missing", { ...good, files: { inputs: { a: undefined } } }, /^Expected `files\.inputs\.a` to be an object, got `undefined`/u],
    ["files that are missing", { ...good, files: null }, /^Expected `files` to be an object, got `null`/u],
    ["an input that is a text", { ...good, files: { inputs: { a: "b" } } }, /`files\.inputs\.a` to be an object/u],
    ["an output that begins at the root", { ...good, files: { outputs: { a: "/b" } } }, /`files\.outputs\.a` to be a path or pattern below the job's folder/u],
    ["a place for files that is taken", { ...good, files: { mountPath: "/x" }, volumes: [{ name: "v", emptyDir: {} }], mounts: [{ volume: "v", path: "/x/" }] }, /`files` has this one/u],
    ["a variable that files have", { ...good, files: {}, sidecars: [{ name: "s", image: "x", environment: { ACI_JOB_FOLDER: "y" } }] }, /the name that `files` sets/u],
    ["a volume that files have", { ...good, files: {}, volumes: [{ name: "job-files", emptyDir: {} }] }, /volumes without the name that `files` has/u],
    ["a label of an address that is misspelt", { ...good, address: { dnslabel: "abc" } }, /^Expected `address` to have only known fields, got `dnslabel`\. Known are ports, dnsLabel, type\.$/u],
    ["an address that is a switch", { ...good, address: true }, /^Expected `address` to be an object, got `true` \(boolean\)\.$/u],
    ["a port of an address that is none", { ...good, address: { ports: [{ port: 0 }] } }, /^Expected `address\.ports\[0\]\.port` to be .*, got `0` \(number\)\.$/u],
    ["an identity that is a text", { ...good, identity: "system" }, /^Expected `identity` to be an object, got string\.$/u],
    ["an unknown field of an identity", { ...good, identity: { system: true } }, /`identity` to have only known fields, got `system`/u],
    ["an identity that is half a one", { ...good, identity: { isSystemAssigned: "yes" } }, /^Expected `identity\.isSystemAssigned` to be a boolean, got `"yes"` \(string\)\.$/u],
    ["identities that are one text", { ...good, identity: { userAssigned: "/a" } }, /`identity\.userAssigned` to be an array of strings/u],
    ["more of ARM that is a text", { ...good, arm: "x" }, /^Expected `arm` to be an object, got string\.$/u],
    ["more of ARM for the container that is a list", { ...good, containerArm: [] }, /^Expected `containerArm` to be an object, got array\.$/u],
    ["more of ARM for a sidecar that is a number", { ...good, sidecars: [{ name: "s", image: "x", arm: 1 }] }, /^Expected `sidecars\[0\]\.arm` to be an object, got `1` \(number\)\.$/u],
    ["a probe in Kubernetes' words", { ...good, livenessProbe: { http: { port: 80 } } }, /^Expected `livenessProbe` to have only known fields, got `http`\. Known are command, httpGet, /u],
    ["a probe with a misspelt period", { ...good, readinessProbe: { command: ["x"], periodInSecs: 5 } }, /`readinessProbe` to have only known fields, got `periodInSecs`/u],
    ["a probe of nothing", { ...good, livenessProbe: { periodInSeconds: 5 } }, /^Expected `livenessProbe` to have exactly one of `command` and `httpGet`\.$/u],
    ["a probe of two kinds", { ...good, livenessProbe: { command: ["x"], httpGet: { port: 80 } } }, /exactly one of `command` and `httpGet`/u],
    ["a probe at a path alone", { ...good, livenessProbe: { httpGet: { path: "/" } } }, /^Expected `livenessProbe\.httpGet\.port` to be .* got `undefined`/u],
    ["a probe with headers in a list", { ...good, livenessProbe: { httpGet: { port: 80, headers: [{ name: "a", value: "s3cr3t" }] } } }, /^Expected `livenessProbe\.httpGet\.headers` to be an object, got array\.$/u],
    ["a probe with a header that is no text", { ...good, livenessProbe: { httpGet: { port: 80, headers: { a: 1 } } } }, /^Expected `livenessProbe\.httpGet\.headers\.a` to be a string, got number\.$/u],
    ["a probe with a period that is a text", { ...good, sidecars: [{ name: "s", image: "x", livenessProbe: { command: ["x"], periodInSeconds: "5" } }] }, /^Expected `sidecars\[0\]\.livenessProbe\.periodInSeconds` to be a whole number of at least 1, got `"5"`/u],
    ["a port that is a number", { ...good, ports: [80] }, /^Expected `ports\[0\]` to be an object, got `80` \(number\)\.$/u],
    ["a port that is a text", { ...good, ports: [{ port: "80" }] }, /^Expected `ports\[0\]\.port` to be .*, got `"80"` \(string\)\.$/u],
    ["a port with an unknown field", { ...good, sidecars: [{ name: "s", image: "x", ports: [{ port: 80, name: "web" }] }] }, /^Expected `sidecars\[0\]\.ports\[0\]` to have only known fields, got `name`/u],
    ["ports that are one", { ...good, ports: 80 }, /^Expected `ports` to be an array, got number\.$/u],
    ["a mount with an unknown field", { ...good, volumes: [{ name: "a", emptyDir: {} }], mounts: [{ volume: "a", path: "/x", readOnly: true }] }, /^Expected `mounts\[0\]` to have only known fields, got `readOnly`/u],
    ["mounts that are an object", { ...good, mounts: { volume: "a", path: "/x" } }, /^Expected `mounts` to be an array, got object\.$/u],
    ["a log workspace with an unknown field", { ...good, logAnalytics: { workspace: "w", workspaceKey: key } }, /^Expected `logAnalytics` to have only known fields, got `workspace`/u],
    ["a log workspace without an id", { ...good, logAnalytics: { workspaceKey: key } }, /^Expected `logAnalytics\.workspaceId` to be a non-empty string/u],
    ["volumes that are an object", { ...good, volumes: { a: { secret: { b: key } } } }, /^Expected `volumes` to be an array, got object\.$/u],
    ["a volume that is missing", { ...good, volumes: [null] }, /^Expected `volumes\[0\]` to be an object, got `null`/u],
    ["a share with an unknown field", { ...good, volumes: [{ name: "a", azureFile: { account: "acct", share: "data", accountKey: key, readOnly: true } }] }, /^Expected `volumes\[0\]\.azureFile` to have only known fields, got `readOnly`/u],
    ["a repository that is a text", { ...good, volumes: [{ name: "a", gitRepo: "https://x.example" }] }, /^Expected `volumes\[0\]\.gitRepo` to be an object, got string\.$/u],
    ["an empty folder that is a switch", { ...good, volumes: [{ name: "a", emptyDir: true }] }, /^Expected `volumes\[0\]\.emptyDir` to be an object, got `true`/u],
    ["a secret volume without files", { ...good, volumes: [{ name: "a", secret: "s3cr3t" }] }, /^Expected `volumes\[0\]\.secret` to be an object, got string\.$/u],
    ["sidecars that are an object", { ...good, sidecars: { a: { image: "x" } } }, /^Expected `sidecars` to be an array, got object\.$/u],
    ["a sidecar that is missing", { ...good, sidecars: [undefined] }, /^Expected `sidecars\[0\]` to be an object, got `undefined`/u],
    ["init containers that are an object", { ...good, initContainers: {} }, /^Expected `initContainers` to be an array, got object\.$/u],
    ["registries that are an object", { ...good, registries: {} }, /^Expected `registries` to be an array, got object\.$/u],
    ["a registry with an unknown field", { ...good, registries: [{ server: "r", user: "u", password: key }] }, /^Expected `registries\[0\]` to have only known fields, got `user`/u],
    ["a registry without a user", { ...good, registries: [{ server: "r", password: key }] }, /^Expected `registries\[0\]\.username` to be a non-empty string/u],
    ["an environment that is a list", { ...good, environment: ["A=s3cr3t"] }, /^Expected `environment` to be an object, got array\.$/u],
    ["locations in the place of one", { ...good, location: ["westeurope"] }, /^Expected `location` to be a non-empty string, got `\[ 'westeurope' \]` \(array\)\.$/u],
    ["a location without a name", { ...good, location: "" }, /^Expected `location` to be a non-empty string, got `""`/u],
    ["a subnet that is an object", { ...good, subnetId: { id: "x" } }, /`subnetId` to be a non-empty string/u],
    ["a tag that is a number", { ...good, tags: { a: 1 } }, /^Expected `tags\.a` to be a string of at most 256 characters, got `1` \(number\)\.$/u],
    ["tags that are a list", { ...good, tags: ["a"] }, /^Expected `tags` to be an object, got array\.$/u],
    ["a spec that is JSON", '{"image":"x","environment":{"A":"s3cr3t"}}', /^Expected `spec` to be an object, got string\.$/u],
    ["no spec", undefined, /^Expected `spec` to be an object, got `undefined` \(undefined\)\.$/u],
    ["nothing", null, /`spec` to be an object, got `null` \(null\)/u],
  ])("is refused at once: %s", async (_name, spec, message) => {
    const azure = new FakeAzure();
    const error: unknown = await runContainerJob(azure.client(), spec as ContainerJobSpec).catch((thrown: unknown) => thrown);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error)).not.toContain("s3cr3t");
    expect(azure.requests).toEqual([]);
  });

  it.each([{ a: 1 }, { b: undefined }])("is a TypeError where the type is wrong: tags %o", async (tags) => {
    await expect(runContainerJob(new FakeAzure().client(), { ...good, tags } as unknown as ContainerJobSpec)).rejects.toThrow(TypeError);
  });

  it.each([[80], [{ port: "80" }], [undefined]].map((ports) => ({ ports })))("is a TypeError where the type is wrong: %o", async (more) => {
    await expect(runContainerJob(new FakeAzure().client(), { ...good, ...more } as unknown as ContainerJobSpec)).rejects.toThrow(TypeError);
  });

  it("is not what a spec leaves out, or says to be none", () => {
    const plain = { identity: {}, address: {}, arm: {}, ports: [], mounts: [], volumes: [], sidecars: [], registries: [], tags: {}, environment: {} };
    const probes = { livenessProbe: { command: ["true"], initialDelayInSeconds: 0 }, readinessProbe: { httpGet: { port: 80, path: "/", scheme: "http", headers: { a: "b" } } } } as const;
    const nothing = Object.fromEntries([...Object.keys(plain), ...Object.keys(probes), "location", "subnetId", "containerArm", "logAnalytics", "initContainers"].map((field) => [field, undefined]));
    for (const more of [plain, probes, nothing]) expect(() => beginContainerJob(new FakeAzure().client(), { ...good, ...more })).not.toThrow();
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
    // Who takes a job up has not created it: the waits of its poller have signals of their own.
    await expect(resumeContainerJob(client, job, { abortSignal: new AbortController().signal } as never)).rejects.toThrow("`options` to have only known fields, got `abortSignal`");
    await expect(stepContainerJob(client, job, null as never)).rejects.toThrow("`options` to be an object");
    await expect(stepContainerJob(client, job, { signals: {} as never })).rejects.toThrow("`signals` to be an array, got object");
    await expect(cancelContainerJob(client, job, { reason: 5 as never })).rejects.toThrow("`reason` to be a string, got `5`");
    const poller = beginContainerJob(client, good);
    await expect(poller.poll({ abortSignal })).rejects.toThrow("`abortSignal` to be an AbortSignal");
    await expect(poller.pollUntilDone({ abortSignal })).rejects.toThrow("`abortSignal` to be an AbortSignal");
    for (const options of [null, { timeoutInMs: 5 }] as never[]) {
      await expect(poller.poll(options)).rejects.toThrow(/^Expected `options` to /u);
      await expect(poller.pollUntilDone(options)).rejects.toThrow(/^Expected `options` to /u);
    }
    expect(() => poller.onProgress(5 as never)).toThrow("Expected `listener` to be a function, got number.");
    await expect(sweep(client, { abortSignal })).rejects.toThrow("`abortSignal` to be an AbortSignal");
  });

  it("is refused where files have no file store", async () => {
    await expect(runContainerJob(new FakeAzure().client(), { ...good, files: {} })).rejects.toThrow("Expected `fileStore` to be given where the spec has `files`.");
  });

  it.each<[string, unknown, RegExp]>([
    ["a key", "nightly", /^Expected `job` to be a handle of this library or \{ key \}, got string\.$/u],
    ["JSON", '{"kind":"aci-lifecycle/job","version":1,"key":"k","spec":"s3cr3t"}', /^Expected `job` to be a handle of this library or \{ key \}, got string: what `serialize\(\)` has given goes through `JSON\.parse\(\)` first\.$/u],
    ["nothing", undefined, /^Expected `job` to be a handle of this library or \{ key \}, got undefined\.$/u],
    ["null", null, /`job` to be a handle of this library or \{ key \}, got null\.$/u],
    ["a list", [{ key: "k" }], /`job` to be a handle of this library or \{ key \}, got array\.$/u],
    ["an object without a key", {}, /`job\.key` to be a non-empty string/u],
  ])("is refused where %s is given for a job", async (_name, job, message) => {
    const azure = new FakeAzure();
    const client = azure.client();
    for (const refused of [resumeContainerJob(client, job as JobRef), stepContainerJob(client, job as JobRef), cancelContainerJob(client, job as JobRef)]) {
      const error: unknown = await refused.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).not.toContain("s3cr3t");
    }
    expect(azure.requests).toEqual([]);
  });

  it("is refused where client and spec are swapped, or missing", async () => {
    const client = new FakeAzure().client() as unknown as ContainerJobSpec;
    const message = /^Expected `client` to be an AciClient of this copy of aci-lifecycle .*, got object\.$/u;
    const spec = good as unknown as AciClient;
    await expect(runContainerJob(spec, client)).rejects.toThrow(message);
    await expect(startContainerJob(spec, client)).rejects.toThrow(message);
    expect(() => beginContainerJob(spec, client)).toThrow(message);
    await expect(findContainerJob(undefined as unknown as AciClient, "k")).rejects.toThrow(/`client` to be an AciClient.*got undefined\./u);
    for (const job of [resumeContainerJob, stepContainerJob, cancelContainerJob]) await expect(job({ key: "k" } as unknown as AciClient, client as unknown as JobRef)).rejects.toThrow(message);
  });

  it("is refused where a client or a job is something else", async () => {
    await expect(runContainerJob(JSON.parse("{}") as AciClient, good)).rejects.toThrow("Expected `client` to be an AciClient of this copy of aci-lifecycle (another one is there where the package is loaded twice: as ESM and CommonJS, or in two versions), got object.");
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
    [{ owner: "" }, /^Expected `owner` to be a non-empty string, got `""` \(string\)\.$/u],
    [{ requestBudget: 10 }, /^Expected `requestBudget` to be a RequestBudget of this copy of aci-lifecycle, or "unlimited", got `10` \(number\)\.$/u],
    [{ requestBudget: "none" }, /^Expected `requestBudget` .* got `"none"` \(string\)\.$/u],
    [{ endpoint: "localhost:80" }, /^Expected `endpoint` to be an http or https URL without a query or a user, got `"localhost:"` \(string\)\.$/u],
    [{ endpoint: "https://user:s3cr3t@x.example" }, /^Expected `endpoint` to be .*, got `"https:\/\/x\.example"` \(string\)\.$/u],
    [{ endpoint: "https://x.example/a?sig=s3cr3t" }, /^Expected `endpoint` to be .*, got `"https:\/\/x\.example"` \(string\)\.$/u],
    [{ location: 1 }, /`location`/u],
    [{ region: "x" }, /got `region`/u],
    [{ onEvent: 5 }, /^Expected `onEvent` to be a function, got number\.$/u],
    [{ credential: "s3cr3t" }, /^Expected `credential` to be a TokenCredential, such as `@azure\/identity` has, got string\.$/u],
    [{ endpoint: "here" }, /`endpoint` to be an absolute URL, got `"here"` \(string\)/u],
    [{ endpoint: "http://example.org" }, /`endpoint` to be an https URL/u],
  ])("is refused by its constructor: %j", (more, message) => {
    expect(() => new AciClient({ ...options, ...more } as AciClientOptions)).toThrow(message);
  });

  it("is refused where there are no options", () => {
    expect(() => new AciClient(undefined as unknown as AciClientOptions)).toThrow(/^Expected `options` to be an object, got `undefined` \(undefined\)\.$/u);
    expect(() => AciClient.fromEnvironment(null as unknown as AciClientOptions)).toThrow(/^Expected `options` to be an object, got `null`/u);
  });

  it("is refused where the environment has nothing", () => {
    vi.stubEnv("AZURE_SUBSCRIPTION_ID", "");
    expect(() => AciClient.fromEnvironment()).toThrow("AZURE_SUBSCRIPTION_ID");
    expect(AciClient.fromEnvironment(options)).toBeInstanceOf(AciClient);
    vi.stubEnv("ACI_EMULATOR_TOKEN", undefined);
    expect(() => AciClient.fromEnvironment({ ...options, credential: undefined, endpoint: "http://127.0.0.1:4711" })).toThrow("ACI_EMULATOR_TOKEN");
  });

  it.each<[unknown, RegExp]>([
    [{ name: "A", containers: [{ name: "c", image: "x" }] }, /`name`.*got `"A"`/u],
    [{ name: "a", containers: [] }, /`containers` to be at least one container/u],
    [{ name: "a", containers: [{ name: "c", image: "x", cpu: -1 }] }, /^Expected `containers\[0\]\.cpu` to/u],
    [{ name: "a", containers: [{ name: "c", image: "x" }], initContainers: [{ name: "c", image: "x" }] }, /^Expected `initContainers\[0\]\.name` to be a name that no other container has, got `"c"`/u],
    [{ name: "a", containers: [{ name: "c", image: "x", mounts: [{ volume: "v", path: "/x" }] }] }, /^Expected `containers\[0\]\.mounts\[0\]\.volume` to/u],
    [{ name: "a", containers: [{ name: "c", image: "x" }], restart: 1 }, /got `restart`/u],
    [{ name: "a", containers: [{ name: "c", image: "x" }], restartPolicy: 1 }, /^Expected `restartPolicy` to be a non-empty string, got `1`/u],
    [undefined, /^Expected `spec` to be an object, got `undefined`/u],
    [{ name: "a" }, /^Expected `containers` to be an array, got undefined\.$/u],
    [{ name: "a", containers: { name: "c", image: "x" } }, /^Expected `containers` to be an array, got object\.$/u],
    [{ name: "a", containers: [null] }, /^Expected `containers\[0\]` to be an object, got `null`/u],
    [{ name: "a", containers: [{ name: "c", image: "x", arm: "y" }] }, /^Expected `containers\[0\]\.arm` to be an object/u],
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
    ["exec", { size: { rows: 5 } }, /^Expected `size\.columns` to be a whole number of at least 1, got `undefined` \(undefined\)\.$/u],
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

  it.each([undefined, "ls", [5], { 0: "ls", length: 1 }])("is refused by exec for a command: %o", async (command) => {
    await expect(new FakeAzure().client().exec("g", command as never)).rejects.toThrow("Expected `command` to be an array of strings");
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
