import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

// Who may import whom: a chapter's own files, and those of the chapters named. The only other place where this is written
// down is docs/architecture.md.
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  vocabulary: ["vocabulary"],
  internal: [],
  lifecycle: ["vocabulary", "internal"],
  azure: ["vocabulary", "internal", "lifecycle"],
  completion: ["vocabulary", "internal", "lifecycle"],
  stores: ["vocabulary", "internal"],
  terminals: ["vocabulary", "internal", "lifecycle"],
  budget: ["vocabulary", "internal", "lifecycle", "azure"],
  client: ["vocabulary", "internal", "lifecycle", "completion", "azure", "budget", "terminals"],
  "jobs/machine": ["vocabulary", "lifecycle"],
  http: [],
  functions: [],
  storage: [],
  jobs: ["vocabulary", "internal", "lifecycle", "completion", "client", "jobs/machine"],
  sweep: ["vocabulary", "internal", "lifecycle", "client", "jobs", "jobs/machine"],
  pools: ["vocabulary", "internal", "lifecycle", "completion", "budget", "client", "jobs", "jobs/machine"],
  index: ["vocabulary", "internal", "lifecycle", "completion", "stores", "terminals", "budget", "client", "jobs", "jobs/machine", "sweep", "pools"],
  emulator: ["internal/clock", "internal/random"],
  cli: [],
};

// Packages by the one folder that may import them; type imports of core-auth and core-lro are free.
const VENDORS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@azure\/(arm-containerinstance|core-|identity)/u, ["azure"]],
  [/^p-retry$/u, ["client"]],
  [/^ws$/u, ["emulator", "terminals"]],
  [/^selfsigned$/u, ["emulator"]],
  [/^commander$/u, ["cli"]],
  [/^picomatch$/u, ["lifecycle"]],
  [/^yaml$/u, ["pools"]],
  [/^@azure\/(storage-|data-tables)/u, ["storage"]],
  [/^@azure\/functions$/u, ["functions"]],
];
const FREE_TYPES = ["@azure/core-auth", "@azure/core-lro"];
// `src/index.ts` is the entry; the other files at the root are the vocabulary.
const VOCABULARY_USES_CLOCK = ["internal/clock"];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const files = walk(join(ROOT, "src"));
const imports = files.flatMap(importsOf);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? walk(join(folder, entry.name)) : entry.name.endsWith(".ts") ? [join(folder, entry.name)] : []));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const from = relative(join(ROOT, "src"), file).replaceAll("\\", "/");
  const statements = [...text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gmu)];
  const dynamic = [...text.matchAll(/(?<!typeof )\bimport\("([^"]+)"\)/gu)].map((match) => ({ isType: false, to: match[1] ?? "" }));
  return [...statements.map((match) => ({ isType: match[1] !== undefined, to: match[2] ?? "" })), ...dynamic].map(({ isType, to }) => ({
    from,
    isType,
    to: to.startsWith(".") ? posix.normalize(posix.join(dirname(from), to)).replace(/\.js$/u, ".ts") : to,
  }));
}

function chapterOf(path: string): string {
  if (path === "index.ts") return "index";
  if (!path.includes("/")) return "vocabulary";
  return path.startsWith("jobs/machine/") ? "jobs/machine" : (path.split("/")[0] ?? "");
}

function isAllowed({ from, to }: Import): boolean {
  const [chapter, target] = [chapterOf(from), chapterOf(to)];
  const allowed = MAY_IMPORT[chapter] ?? [];
  const exact = to.replace(/\.ts$/u, "");
  return chapter === target || allowed.includes(target) || allowed.includes(exact) || (chapter === "vocabulary" && VOCABULARY_USES_CLOCK.includes(exact));
}

describe("the structure of src", () => {
  it("follows the import table", () => {
    const unknown = files.map((file) => chapterOf(relative(join(ROOT, "src"), file))).filter((chapter) => !(chapter in MAY_IMPORT));
    expect([...new Set(unknown)]).toEqual([]);
    const wrong = imports.filter((one) => files.includes(join(ROOT, "src", one.to)) && !isAllowed(one));
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("has no import that leads nowhere", () => {
    const lost = imports.filter(({ to }) => to.endsWith(".ts") && !files.includes(join(ROOT, "src", to)));
    expect(lost.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("imports each vendor in its folder only", () => {
    const wrong = imports.filter(({ from, to, isType }) => {
      const owners = VENDORS.find(([pattern]) => pattern.test(to))?.[1];
      return owners !== undefined && !owners.includes(chapterOf(from)) && !(isType && FREE_TYPES.includes(to));
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("keeps every file under 300 lines, half of them under 80", () => {
    const sizes = files.map((file) => [readFileSync(file, "utf8").split("\n").length - 1, relative(ROOT, file)] as const).sort(([a], [b]) => a - b);
    expect(sizes.filter(([lines]) => lines > 300)).toEqual([]);
    expect(sizes[Math.floor(sizes.length / 2)]?.[0]).toBeLessThanOrEqual(80);
    expect(sizes[Math.floor(sizes.length * 0.9)]?.[0]).toBeLessThanOrEqual(200);
  });

  it("keeps every chapter to nine files", () => {
    const sizes = new Map<string, number>();
    for (const file of files) sizes.set(dirname(relative(ROOT, file)), (sizes.get(dirname(relative(ROOT, file))) ?? 0) + 1);
    // The root is the vocabulary, one concept a file.
    sizes.delete("src");
    expect([...sizes].filter(([, count]) => count > 9)).toEqual([]);
  });

  it("has no import cycles", () => {
    const edges = new Map(files.map((file) => [relative(join(ROOT, "src"), file), [] as string[]]));
    // A type import is gone when the program runs.
    for (const { from, to, isType } of imports) if (!isType && edges.has(to)) edges.get(from)?.push(to);
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" -> ")];
      if (done.has(file)) return [];
      const cycles = (edges.get(file) ?? []).flatMap((next) => visit(next, [...path, file]));
      done.add(file);
      return cycles;
    };
    expect([...edges.keys()].flatMap((file) => visit(file, []))).toEqual([]);
  });

  it("has no export that nobody uses", () => {
    const text = files.map((file) => [relative(ROOT, file), readFileSync(file, "utf8")] as const);
    const unused = text.flatMap(([file, source]) => {
      if (/index\.ts$/u.test(file)) return [];
      const names = [...source.matchAll(/^export (?:async )?(?:declare )?(?:abstract )?(?:function\*?|class|const|interface|type) (\w+)/gmu)].map((match) => match[1] ?? "");
      const isUsed = (name: string): boolean => text.some(([other, otherSource]) => new RegExp(`\\b${name}\\b`, "u").test(other === file ? otherSource.replace(new RegExp(`export [^\\n]*\\b${name}\\b`, "u"), "") : otherSource));
      return [...new Set(names)].filter((name) => !isUsed(name)).map((name) => `${file}: ${name}`);
    });
    expect(unused).toEqual([]);
  });
});
