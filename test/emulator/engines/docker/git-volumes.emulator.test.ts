import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { AciClient, runContainerJob, type JobResult } from "aci-lifecycle";
import { startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "../../../../src/emulator/server/certificate.js";
import { arm, groupBody } from "../../arm.js";
import { IMAGE, sh } from "../../../real/engines.js";

// An address of this machine that containers reach, too.
const HOST = Object.values(networkInterfaces()).flat().find((one) => one?.family === "IPv4" && !one.internal)?.address ?? "";

let folder = "";
let server: Server;
let repository = "";
let commits: readonly string[] = [];
let emulator: Emulator;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "git-"));
  const git = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", HOME: folder } });
    if (status !== 0) throw new Error(stderr.toString());
    return stdout.toString().trim();
  };
  git("init", "-q", "-b", "main", "work");
  commits = ["one", "two"].map((text) => {
    writeFileSync(join(folder, "work", "file.txt"), text);
    git("-C", "work", "add", ".");
    git("-C", "work", "commit", "-qm", text);
    return git("-C", "work", "rev-parse", "HEAD");
  });
  git("-C", "work", "tag", "v1", commits[0] ?? "");
  git("-C", "work", "checkout", "-qb", "feature/x");
  writeFileSync(join(folder, "work", "file.txt"), "on a branch");
  git("-C", "work", "commit", "-qam", "three");
  // A branch and a tag of one name: git takes the tag.
  git("-C", "work", "branch", "both");
  git("-C", "work", "tag", "both", commits[0] ?? "");
  git("-C", "work", "checkout", "-q", "main");
  git("clone", "-q", "--bare", "work", "repo.git");
  git("-C", "repo.git", "update-server-info");
  const { key, cert } = await makeCertificate();
  server = createServer({ key, cert }, (request, response) => {
    const path = join(folder, new URL(request.url ?? "/", "https://x").pathname);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  repository = `https://${HOST}:${(server.address() as AddressInfo).port}/repo.git`;
  emulator = await startEmulator({ engine: "docker", gitImage: "aci-lifecycle-test/git:1", stopGraceInMs: 1000, pace: { restartBackOffInMs: 200 } });
});
afterAll(async () => {
  await emulator.close();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

type GitRepo = { readonly repository: string; readonly directory?: string; readonly revision?: string };
const look = (gitRepo: GitRepo): Promise<JobResult> =>
  runContainerJob(new AciClient(emulator.clientOptions), { ...sh("cd /code; find . -name file.txt -exec cat {} \\; -print; ls -a"), volumes: [{ name: "code", gitRepo }], mounts: [{ volume: "code", path: "/code" }] }, { reject: false });

describe("a gitRepo volume on Docker", () => {
  it.concurrent("has the repository in a folder of its name, or in the one that is asked for", async () => {
    expect((await look({ repository })).logs).toMatch(/^two\.\/repo\/file\.txt/);
    expect((await look({ repository, directory: "a/b" })).logs).toMatch(/^two\.\/a\/b\/file\.txt/);
  });

  it.concurrent("is the repository with a directory of `.`, at the revision that is asked for, and runs no hook", async () => {
    const { logs } = await look({ repository, directory: ".", revision: commits[0] ?? "" });
    expect(logs).toMatch(/^one\.\/file\.txt/);
    expect(logs.split("\n")).toEqual(expect.arrayContaining([".git", "file.txt"]));
    expect(logs).not.toContain("HOOK-RAN");
    expect((await look({ repository, directory: "." })).logs).not.toContain("HOOK-RAN");
  });

  it.concurrent.each([
    ["the branch that is the default", "main", "two"],
    ["another branch", "feature/x", "on a branch"],
    ["a tag that a branch has the name of, too", "both", "one"],
    ["a tag", "v1", "one"],
    ["a commit", "", "one"],
  ])("is had at %s", async (_what, revision, text) => {
    const logs = expect.stringMatching(new RegExp(`^${text}\\./file\\.txt`)) as string;
    expect(await look({ repository, directory: ".", revision: revision || (commits[0] ?? "") })).toMatchObject({ outcome: "succeeded", logs });
  });

  it.concurrent("is waited for with FailedMount while it cannot be cloned, and tells no login", async () => {
    const missing = repository.replace("https://", "https://user:t0ken@").replace("repo.git", "none.git");
    await arm(emulator, "PUT", "containerGroups/waits", { body: groupBody(IMAGE, { volumes: [{ name: "code", gitRepo: { repository: missing } }] }) });
    for (;;) {
      const { properties } = (await arm(emulator, "GET", "containerGroups/waits")).body;
      const failed = properties.instanceView.events.find(({ name }) => name === "FailedMount");
      if ((failed?.count ?? 0) >= 2) {
        expect(failed?.message).toMatch(/^Failed to mount gitRepo Volume 'code': .*repository .* not found/s);
        expect(failed?.message).not.toContain("t0ken");
        expect(properties.provisioningState).toBe("Pending");
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await arm(emulator, "DELETE", "containerGroups/waits")).status).toBe(200);
  });

  it("is given up when its group is deleted in the middle of a clone", async () => {
    // A server that takes requests and never answers.
    const { key, cert } = await makeCertificate();
    const silent = createServer({ key, cert }).listen(0, "0.0.0.0");
    await once(silent, "listening");
    const asked = once(silent, "request");
    const url = `https://${HOST}:${(silent.address() as AddressInfo).port}/repo.git`;
    await arm(emulator, "PUT", "containerGroups/stuck", { body: groupBody(IMAGE, { volumes: [{ name: "code", gitRepo: { repository: url } }] }) });
    await asked;
    await arm(emulator, "DELETE", "containerGroups/stuck");
    await emulator.reset();
    silent.closeAllConnections();
    silent.close();
  });

  it("fails with an event that says what to do where it is not turned on", async () => {
    await using plain = await startEmulator({ engine: "docker" });
    const client = new AciClient(plain.clientOptions);
    await client.create({ name: "off", containers: [{ name: "main", image: IMAGE }], volumes: [{ name: "code", gitRepo: { repository } }] });
    for (;;) {
      const { properties } = (await arm(plain, "GET", "containerGroups/off")).body;
      if (properties.provisioningState === "Failed") {
        expect(properties.instanceView.events).toMatchObject([{ name: "FailedMount", message: expect.stringContaining("--git-image") as string }]);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});
