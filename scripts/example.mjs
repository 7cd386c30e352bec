// Runs an example as its reader would: compiled, against the built package.
import { readdirSync, readFileSync } from "node:fs";
import { root, run } from "./run.mjs";

const NEEDS_DOCKER = ["run-a-group", "transcode-a-video"];

export const examples = readdirSync(`${root}/examples`)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length));

// What it shows, by its own first comment.
export function tellExample(name) {
  const [comment] = /^(?:\/\/.*\n)+/u.exec(readFileSync(`${root}/examples/${name}.ts`, "utf8"));
  return comment.replaceAll(/^\/\/ (?:You will see: )?/gmu, "").trim();
}

// `environment` is that of an emulator, for those that start none of their own; `image` is what has a shell there. True if it could be run.
export async function runExample(name, { engine, image, environment = {} }) {
  if (engine !== "docker" && NEEDS_DOCKER.includes(name)) return false;
  if (name === "transcode-a-video") run("bash", ["scripts/ffmpeg-image.sh"]);
  const outfile = `${root}/temp/examples/${name}.mjs`;
  // Imported late: on a fresh clone nothing is installed when this file is read.
  const { buildSync } = await import("esbuild");
  buildSync({ entryPoints: [`${root}/examples/${name}.ts`], outfile, bundle: true, packages: "external", format: "esm", platform: "node", target: "node20", logLevel: "error" });
  run("node", [outfile], { env: { ...environment, EXAMPLE_ENGINE: engine, EXAMPLE_IMAGE: image } });
  return true;
}
