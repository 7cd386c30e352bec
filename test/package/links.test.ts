import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const packed = Object.values(JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })) as object) as [{ files: readonly { path: string }[] }];
const paths = packed[0].files.map(({ path }) => path);
const pages = new Map(paths.filter((path) => path.endsWith(".md")).map((path) => [path, readFileSync(`${root}/${path}`, "utf8").replaceAll(/^```[\s\S]*?^```/gmu, "")]));

// Where a heading is found: as GitHub and npm name it.
const anchorsOf = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gmu)].map(([, heading = ""]) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
const linksOf = (text: string): string[] => [...text.matchAll(/\]\(((?!https?:)[^)]+)\)/gu)].map(([, link = ""]) => link);

function leadsSomewhere(link: string, from: string, known: ReadonlyMap<string, string>): boolean {
  const [to = "", anchor] = link.split("#");
  const target = to === "" ? from : posix.join(posix.dirname(from), to);
  return paths.includes(target) && (anchor === undefined || anchorsOf(known.get(target) ?? "").includes(anchor));
}

describe("the links of the packed pages", () => {
  it("lead to files of the package, and to headings in them", () => {
    const links = [...pages].flatMap(([page, text]) => linksOf(text).map((link) => ({ page, link })));
    expect(links.filter(({ page, link }) => !leadsSomewhere(link, page, pages))).toEqual([]);
    expect(links.filter(({ page }) => page === "README.md").length).toBeGreaterThan(13);
    expect(new Set(links.map(({ page }) => page)).size).toBeGreaterThan(5);
  });

  it("lead to each of the examples, from their page", () => {
    const linked = linksOf(pages.get("docs/examples.md") ?? "").flatMap((link) => (link.startsWith("../examples/") ? [posix.join("docs", link)] : []));
    expect(linked.sort()).toEqual(paths.filter((path) => path.startsWith("examples/")).sort());
  });

  it("would be found if they led nowhere", () => {
    const page = new Map([["docs/jobs.md", "# Of `x()`\n"]]);
    const goes = (link: string): boolean => leadsSomewhere(link, "docs/jobs.md", page);
    expect(["#of-x", "../test/architecture.test.ts", "missing.md", "#of-y", "../README.md#nothing", "../README.md"].map(goes)).toEqual([true, false, false, false, false, true]);
  });
});
