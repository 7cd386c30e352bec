// Makes the local images of the tests from this machine's programs and the libraries that they load: `busybox`, static;
// `bare`, two programs and no shell; `bare-user`, the same not as root; `curl`; and `git`. Builds the image of `helper/` on
// that with curl. Needs a Docker socket and no docker command. Does nothing for an image that is there, but for the helper.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const socketPath = process.env.DOCKER_HOST?.replace("unix://", "") ?? "/var/run/docker.sock";

await make("aci-lifecycle-test/busybox", ['CMD ["/bin/sh"]', "ENV PATH=/bin"], fillBusybox);
await make("aci-lifecycle-test/bare", [], fillBare);
await make("aci-lifecycle-test/bare-user", ["USER 1000:1000"], fillBare);
await make("aci-lifecycle-test/curl", ["ENV PATH=/usr/bin:/bin"], fillCurl);
await make("aci-lifecycle-test/git", ["ENV PATH=/usr/bin:/bin"], fillGit);
await buildHelper("aci-lifecycle-test/helper:1", "aci-lifecycle-test/curl:1");

function fillBusybox(root) {
  const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
  if (busybox === undefined) throw new Error("Install busybox-static: the images of the tests are made from it.");
  for (const folder of ["bin", "etc", "tmp"]) mkdirSync(join(root, folder), { mode: folder === "tmp" ? 0o1777 : 0o755 });
  chmodSync(join(root, "tmp"), 0o1777);
  cpSync(busybox, join(root, "bin/busybox"));
  for (const applet of spawnSync(busybox, ["--list"]).stdout.toString().trim().split("\n")) if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
}

// An image without a shell: sleep and false.
function fillBare(root) {
  const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
  for (const program of ["sleep", "false"]) cpSync(busybox, join(root, program));
}

function fillCurl(root) {
  fillBusybox(root);
  addPrograms(root, ["/usr/bin/curl"]);
  mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
  cpSync("/etc/ssl/certs/ca-certificates.crt", join(root, "etc/ssl/certs/ca-certificates.crt"));
}

function addPrograms(root, programs) {
  const libraries = programs.flatMap((program) => spawnSync("ldd", [program]).stdout.toString().match(/\/\S+/g) ?? []);
  for (const path of new Set([...programs, ...libraries])) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(realpathSync(path), join(root, path));
  }
}

function fillGit(root) {
  fillBusybox(root);
  const core = spawnSync("git", ["--exec-path"]).stdout?.toString().trim();
  if (!core) throw new Error("Install git: an image of the tests is made from it.");
  addPrograms(root, ["/usr/bin/git", join(core, "git-remote-https")]);
  // The servers of the tests have certificates that nobody has signed.
  writeFileSync(join(root, "etc/gitconfig"), "[http]\n\tsslVerify = false\n");
  // Every clone gets a hook that leaves a mark, if hooks are run.
  const hooks = join(root, "usr/share/git-core/templates/hooks");
  mkdirSync(hooks, { recursive: true });
  writeFileSync(join(hooks, "post-checkout"), "#!/bin/sh\ntouch /repository/HOOK-RAN\n", { mode: 0o755 });
}

async function make(repo, changes, fill) {
  const tag = "1";
  if ((await ask("GET", `/images/${repo}:${tag}/json`)).status === 200) return;
  const root = mkdtempSync(join(tmpdir(), "image-"));
  chmodSync(root, 0o755);
  fill(root);
  const { stdout } = spawnSync("tar", ["-C", root, "-c", "."], { maxBuffer: 512 * 1024 * 1024 });
  rmSync(root, { recursive: true });
  const query = [`fromSrc=-&repo=${encodeURIComponent(`${repo}:${tag}`)}`, ...changes.map((change) => `changes=${encodeURIComponent(change)}`)].join("&");
  const { status, text } = await ask("POST", `/images/create?${query}`, stdout);
  if (status !== 200) throw new Error(`The image could not be made: ${text}`);
  console.log(`made ${repo}:${tag}`);
}

// By its Dockerfile, as a user does it: what has not changed comes from the engine's cache.
async function buildHelper(image, base) {
  const { stdout } = spawnSync("tar", ["-C", new URL("../helper", import.meta.url).pathname, "-c", "."]);
  const query = `t=${encodeURIComponent(image)}&rm=1&buildargs=${encodeURIComponent(JSON.stringify({ BASE: base }))}`;
  const { status, text } = await ask("POST", `/build?${query}`, stdout);
  if (status !== 200 || text.includes('"errorDetail"')) throw new Error(`The helper image could not be built: ${text}`);
  console.log(`built ${image}`);
}

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, method, path, headers: body ? { "content-type": "application/x-tar" } : {} }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}
