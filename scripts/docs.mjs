// Checks that every `ts` fence of the README and the docs compiles, as if it stood in a file of its own.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root, run } from "./run.mjs";

const pages = ["README.md", ...readdirSync(`${root}/docs`).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
const folder = `${root}/temp/snippets`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

// What a snippet may take for given.
const given = readFileSync(`${root}/docs/snippets.d.ts`, "utf8");
writeFileSync(`${folder}/given.d.ts`, given);
let count = 0;
for (const page of pages) {
  for (const [, text] of readFileSync(`${root}/${page}`, "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gmu)) {
    const name = `${page.replaceAll(/[^a-z]/giu, "-")}-${++count}.ts`;
    writeFileSync(`${folder}/${name}`, `${text}\nexport {};\n`);
  }
}
const config = { extends: "../../tsconfig.json", compilerOptions: { noUnusedLocals: false, paths: { "aci-lifecycle": ["../../src/index.ts"], "aci-lifecycle/*": ["../../src/*/index.ts"] } }, include: ["*.ts"], exclude: [] };
writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
run("npx", ["tsc", "--noEmit", "-p", `${folder}/tsconfig.json`]);

// Every relative link leads somewhere.
const broken = pages.flatMap((page) => {
  const links = [...readFileSync(`${root}/${page}`, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/gu)].map((match) => match[1]);
  return links.filter((link) => !exists(new URL(link, `file://${root}/${page}`))).map((link) => `${page}: ${link}`);
});
if (broken.length > 0) {
  console.error(`Links that lead nowhere:\n${broken.join("\n")}`);
  process.exit(1);
}
console.log(`${count} snippets of ${pages.length} pages compile; all links lead somewhere.`);

function exists(url) {
  try {
    readFileSync(url);
    return true;
  } catch (error) {
    return error.code === "EISDIR";
  }
}
