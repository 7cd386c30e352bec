import { describe, expect, it } from "vitest";
import { readGroupBody } from "../../../src/emulator/body/group-body.js";
import { checkJob } from "../../../src/jobs/spec/check-job.js";
import { checkRetryPolicy } from "../../../src/jobs/options/retry-policy.js";
import { jobOptionsFromPod, jobSpecFromPod, serverSpecFromPod } from "../../../src/pools/from-pod/from-pod.js";
import { PodManifestError } from "../../../src/pools/from-pod/manifest-error.js";
import { problemsOf } from "../../azure/spec/problems-of.js";
import { bodyOf, cases, specOf } from "./cases.js";

const problemsIn = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof PodManifestError) return error.problems.map(({ path, text }) => `${path}: ${text}`);
    throw error;
  }
  return [];
};

const pod = (spec: object, metadata: object = { name: "p" }): string => JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "c", image: "busybox" }], ...spec } });

describe("a manifest", () => {
  it("is one of at least forty", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    expect(new Set(cases.map(({ about }) => about)).size).toBe(cases.length);
    for (const { about, body, problems } of cases) expect([about, body === undefined]).toEqual([about, problems !== undefined]);
  });

  it.each(cases.filter(({ body }) => body !== undefined))("becomes a group: $about", (one) => {
    const spec = specOf(one);
    const body = bodyOf(spec, one.use);
    expect(body).toEqual(one.body);
    expect(problemsOf(body, { $ref: "#/definitions/ContainerGroup" })).toEqual([]);
    // The emulator reads a body by a table of its own.
    expect(() => readGroupBody(body)).not.toThrow();
    if (one.use === "job") {
      expect(() => {
        checkJob(spec);
      }).not.toThrow();
    }
    // A spec is JSON, so that it can be stored and sent.
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  it.each(cases.filter(({ problems }) => problems !== undefined))("is refused with every reason: $about", (one) => {
    expect(problemsIn(() => specOf(one))).toEqual(one.problems);
  });

  it.each(cases.filter(({ problems }) => problems !== undefined))("is never refused with the value of a secret: $about", ({ manifest, sources, use }) => {
    const said = problemsIn(() => specOf({ manifest, sources: sources ?? {}, use })).join("\n");
    const secrets = Object.values(typeof sources?.secrets === "object" ? sources.secrets : {}).flatMap((values) => Object.values(values));
    for (const secret of secrets.filter((value) => value.length > 2)) expect(said).not.toContain(secret);
  });

  it("may be an object, as a client of Kubernetes has it", () => {
    const manifest = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", creationTimestamp: new Date(0) }, spec: { containers: [{ name: "c", image: "busybox", env: undefined, args: null }] } };
    expect(jobSpecFromPod(manifest as never)).toEqual({ containerName: "c", image: "busybox" });
  });

  it("may be JSON, with a byte order mark, comments and empty documents around it, or a list", () => {
    expect(jobSpecFromPod(`\uFEFF${pod({})}`)).toEqual({ containerName: "c", image: "busybox" });
    expect(jobSpecFromPod(`# a comment\n---\n---\n${pod({})}\n---\n# nothing\n`)).toEqual({ containerName: "c", image: "busybox" });
    expect(jobSpecFromPod({ apiVersion: "v1", kind: "List", items: [JSON.parse(pod({}))] })).toEqual({ containerName: "c", image: "busybox" });
  });

  it("is refused where it is not readable, is nothing with pods, or is two", () => {
    expect(problemsIn(() => jobSpecFromPod("a: [1, 2\nb: 3"))[0]).toMatch(/^: /u);
    expect(problemsIn(() => jobSpecFromPod("a: 1\na: 2"))).toEqual([": is not YAML at line 2, column 1 (DUPLICATE_KEY)"]);
    expect(problemsIn(() => jobSpecFromPod('b:\n- { c: 1, "c": 2, c: 3 }\n---\nd: 1\ne: 2\nd: 1'))).toEqual(["line 2, column 11", "line 2, column 19", "line 6, column 1"].map((place) => `: is not YAML at ${place} (DUPLICATE_KEY)`));
    expect(problemsIn(() => jobSpecFromPod(""))).toEqual([": has 0 of Pod, Job, CronJob, Deployment, ReplicaSet, StatefulSet, and must have one"]);
    expect(problemsIn(() => jobSpecFromPod(`${pod({})}\n---\n${pod({})}`))).toEqual([": has 2 of Pod, Job, CronJob, Deployment, ReplicaSet, StatefulSet, and must have one"]);
    expect(problemsIn(() => serverSpecFromPod("apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: d}"))[0]).toContain("DaemonSet/d: only Pod, Job");
    expect(problemsIn(() => jobSpecFromPod({ apiVersion: "v2", kind: "Pod", spec: { containers: [{ name: "c", image: "i" }] } }))).toEqual(["apiVersion: is not one of v1"]);
    expect(problemsIn(() => jobSpecFromPod({ apiVersion: "batch/v1", kind: "Job", spec: {} }))).toEqual(["spec: has no pod"]);
    expect(problemsIn(() => jobSpecFromPod({ apiVersion: "v1", kind: "Pod", spec: {} }))).toEqual(["spec.containers: is missing"]);
  });

  it.each([undefined, null, 5, [{ apiVersion: "v1", kind: "Pod" }]])("is refused where it is neither a text nor an object: %o", (manifest) => {
    for (const translate of [jobSpecFromPod, serverSpecFromPod, jobOptionsFromPod]) {
      expect(() => translate(manifest as never)).toThrow(/^Expected `manifest` to be YAML or JSON, or what it says as an object, got (?:array|`.*` \((?:undefined|null|number)\))\.$/u);
      expect(() => translate(manifest as never)).toThrow(TypeError);
    }
  });

  it("is refused where the group that it makes is wrong, two containers of one name for instance", () => {
    const twice = { name: "c", image: "i" };
    expect(problemsIn(() => jobSpecFromPod(pod({ containers: [twice, twice] })))).toEqual([': Expected `containers[1].name` to be a name that no other container has, got `"c"` (string).']);
  });

  it("may use anchors and merge keys", () => {
    const text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - &base {name: a, image: i, command: [run]}\n  - {<<: *base, name: b}";
    expect(jobSpecFromPod(text)).toEqual({ containerName: "a", image: "i", command: ["run"], sidecars: [{ name: "b", image: "i", command: ["run"] }] });
  });

  it("cannot grow by its own aliases", () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]", ..."bcdefgh".split("").map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh".charAt(i)}`).join(",")}]`)].join("\n");
    expect(problemsIn(() => jobSpecFromPod(bomb))[0]).toContain("alias");
  });

  describe("whose variables refer to each other", () => {
    const TOO_MUCH = "all references up to here stand for more than 4000000 characters";
    // Each variable is ten times the one before it, which is 40 characters in the beginning.
    const growing = (count: number, first: object): readonly object[] => [{ name: "A0", ...first }, ...Array.from({ length: count - 1 }, (_, i) => ({ name: `A${i + 1}`, value: `$(A${i})`.repeat(10) }))];
    const forty = { value: "a".repeat(40) };

    it("cannot grow by them, in the environment or in a command", () => {
      expect(problemsIn(() => jobSpecFromPod(pod({ containers: [{ name: "c", image: "i", env: growing(7, forty) }] })))).toEqual([`spec.containers[0].env[5].value: ${TOO_MUCH}`]);
      const command = { name: "c", image: "i", command: ["run", "$(A4)".repeat(10)], args: ["$(A0)"] };
      expect(problemsIn(() => jobSpecFromPod(pod({ containers: [{ ...command, env: growing(5, forty) }] })))).toEqual([`spec.containers[0].command[1]: ${TOO_MUCH}`]);
    });

    it("cannot grow by one text that refers to one many times", () => {
      const env = [{ name: "A", value: "a".repeat(400) }, { name: "B", value: "$(A)".repeat(10_001) }];
      expect(problemsIn(() => jobSpecFromPod(pod({ initContainers: [{ name: "i", image: "i", env }], containers: [{ name: "c", image: "i" }] })))).toEqual([`spec.initContainers[0].env[1].value: ${TOO_MUCH}`]);
    });

    it("cannot grow by the number of its containers", () => {
      const container = (name: string): object => ({ name, image: "i", env: growing(5, forty), command: ["$(A4)".repeat(4)] });
      expect(problemsIn(() => jobSpecFromPod(pod({ containers: ["c", "d"].map(container) })))).toEqual([`spec.containers[1].command[0]: ${TOO_MUCH}`]);
    });

    it("never shows a secret that is too much", () => {
      const sources = { secrets: { s: { key: "s3cr3t-s3cr3t" } } };
      const env = growing(7, { valueFrom: { secretKeyRef: { name: "s", key: "key" } } });
      expect(problemsIn(() => jobSpecFromPod(pod({ containers: [{ name: "c", image: "i", env }] }), sources))).toEqual([`spec.containers[0].env[6].value: ${TOO_MUCH}`]);
    });

    it("has what is not too much, and as much as it likes without references", () => {
      const env = [{ name: "A", value: "a".repeat(400) }, { name: "B", value: "$(A)".repeat(10_000) }, { name: "C", value: "c".repeat(5_000_000) }];
      expect(jobSpecFromPod(pod({ containers: [{ name: "c", image: "i", env }] })).environment).toEqual({ A: "a".repeat(400), B: "a".repeat(4_000_000), C: "c".repeat(5_000_000) });
    });
  });

  it("is read as Kubernetes reads YAML: octal modes, `on` for true, dates and times as text", () => {
    const files = (mode: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostNetwork: off\n  containers:\n  - {name: c, image: i, tty: no, env: [{name: T, value: 12:30:00}, {name: D, value: 2026-01-02}, {name: P, value: .}, {name: E, value: 1e3}]}\n  volumes: [{name: files, configMap: {name: m, defaultMode: ${mode}}}]`;
    const sources = { configMaps: { m: { a: "b" } } };
    expect(jobSpecFromPod(files("0644"), sources).environment).toEqual({ T: "12:30:00", D: "2026-01-02", P: ".", E: "1e3" });
    expect(problemsIn(() => jobSpecFromPod(files("0640"), sources))).toEqual(["spec.volumes[0].configMap.defaultMode: ACI sets no modes of files"]);
    expect(problemsIn(() => jobSpecFromPod(pod({}).replace("busybox", "x")))).toEqual([]);
  });

  it("may have a secret that is no text only where nobody needs it", () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { bytes: Buffer.from([0xff, 0xfe]).toString("base64"), text: Buffer.from("hello").toString("base64") } };
    const using = (key: string): string => `${JSON.stringify(secret)}\n---\n${pod({ containers: [{ name: "c", image: "i", env: [{ name: "V", valueFrom: { secretKeyRef: { name: "s", key } } }] }] })}`;
    expect(jobSpecFromPod(using("text")).environment).toEqual({ V: { secureValue: "hello" } });
    expect(problemsIn(() => jobSpecFromPod(using("bytes")))).toEqual(['spec.containers[0].env[0].valueFrom.secretKeyRef: "bytes" of the secret "s" is not text, and ACI takes text only']);
  });

  it("may name secrets that come as references, with the text's own for their keys", () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { user: "u", password: "p" } };
    const text = `${JSON.stringify(secret)}\n---\n${pod({ containers: [{ name: "c", image: "i", envFrom: [{ secretRef: { name: "s" } }] }] }, { name: "p", namespace: "shop" })}`;
    expect(jobSpecFromPod(text, { secrets: "byName" }).environment).toEqual({ user: { secret: "shop/s/user" }, password: { secret: "shop/s/password" } });
    expect(jobSpecFromPod(text, { secrets: "byName", namespace: "other" }).environment).toEqual({ user: { secret: "other/s/user" }, password: { secret: "other/s/password" } });
  });

  it("has secrets of the namespace that the sources say", () => {
    const secret = (namespace: string): string => JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace }, stringData: { user: `of ${namespace}` } });
    const using = (metadata: object): string => [pod({ containers: [{ name: "c", image: "i", envFrom: [{ secretRef: { name: "s" } }] }] }, metadata), secret("staging"), secret("prod")].join("\n---\n");
    expect(jobSpecFromPod(using({ name: "p" }), { namespace: "staging" }).environment).toEqual({ user: { secureValue: "of staging" } });
    expect(jobSpecFromPod(using({ name: "p", namespace: "prod" }), { namespace: "staging" }).environment).toEqual({ user: { secureValue: "of staging" } });
    expect(jobSpecFromPod(using({ name: "p", namespace: "staging" }), { secrets: "byName" }).environment).toEqual({ user: { secret: "staging/s/user" } });
  });

  it("may name the account of a share, whose key is then known by name", () => {
    const share = (storageAccount: string): string => pod({ volumes: [{ name: "share", csi: { driver: "file.csi.azure.com", volumeAttributes: { shareName: "media", secretName: "s", storageAccount } } }] });
    expect(jobSpecFromPod(share("acct"), { secrets: "byName" }).volumes).toEqual([{ name: "share", azureFile: { account: "acct", share: "media", accountKey: { secret: "default/s/azurestorageaccountkey" } } }]);
    expect(problemsIn(() => jobSpecFromPod(share(""), { secrets: "byName" }))[0]).toContain("spec.volumes[0].csi.volumeAttributes: the account is in the secret");
  });

  it("never shows a secret that stands in the wrong place", () => {
    const swapped = pod({ volumes: [{ name: "share", azureFile: { secretName: "s", shareName: "media" } }] });
    expect(problemsIn(() => jobSpecFromPod(swapped, { secrets: { s: { azurestorageaccountname: "k3y/Ab==", azurestorageaccountkey: "acct" } } }))).toEqual(['spec.volumes[0].azureFile: "azurestorageaccountname" of the secret "s" is not the name of a storage account']);
    const broken = 'apiVersion: v1\nkind: Secret\nstringData: { password: "s3cr3t" "s3cr3t", a: *s3cr3t }';
    expect(problemsIn(() => jobSpecFromPod(broken)).join(" ")).toMatch(/^: is not YAML at line 3/u);
    expect(problemsIn(() => jobSpecFromPod(broken)).join(" ")).not.toContain("s3cr3t");
  });

  it("does not reach what objects have by birth", () => {
    const spec = jobSpecFromPod('{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","image":"i","env":[{"name":"__proto__","value":"x"},{"name":"constructor","value":"y"}]}]}}');
    expect(Object.entries(spec.environment ?? {})).toEqual([["__proto__", "x"], ["constructor", "y"]]);
    expect(problemsIn(() => jobSpecFromPod(pod({ containers: [{ name: "c", image: "i", envFrom: [{ configMapRef: { name: "constructor" } }] }] }), { configMaps: {} }))).toEqual(['spec.containers[0].envFrom[0].configMapRef: the config map "constructor" is not given']);
  });
});

describe("sources", () => {
  it("are checked", () => {
    expect(() => jobSpecFromPod(pod({}), { secret: {} } as never)).toThrow(TypeError);
    expect(() => jobSpecFromPod(pod({}), { resources: "all" as never })).toThrow(RangeError);
    expect(() => jobSpecFromPod(pod({}), { ignore: "tty" as never })).toThrow(TypeError);
  });

  it("name fields to be left out, but nothing that is wrong", () => {
    const text = pod({ containers: [{ name: "c", image: "i", tty: true, args: ["a"] }] });
    expect(problemsIn(() => jobSpecFromPod(text, { ignore: ["tty", "args"] }))[0]).toContain("spec.containers[0].args: needs a `command`");
    expect(jobSpecFromPod(text, { ignore: ["spec.containers[0].tty"], entrypoints: { c: ["e"] } })).toEqual({ containerName: "c", image: "i", command: ["e", "a"] });
    expect(problemsIn(() => jobSpecFromPod(pod({ tty: true, containers: [{ name: "c", image: "i" }] }), { ignore: ["y"] }))).toEqual(["spec.tty: ACI opens a terminal only by `exec` and `attach` of the client"]);
  });

  it("give volumes, log-ins and identities in the place of the manifest's", () => {
    const text = pod({ imagePullSecrets: [{ name: "none" }], serviceAccountName: "sa", volumes: [{ name: "data", hostPath: { path: "/" } }] });
    const sources = { volumes: [{ name: "data", emptyDir: {} }], registries: [{ server: "r", identity: "/id" }], identity: { userAssigned: ["/id"] } };
    expect(jobSpecFromPod(text, sources)).toEqual({ containerName: "c", image: "busybox", ...sources });
  });
});

describe("PodManifestError", () => {
  it("is a TypeError that lists all problems, with a name of its own", () => {
    const error = new PodManifestError([{ path: "spec", text: "has no pod" }, { path: "", text: "is empty" }]);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toBe("PodManifestError: Expected a manifest that ACI can run as it is, got:\n- spec: has no pod\n- is empty");
  });
});

describe("jobOptionsFromPod", () => {
  const job = (spec: object, podSpec: object = {}): string => JSON.stringify({ apiVersion: "batch/v1", kind: "Job", spec: { ...spec, template: { spec: { containers: [], ...podSpec } } } });
  const retry = (maxAttempts: number): object => ({ retry: { maxAttempts, exitCodes: "nonZero", firstDelayInMs: 10_000, longestDelayInMs: 360_000 } });

  it.each([
    ["a job that does not say", job({}), retry(7)],
    ["a job that is tried once", job({ backoffLimit: 0 }), {}],
    ["more tries than a job may have", job({ backoffLimit: 100 }), retry(20)],
    ["the shorter of two deadlines", job({ backoffLimit: 0, activeDeadlineSeconds: 100 }, { activeDeadlineSeconds: 60 }), { runTimeoutInMs: 60_000 }],
    ["a pod", pod({ restartPolicy: "Never", activeDeadlineSeconds: 5 }), { runTimeoutInMs: 5000 }],
    ["a pod that is started again", pod({ restartPolicy: "OnFailure" }), retry(20)],
    ["a cron job", JSON.stringify({ apiVersion: "batch/v1", kind: "CronJob", spec: { schedule: "* * * * *", jobTemplate: JSON.parse(job({ backoffLimit: 2 })) as object } }), retry(3)],
  ])("reads %s", (_, manifest, expected) => {
    const options = jobOptionsFromPod(manifest);
    expect(options).toEqual(expected);
    checkRetryPolicy(options.retry);
  });

  it("leaves it to the spec to say what ACI has no equal for, or to let it go", () => {
    const manifest = `${job({ parallelism: 3, completions: 3, backoffLimit: 2 }, { containers: [{ name: "c", image: "i" }] })}\n---\n${JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "s" } })}`;
    expect(problemsIn(() => jobSpecFromPod(manifest))).toHaveLength(3);
    expect(jobSpecFromPod(manifest, { ignore: ["parallelism", "completions", "Service/s"] })).toEqual({ containerName: "c", image: "i" });
    expect(jobOptionsFromPod(manifest)).toEqual(retry(3));
  });

  it("refuses what is no job, and values of another kind", () => {
    expect(problemsIn(() => jobOptionsFromPod({ apiVersion: "apps/v1", kind: "Deployment", spec: {} }))).toEqual(["kind: a Deployment is no job: use `serverSpecFromPod`"]);
    expect(problemsIn(() => jobOptionsFromPod(job({ backoffLimit: "many" })))).toEqual(["spec.backoffLimit: is not a number"]);
  });
});
