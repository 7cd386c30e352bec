import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tools = fileURLToPath(new URL(".", import.meta.url));
let folder: string;
let tarball: string;

const run = (command: string, args: readonly string[], cwd: string): string => execFileSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, NODE_PATH: "" }, stdio: ["ignore", "pipe", "pipe"] });

// The tarball, packed from what `npm run build` has made and installed in an empty folder, as a new user would.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "package-"));
  const packed = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root)) as unknown;
  const [{ filename }] = (Array.isArray(packed) ? packed : Object.values(packed as object)) as [{ filename: string }];
  tarball = join(folder, filename);
  writeFileSync(join(folder, "package.json"), '{"name":"user","private":true}');
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], folder);
  if (!existsSync(join(tools, "node_modules"))) run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--no-package-lock"], tools);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const USE = `
const emulator = await startEmulator({ engine: scripted({ "greeter:1": (c) => { c.print("hello\\n"); return 0; } }) });
const client = new AciClient(emulator.clientOptions);
const { exitCode, logs } = await runContainerJob(client, { image: "greeter:1" });
const error = await client.get("nothing").catch((e) => e);
console.log(JSON.stringify({ exitCode, logs, isAciError: isAciError(error), left: emulator.groups().length }));
await emulator.close();
`;
const EXPECTED = { exitCode: 0, logs: "hello\n", isAciError: true, left: 0 };

describe("the packed tarball", () => {
  it("works by import", () => {
    writeFileSync(join(folder, "use.mjs"), `import { AciClient, isAciError, runContainerJob } from "aci-lifecycle";\nimport { scripted, startEmulator } from "aci-lifecycle/emulator";\n${USE}`);
    expect(JSON.parse(run("node", ["use.mjs"], folder))).toEqual(EXPECTED);
  });

  it("works by require", () => {
    writeFileSync(join(folder, "use.cjs"), `const { AciClient, isAciError, runContainerJob } = require("aci-lifecycle");\nconst { scripted, startEmulator } = require("aci-lifecycle/emulator");\n(async () => {${USE}})();`);
    expect(JSON.parse(run("node", ["use.cjs"], folder))).toEqual(EXPECTED);
  });

  it("tells its errors apart whichever way it was loaded, and loads no credentials library before it is needed", () => {
    const text = `import { createRequire } from "node:module";
import { AciError, JobDetachedError } from "aci-lifecycle";
const { isAciError, isJobDetachedError } = createRequire(import.meta.url)("aci-lifecycle");
console.log(isAciError(new AciError("x", { code: "ACI_CAPACITY" })), isJobDetachedError(new JobDetachedError({ key: "k" })), createRequire(import.meta.url).cache && Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("@azure/identity")));`;
    writeFileSync(join(folder, "brand.mjs"), text);
    expect(run("node", ["brand.mjs"], folder).trim()).toBe("true true false");
  });

  it("reads manifests in YAML, in both formats, and loads their reader only then", () => {
    const use = `const has = () => Object.keys(require.cache).some((path) => /[\\\\/]yaml[\\\\/]/u.test(path));
const before = has();
const { image } = jobSpecFromPod("apiVersion: v1\\nkind: Pod\\nmetadata: { name: p }\\nspec: { containers: [{ name: c, image: busybox }] }");
console.log(before, image, has());`;
    writeFileSync(join(folder, "manifest.mjs"), `import { createRequire } from "node:module";\nimport { jobSpecFromPod } from "aci-lifecycle";\nconst require = createRequire(import.meta.url);\n${use}`);
    writeFileSync(join(folder, "manifest.cjs"), `const { jobSpecFromPod } = require("aci-lifecycle");\n${use}`);
    for (const file of ["manifest.mjs", "manifest.cjs"]) expect(run("node", [file], folder).trim()).toBe("false busybox true");
  });

  it("has an entry for Azure Storage that asks for its packages only when they are used", () => {
    const names = "azureFiles, storageQueue, tableMailbox";
    const use = `const connectionString = "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=a2V5";
const files = azureFiles({ accountName: "acct", accountKey: "a2V5", share: "share" });
const [box, queue] = [tableMailbox({ connectionString }), storageQueue({ connectionString })];
const uses = [files.list("x"), box.receive("g", { waitInMs: 0 }), queue.receive({ groupName: "g" }, { waitInMs: 0, abortSignal: new AbortController().signal })];
Promise.allSettled(uses).then((ends) => console.log(ends.map(({ reason }) => /MODULE_NOT_FOUND$/u.test(reason?.code) && /'(@azure\\/[^']+)'/u.exec(reason.message)[1]).join(" ")));`;
    writeFileSync(join(folder, "storage.mjs"), `import { ${names} } from "aci-lifecycle/storage";\n${use}`);
    writeFileSync(join(folder, "storage.cjs"), `const { ${names} } = require("aci-lifecycle/storage");\n${use}`);
    for (const file of ["storage.mjs", "storage.cjs"]) expect(run("node", [file], folder).trim()).toBe("@azure/storage-file-share @azure/data-tables @azure/storage-queue");
  });

  it("has the command", () => {
    expect(run("npx", ["--no-install", "aci-lifecycle", "emulator", "--help"], folder)).toContain("--engine");
    expect(run("npx", ["--no-install", "aci-lifecycle", "sweep", "--help"], folder)).toContain("--dry-run");
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(run("npx", ["--no-install", "aci-lifecycle", "--version"], folder).trim()).toBe(version);
  });

  it("compiles for a user of TypeScript in both module systems", () => {
    cpSync(join(root, "node_modules/typescript"), join(folder, "node_modules/typescript"), { recursive: true });
    cpSync(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"), { recursive: true });
    cpSync(join(root, "node_modules/undici-types"), join(folder, "node_modules/undici-types"), { recursive: true });
    const text = 'import { runContainerJob, type JobResult } from "aci-lifecycle";\nimport type { Emulator } from "aci-lifecycle/emulator";\nexport const use: [typeof runContainerJob, JobResult?, Emulator?] = [runContainerJob];\n';
    for (const extension of ["mts", "cts"]) writeFileSync(join(folder, `types.${extension}`), text);
    const args = ["node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,esnext.disposable", "--types", "node", "--skipLibCheck", "false", "types.mts", "types.cts"];
    expect(run("node", args, folder)).toBe("");
  });

  it("is what publint and attw want", () => {
    run("npx", ["--no-install", "publint", "--strict", tarball], tools);
    run("npx", ["--no-install", "attw", tarball], tools);
  });

  it("has no secret of the tests and no path of this machine in it, its source maps too", () => {
    expect(run("node", [join(root, "scripts/scan-package.mjs"), tarball], root)).toMatch(/^\d{2,3} files, [1-9]\d? of them source maps: 0 hits\n$/u);
    // It would find one.
    const planted = join(folder, "planted");
    const [[, secret] = ["", ""]] = Object.entries(JSON.parse(readFileSync(join(root, "test/secrets/canaries.json"), "utf8")) as Record<string, string>);
    mkdirSync(join(planted, "package"), { recursive: true });
    writeFileSync(join(planted, "package/index.js.map"), JSON.stringify({ sources: [join(root, "src/index.ts")], sourcesContent: [Buffer.from(secret).toString("base64")] }));
    run("tar", ["-czf", join(folder, "planted.tgz"), "-C", planted, "package"], folder);
    expect(() => run("node", [join(root, "scripts/scan-package.mjs"), join(folder, "planted.tgz")], root)).toThrow(/the registry password[^]*source [^]*src\/index\.ts/u);
  });

  it("holds what it should and no more", () => {
    const listed = run("tar", ["-tzf", tarball], folder).trim().split("\n");
    expect(listed.filter((path) => !/^package\/(dist\/[^/]+|docs\/[^/]+\.md|examples\/[^/]+\.ts|helper\/(Dockerfile|[^/]+\.sh)|CHANGELOG\.md|LICENSE|README\.md|package\.json)$/u.test(path))).toEqual([]);
    expect(statSync(tarball).size).toBeLessThan(2_000_000);

    const { dependencies } = JSON.parse(readFileSync(join(folder, "node_modules/aci-lifecycle/package.json"), "utf8")) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(11);
  });
});
