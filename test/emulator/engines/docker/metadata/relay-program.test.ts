import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { RELAY_PROGRAMS } from "../../../../../src/emulator/engines/docker/metadata/relay-program.js";

const COMPILERS = { x86_64: "x86_64-linux-gnu-gcc", aarch64: "aarch64-linux-gnu-gcc" };
// Another version of gcc makes another program of the same source.
const isGcc12 = (compiler: string): boolean => process.platform === "linux" && (spawnSync(compiler, ["-dumpversion"]).stdout as Buffer | null)?.toString().startsWith("12") === true;

describe("the relay", () => {
  it.each(["x86_64", "aarch64"])("is an executable for %s without any library", (architecture) => {
    const program = Buffer.from(RELAY_PROGRAMS[architecture] ?? "", "base64");
    expect(program.subarray(0, 6)).toEqual(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
    expect([program.readUInt16LE(16), program.readUInt16LE(18)]).toEqual([2, architecture === "x86_64" ? 0x3e : 0xb7]);
    expect(program.length).toBeLessThan(4096);
    expect(program.includes("ld-linux")).toBe(false);
  });

  it.runIf(isGcc12(COMPILERS.x86_64)).each(Object.entries(COMPILERS).filter(([, compiler]) => isGcc12(compiler)))("is what its source says, for %s", (architecture) => {
    const url = new URL("../../../../../scripts/relay/make.mjs", import.meta.url).href;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", `import { compile } from "${url}"; process.stdout.write(compile("${architecture}"));`], { cwd: fileURLToPath(new URL(".", import.meta.url)) });
    expect(stderr.toString()).toBe("");
    expect(stdout.toString()).toBe(RELAY_PROGRAMS[architecture]);
  });
});
