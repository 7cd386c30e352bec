import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, refusalOf, startAzureFiles, type AzureFiles } from "./azure-files.js";
import { sendRaw, signed, type RawAnswer } from "./raw.js";

// Every way up, in every spelling, in front of, between and behind names.
const UPS = ["..", "%2e%2e", ".%2e", "%2E.", "..%2f", "..%5c", "..\\", "%2e%2e%2f", "%252e%252e%2f", "..%00", "...", "....", ".. ", "..%20", "..%09", "..:$DATA", "%c0%ae%c0%ae", "%uff0e%uff0e", "%ef%bc%8e%ef%bc%8e%2f", ".", "%2e"];
const FRAMES = ["$", "$/outside", "$/$/outside", "dir/$/$/outside", "dir/$/../outside", "$$/x"];
const OTHERS = ["//outside", "%2foutside", "/dir//file", "%5coutside", "C:/outside", "c:%5coutside", "C%3a", "file%00", "%00", "a%0ab", "a%7f", "NUL", "con.txt", "aux", "COM1", "clock$", "a|b", "a%3fb", "a*b", "%22a%22", "<a>", "%ff", "%", "%zz", "a".repeat(256), `${"a/".repeat(251)}a`, `${"b".repeat(250)}/`.repeat(9), "\\\\server\\share", "%5c%5c.%5cpipe"];
const TRAVERSALS = [...FRAMES.flatMap((frame) => UPS.map((up) => frame.replaceAll("$", () => up))), ...OTHERS];

describe("the file service", () => {
  let files: AzureFiles;
  let path: string;
  let outside: string;
  let key: string;
  beforeEach(async () => {
    files = await startAzureFiles();
    ({ path } = await files.emulator.share(ACCOUNT, "books"));
    outside = join(dirname(dirname(path)), "outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret"), "private");
    await mkdir(join(path, "dir"));
    ({ accountKey: key } = await files.emulator.fileService(ACCOUNT));
  });
  afterEach(() => files[Symbol.asyncDispose]());

  const send = (method: string, target: string, headers: Record<string, string> = {}): Promise<RawAnswer> => sendRaw(files.url, method, target, signed(ACCOUNT, key, method, target, headers));
  const create = { "x-ms-type": "file", "x-ms-content-length": "1", "content-length": "0" };

  it(`follows none of ${TRAVERSALS.length} paths that lead elsewhere`, async () => {
    expect(TRAVERSALS.length).toBeGreaterThan(100);
    for (const traversal of TRAVERSALS) {
      const target = `/${ACCOUNT}/books/${traversal.replaceAll(" ", "%20")}`;
      const answers = [await send("GET", target), await send("PUT", target, create), await send("PUT", `${target}?restype=directory`), await send("DELETE", target)];
      expect([traversal, ...answers.map(({ status }) => status >= 400 && status < 500)]).toEqual([traversal, true, true, true, true]);
    }
    expect((await readdir(dirname(dirname(path)))).sort()).toEqual([ACCOUNT, "outside"]);
    expect(await readdir(dirname(path))).toEqual(["books"]);
    expect(await readdir(path)).toEqual(["dir"]);
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("private");
  });

  it("takes names that only look like a way up for what they are", async () => {
    const names = ["..;", "．．", "..a", ".hidden", "a..b"];
    for (const name of names) expect((await send("PUT", `/${ACCOUNT}/books/${encodeURIComponent(name)}`, create)).status).toBe(201);
    expect((await readdir(path)).sort()).toEqual(["dir", ...names].sort());
  });

  it.each(["..", "%2e%2e", ".", "outside%2f..", "Books", "a", "-books", "books-", "bo--oks", "a".repeat(64), "$root", "books%00", "books%5c"])("has no share that is named %j", async (share) => {
    const target = `/${ACCOUNT}/${share}?restype=share`;
    expect([(await send("GET", target)).status, (await send("PUT", target, { "content-length": "0" })).status, (await send("DELETE", target)).status]).toEqual([400, 400, 400]);
  });

  it.each(["", "..", "%2e%2e", "AB", "a".repeat(25), "a-b", "books%2f.."])("has no account that is named %j", async (account) => {
    expect((await send("GET", `/${account}/books?restype=share`)).status).toBe(400);
  });

  it("follows no link that a container put into the share", async () => {
    await symlink(outside, join(path, "folder"));
    await symlink(join(outside, "secret"), join(path, "file"));
    await symlink(join(outside, "new"), join(path, "dangling"));
    const { share } = files;
    for (const name of ["file", "dangling", "folder"]) {
      const file = share.rootDirectoryClient.getFileClient(name);
      const refusals = [file.download(), file.create(1), file.getProperties(), file.setMetadata({}), file.resize(0), file.uploadRange("evil", 0, 4), file.getRangeList()].map(refusalOf);
      for (const refusal of await Promise.all(refusals)) expect(refusal).toEqual({ status: 409, code: "ResourceTypeMismatch" });
    }
    const folder = share.getDirectoryClient("folder");
    const below = [folder.getFileClient("secret").download(), folder.getFileClient("new").create(1), folder.createSubdirectory("new"), folder.deleteFile("secret")];
    for (const refusal of await Promise.all(below.map(refusalOf))) expect(refusal).toEqual({ status: 404, code: "ParentNotFound" });
    const itself = [folder.getProperties(), folder.delete(), folder.listFilesAndDirectories().next()];
    for (const refusal of await Promise.all(itself.map(refusalOf))) expect(refusal).toEqual({ status: 409, code: "ResourceTypeMismatch" });
    await share.rootDirectoryClient.deleteFile("file");
    await share.delete();
    expect(await readdir(outside)).toEqual(["secret"]);
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("private");
  });

  it.runIf(process.platform === "linux")("does not wait for a pipe that a container put into the share", async () => {
    execFileSync("mkfifo", [join(path, "pipe")]);
    const pipe = files.share.rootDirectoryClient.getFileClient("pipe");
    const refusals = [pipe.download(), pipe.create(1), pipe.uploadRange("x", 0, 1), pipe.getProperties()].map(refusalOf);
    for (const refusal of await Promise.all(refusals)) expect(refusal).toEqual({ status: 409, code: "ResourceTypeMismatch" });
  });

  it.runIf(process.platform === "linux")("stays in the share while a folder is swapped for a link", async () => {
    const inDir = `/${ACCOUNT}/books/dir`;
    const link = join(path, "link");
    await symlink(outside, link);
    // It is never empty, so that it is never deleted.
    await writeFile(join(path, "dir", "stays"), "");
    const worker = new Worker(SWAP, { eval: true, workerData: { dir: join(path, "dir"), link, aside: join(path, "aside") } });
    await new Promise((resolve) => worker.once("message", resolve));
    const seen = { done: 0, refused: 0 };
    try {
      // Until both have been seen often enough to say that the swap was met.
      for (let round = 0; round < 2000 && (round < 120 || seen.done < 50 || seen.refused < 50); round += 1) {
        const one = `${inDir}/${round}`;
        const answers = await Promise.all([send("PUT", one, create), send("PUT", `${one}-folder?restype=directory`), send("GET", `${inDir}/secret`), send("DELETE", `${inDir}/secret`), send("DELETE", `${inDir}?restype=directory`)]);
        for (const { status, body } of answers) {
          expect(body).not.toContain("private");
          seen[status < 300 ? "done" : "refused"] += 1;
          expect(status).toBeLessThan(500);
        }
      }
    } finally {
      await worker.terminate();
    }
    expect(seen.done).toBeGreaterThanOrEqual(50);
    expect(seen.refused).toBeGreaterThanOrEqual(50);
    expect(await readdir(outside)).toEqual(["secret"]);
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("private");
  });

  it.each([{ host: "evil.example" }, { host: "127.0.0.1" }, { host: "[::1]:PORT" }, { host: "127.0.0.1.evil.example:PORT" }, { origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }])(
    "refuses what comes from elsewhere: %j",
    async (headers) => {
      const { port } = new URL(files.url);
      const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace("PORT", port)]));
      const answer = await send("GET", `/${ACCOUNT}/books?restype=share`, given);
      expect(answer.status).toBe(403);
      expect(answer.headers["x-ms-error-code"]).toMatch(/^(InvalidHost|OriginNotAllowed)$/);
      expect(Object.keys(answer.headers).filter((header) => header.startsWith("access-control"))).toEqual([]);
    },
  );

  it("takes localhost for its name", async () => {
    expect((await send("GET", `/${ACCOUNT}/books?restype=share`, { host: `localhost:${new URL(files.url).port}` })).status).toBe(200);
  });

  it.runIf(process.platform === "linux")("listens on 127.0.0.1 only", async () => {
    const { port } = new URL(files.url);
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: "127.0.0.2", port: Number(port) });
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    expect(reached).toBe(false);
  });

  it("tells a refusal in XML and in a header, and which request it answers", async () => {
    const { status, headers, body } = await send("GET", `/${ACCOUNT}/nothing?restype=share`, { "x-ms-client-request-id": "mine" });
    expect(status).toBe(404);
    expect(headers).toMatchObject({ "x-ms-error-code": "ShareNotFound", "x-ms-version": "2026-04-06", "x-ms-client-request-id": "mine", "content-type": "application/xml" });
    expect(headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).toBe('<?xml version="1.0" encoding="utf-8"?><Error><Code>ShareNotFound</Code><Message>The specified share does not exist.</Message></Error>');
  });
});

// Swaps a folder and a link to another, again and again; each has the name for some hundred microseconds.
const SWAP = `
  const { renameSync } = require("node:fs");
  const { parentPort, workerData: { dir, link, aside } } = require("node:worker_threads");
  const tryRename = (from, to) => { try { renameSync(from, to); } catch {} };
  const stay = () => { for (const end = performance.now() + Math.random() * 0.4; performance.now() < end; ); };
  const turn = () => {
    for (let count = 0; count < 20; count += 1) {
      tryRename(dir, aside); tryRename(link, dir); stay();
      tryRename(dir, link); tryRename(aside, dir); stay();
    }
    setImmediate(turn);
  };
  turn();
  parentPort.postMessage("swapping");
`;

