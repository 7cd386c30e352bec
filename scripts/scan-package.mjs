// Searches a packed tarball, its source maps too, for what must not be published: the secrets of the tests, and paths of the
// machine that it was made on. Takes the tarball, or packs one from what `npm run build` has made.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/u, "");
const canaries = JSON.parse(readFileSync(join(root, "test/secrets/canaries.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "scan-"));
try {
  const tarball = process.argv[2] ?? pack();
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  const files = walk(join(folder, "package"));
  const hits = files.flatMap((file) => hitsIn(readFileSync(file, "utf8"), relative(folder, file)));
  for (const hit of hits) console.error(hit);
  console.log(`${files.length} files, ${files.filter((file) => file.endsWith(".map")).length} of them source maps: ${hits.length} hits`);
  if (files.length === 0 || hits.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

function pack() {
  const packed = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
  return join(folder, filename);
}

function walk(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? walk(join(path, entry.name)) : [join(path, entry.name)]));
}

function hitsIn(text, file) {
  const secrets = Object.entries(canaries).filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)));
  const paths = [`${root}/`, `${homedir()}/`, `${tmpdir()}/`].filter((path) => path.length > 2 && (text.includes(path) || text.includes(JSON.stringify(path).slice(1, -1))));
  const others = text.match(/(?:\/(?:home|Users|runner|root)\/[\w.-]+\/|[A-Z]:\\{1,2}Users\\)/gu) ?? [];
  const sources = file.endsWith(".map") ? JSON.parse(text).sources.filter((source) => isAbsolute(source) || source.startsWith("file:")) : [];
  return [...secrets.map(([place]) => `${file}: the ${place}`), ...new Set([...paths, ...others].map((path) => `${file}: ${path}`)), ...sources.map((source) => `${file}: source ${source}`)];
}

// Half of a secret is enough to tell it; in base64 it has no halves.
function formsOf(secret) {
  return [secret.slice(0, 16), secret.slice(-16), Buffer.from(secret).toString("base64"), Array.from(secret).reverse().join("")];
}
