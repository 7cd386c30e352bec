import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ engine: scripted({ hello: () => 0 }) });
});
afterAll(() => emulator.close());

const put = async (gitRepo: object): Promise<unknown> => {
  const { status, body } = await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("hello", { volumes: [{ name: "code", gitRepo }] }) });
  return status === 201 ? status : [status, body.error.code];
};
const repository = "https://example.org/team/repo.git";
const refused = [400, "InvalidGitRepoVolume"];

describe("a gitRepo volume", () => {
  it.each([
    "",
    "file:///etc/passwd",
    "/etc",
    "../repo",
    "./repo",
    "http://example.org/repo.git",
    "git://example.org/repo.git",
    "ssh://git@example.org/repo.git",
    "git@example.org:team/repo.git",
    "ext::sh -c touch% /tmp/x",
    "https+ext::x",
    "--upload-pack=touch /tmp/x",
    "-c core.sshCommand=x",
    "-cx",
    "HTTPS://example.org/repo.git --upload-pack=x",
    "https://example.org/repo.git\n--upload-pack=x",
    "https://example.org/repo.git\0",
    "https://example.org/../../etc",
    "https://example.org/%2e%2e/etc",
    "https://example.org/..",
    "https://-oProxyCommand=x/repo",
    "https://example.org/.git",
    "https://example.org",
    "https://example.org/repo?service=x",
    "https://example.org/$(id)",
    "https://example.org/`id`",
    `https://${"a".repeat(100_000)}!/x`,
  ])("is refused with the repository %j", async (hostile) => {
    expect(await put({ repository: hostile })).toEqual(refused);
  });

  it.each(["..", "../x", "a/../../x", "/etc", "-x", "--bare", "a/-x", ".git", "a/.GIT/hooks", "a\nb", "a b", "a\\b", "", "././a", ".//a", "./..", "./-x", "./.git", "a//b", "a\0b", "~", "$HOME"])("is refused with the directory %j", async (directory) => {
    expect(await put({ repository, directory })).toEqual(refused);
  });

  it.each(["-x", "--orphan=x", "a b", "a\nb", "a..b", "../x", "@{-1}", ":/x", "HEAD^{/x}", "", "a".repeat(300)])("is refused with the revision %j", async (revision) => {
    expect(await put({ repository, revision })).toEqual(refused);
  });

  it.each([
    { repository },
    { repository: "https://user:token@example.org:8443/_git/My.Repo/", directory: "." },
    { repository, directory: "src/code", revision: "feature/one-2.0" },
    { repository, directory: "./test" },
    { repository, revision: "0123456789abcdef0123456789abcdef01234567" },
  ])("is taken as $repository, $directory, $revision", async (gitRepo) => {
    expect(await put(gitRepo)).toBe(201);
    await arm(emulator, "DELETE", "containerGroups/g");
  });

  it("fails the group on the process engine, and the event says why", async () => {
    await using other = await startEmulator({ engine: "process" });
    await arm(other, "PUT", "containerGroups/g", { body: groupBody("hello", { volumes: [{ name: "code", gitRepo: { repository } }] }) });
    for (;;) {
      const { properties } = (await arm(other, "GET", "containerGroups/g")).body;
      if (properties.provisioningState === "Pending") continue;
      expect(properties).toMatchObject({ provisioningState: "Failed", instanceView: { events: [{ name: "FailedMount", message: expect.stringContaining("The docker engine clones in a container") as string }] } });
      break;
    }
  });

  it("needs an image with git, and an engine that can use it", async () => {
    await expect(startEmulator({ engine: "process", gitImage: "git:1" })).rejects.toThrow(RangeError);
    await expect(startEmulator({ engine: "docker", gitImage: "-v /:/host" })).rejects.toThrow(RangeError);
  });
});
