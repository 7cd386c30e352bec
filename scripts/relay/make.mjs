// Compiles the relay for both architectures and writes it where the emulator finds it. Wants Debian 12's gcc and
// gcc-aarch64-linux-gnu: another version makes another program.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FLAGS = "-Os -std=c11 -Wall -Wextra -Werror -nostdlib -static -ffreestanding -fno-pie -no-pie -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -s".split(" ");
const COMPILERS = { x86_64: "x86_64-linux-gnu-gcc", aarch64: "aarch64-linux-gnu-gcc" };
const source = fileURLToPath(new URL("relay.c", import.meta.url));

/** The program for an architecture as base64; undefined without gcc 12 for it. */
export function compile(architecture) {
  const compiler = COMPILERS[architecture];
  if (!spawnSync(compiler, ["-dumpversion"]).stdout?.toString().startsWith("12")) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "relay-"));
  try {
    const flags = architecture === "x86_64" ? FLAGS : [...FLAGS.filter((flag) => !flag.startsWith("-fcf")), "-mno-outline-atomics"];
    const { status, stderr } = spawnSync(compiler, [...flags, "-o", join(folder, "relay"), source]);
    if (status !== 0) throw new Error(stderr.toString());
    return readFileSync(join(folder, "relay")).toString("base64");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const programs = Object.keys(COMPILERS).map((architecture) => {
    const text = compile(architecture);
    if (text === undefined) throw new Error(`Install gcc 12 for ${architecture}: gcc and gcc-aarch64-linux-gnu of Debian 12.`);
    const lines = text.match(/.{1,120}/g).map((line) => `    "${line}",`);
    return `  ${architecture}: [\n${lines.join("\n")}\n  ].join(""),`;
  });
  const head = "// The program of scripts/relay/relay.c, compiled. Made by `node scripts/relay/make.mjs`; a test compiles it again.";
  writeFileSync(new URL("../../src/emulator/engines/docker/metadata/relay-program.ts", import.meta.url), `${head}\nexport const RELAY_PROGRAMS: Readonly<Record<string, string>> = {\n${programs.join("\n")}\n};\n`);
}
