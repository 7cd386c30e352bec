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
console.log(`${count} snippets of ${pages.length} pages compile.`);
