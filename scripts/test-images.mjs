// Makes the local image of the tests, `aci-lifecycle-test/busybox:1`, from Debian's static busybox. Needs a Docker socket
// and no docker command. Does nothing if the image is there.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const socketPath = process.env.DOCKER_HOST?.replace("unix://", "") ?? "/var/run/docker.sock";
const [repo, tag] = ["aci-lifecycle-test/busybox", "1"];

if ((await ask("GET", `/images/${repo}:${tag}/json`)).status === 200) process.exit(0);
const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
if (busybox === undefined) throw new Error("Install busybox-static: the image of the tests is made from it.");

const root = mkdtempSync(join(tmpdir(), "image-"));
for (const folder of ["bin", "etc", "tmp"]) mkdirSync(join(root, folder), { mode: folder === "tmp" ? 0o1777 : 0o755 });
cpSync(busybox, join(root, "bin/busybox"));
for (const applet of spawnSync(busybox, ["--list"]).stdout.toString().trim().split("\n")) if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
const { stdout } = spawnSync("tar", ["-C", root, "-c", "."], { maxBuffer: 64 * 1024 * 1024 });
rmSync(root, { recursive: true });

const query = `fromSrc=-&repo=${encodeURIComponent(`${repo}:${tag}`)}&changes=${encodeURIComponent('CMD ["/bin/sh"]')}&changes=${encodeURIComponent("ENV PATH=/bin")}`;
const { status, text } = await ask("POST", `/images/create?${query}`, stdout);
if (status !== 200) throw new Error(`The image could not be made: ${text}`);
console.log(`made ${repo}:${tag}`);

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
