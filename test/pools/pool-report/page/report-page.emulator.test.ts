import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { PoolReport, type PoolEvent, type PoolReportOptions } from "aci-lifecycle";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBrowser, openPage } from "../../../browser.js";
import { CONTRASTS } from "../../../contrasts.js";
import { busyRun } from "../busy-run.js";

// What would run if any of it were taken for markup.
const MARKUP = `"><img src=x onerror="globalThis.struck = true"></script><script>globalThis.struck = true</script>`;

// A report of a run in virtual time; its own keys where some are given.
async function reportOf(count: number, keys: readonly string[] = [], options: PoolReportOptions = {}): Promise<string> {
  const { report, azure, pool, specs } = busyRun(count, {}, options);
  await azure.until(Promise.allSettled(specs.map((spec, index) => pool.run({ ...spec, key: keys[index] ?? spec.key ?? "" }))));
  return report.toHtml();
}

describe("the page of a report", () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  let run: string;
  let urls: string[];
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    folder = await mkdtemp(join(tmpdir(), "report-"));
    run = await reportOf(250);
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    ({ page, urls, complaints } = await openPage(browser, { viewport: { width: 1360, height: 900 } }));
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
    // The page itself, and nothing else.
    expect(urls.filter((url) => url !== "data:,")).toHaveLength(1);
  });

  const open = async (html: string): Promise<void> => {
    const file = join(folder, "report.html");
    await writeFile(file, html);
    await page.goto(pathToFileURL(file).href);
  };
  const rows = (): ReturnType<Page["locator"]> => page.locator("#body tr");
  const status = (): Promise<string> => page.getByRole("status").innerText();

  it("draws a hundred rows at a time, which are turned by keyboard", async () => {
    await open(run);
    expect([await rows().count(), await status()]).toEqual([100, "Rows 1 to 100 of 257"]);
    expect(await page.getByRole("columnheader").allInnerTexts()).toEqual(expect.arrayContaining(["Job", "Outcome", "Waited", "Pulled", "Ran", "Requests", "USD"]));
    const next = page.getByRole("navigation", { name: "Pages, above the table" }).getByRole("button", { name: "Next" });
    await next.focus();
    await page.keyboard.press("Enter");
    expect(await status()).toBe("Rows 101 to 200 of 257");
    await page.keyboard.press("Enter");
    expect([await rows().count(), await status(), await next.isDisabled()]).toEqual([57, "Rows 201 to 257 of 257", true]);
  });

  it("has a bar for each row with its phases one after the other, and their times as text beside it", async () => {
    await open(run);
    const bars = await page.evaluate<[number, number][][]>(`[...document.querySelectorAll("#body .bar")].map((bar) => [...bar.querySelectorAll("rect")].map((rect) => ["x", "width"].map((name) => Number(rect.getAttribute(name)))))`);
    expect(bars).toHaveLength(100);
    for (const bar of bars) for (const [index, [x, width]] of bar.entries()) expect([x >= (bar[index - 1]?.[0] ?? 0), width >= 0, x + width <= 1002]).toEqual([true, true, true]);
    expect(await rows().nth(1).getByRole("cell").allInnerTexts()).toEqual(["succeeded", "", expect.stringMatching(/^\d+\.\ds$/u), "3.0s", "3.9s", "16s", expect.stringMatching(/s$/u), "6.0s", "16", "0.00036"]);
    const [title] = await page.locator("#body .bar title").nth(1).allTextContents();
    expect(title).toMatch(/^Waited .*, Provisioned 3\.0s, Pulled 3\.9s, Ran 16s, .* from 00:00:00 to 00:00:\d\d UTC$/u);
  });

  it("finds by keyboard, by outcome too, and shows all again", async () => {
    await open(run);
    await page.getByRole("searchbox", { name: "Find" }).focus();
    await page.keyboard.type("FRAME-0011");
    expect(await status()).toBe("Rows 1 to 11 of 11 found, of 257 in all");
    expect(await rows().getByRole("rowheader").first().innerText()).toContain("frame-00110");
    await page.keyboard.press("Tab");
    await page.keyboard.type("failed");
    expect(await page.getByRole("combobox", { name: "Outcome" }).inputValue()).toBe("failed");
    expect(await status()).toBe("Rows 1 to 2 of 2 found, of 257 in all");
    await page.getByRole("searchbox", { name: "Find" }).focus();
    await page.keyboard.type("0");
    expect(await status()).toBe("None found, of 257");
    await page.getByRole("button", { name: "Show all" }).press("Enter");
    expect([await status(), await page.evaluate("document.activeElement.id")]).toEqual(["Rows 1 to 100 of 257", "find"]);
  });

  it("orders rows by what took longest, and compares them from one line on", async () => {
    await open(run);
    await page.getByRole("combobox", { name: "Order" }).selectOption("ran longest");
    const ran = await page.evaluate<string[]>(`[...document.querySelectorAll("#body tr")].map((row) => row.querySelector("[data-label=Ran]").textContent)`);
    const seconds = ran.map((text) => parseFloat(text));
    expect(seconds).toEqual([...seconds].sort((one, other) => other - one));
    expect(seconds[0]).toBeGreaterThan(36);
    await page.getByRole("checkbox", { name: "Compare without the wait" }).press("Space");
    const begins = await page.evaluate<string[]>(`[...document.querySelectorAll("#body .bar")].map((bar) => bar.querySelector("rect").getAttribute("x"))`);
    expect([...new Set(begins)]).toEqual(["0.00"]);
  });

  it("takes nothing that it is told for markup", async () => {
    await open(await reportOf(8, [MARKUP, `${MARKUP} 2`], { title: MARKUP }));
    await page.getByRole("rowheader").getByText(`${MARKUP} 2`).waitFor();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(MARKUP);
    expect(await page.title()).toBe(MARKUP);
    expect(await page.evaluate("[document.images.length, document.scripts.length, 'struck' in globalThis]")).toEqual([0, 2, false]);
  });

  it("runs nothing that got into it all the same", async () => {
    await open(run.replace("<main>", `<main><img src="data:," onerror="globalThis.struck = true"><script>globalThis.struck = true</script><img src="https://example.com/x.png">`));
    expect(await rows().count()).toBe(100);
    expect(await page.evaluate("'struck' in globalThis")).toBe(false);
    expect(complaints.splice(0).join("\n")).toMatch(/Content Security Policy/u);
    // The browser tells of a request that it then does not send.
    urls = urls.filter((url) => !url.startsWith("https:"));
  });

  it("draws no more of ten thousand rows than are looked at", async () => {
    const report = new PoolReport();
    for (let id = 1; id <= 10_000; id++) {
      const at = (ms: number): string => new Date(1.7e12 + ms).toISOString();
      const base = { id, key: `frame-${id}`, queued: 0, running: 0, finished: 0 };
      report.listen({ ...base, type: "poolQueued", at: at(id) });
      report.listen({ ...base, type: "poolFinished", at: at(id + 1000), error: { code: "ACI_JOB_DETACHED", text: "Stopped waiting" } } satisfies PoolEvent);
    }
    await open(report.toHtml());
    expect(await status()).toBe("Rows 1 to 100 of 10,000");
    await page.getByRole("searchbox").fill("frame-9999");
    expect(await status()).toBe("Rows 1 to 1 of 1 found, of 10,000 in all");
    await page.getByRole("searchbox").fill("");
    expect(await page.evaluate("document.querySelectorAll('*').length")).toBeLessThan(4000);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect([await rows().count(), await status()]).toEqual([1000, "Rows 1 to 1,000 of 10,000"]);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await rows().count()).toBe(100);
  });

  it.each([360, 390, 768, 1264, 1360])("has nothing that sticks out or is cut off %d pixels wide", async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await open(await reportOf(60, ["k".repeat(150), "a key of several words ".repeat(8).trim()]));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(await page.evaluate(OVERLAPS)).toEqual([]);
    expect(await page.getByRole("columnheader", { name: "Requests" }).count()).toBe(1);
    expect(await rows().first().getByRole("cell").count()).toBe(10);
  });

  it.each(["light", "dark"] as const)("has text and colours that can be told apart in the %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await open(run);
    await page.getByText("The same as a table").press("Enter");
    const contrasts = await page.evaluate<[string, number][]>(CONTRASTS);
    expect(contrasts.length).toBeGreaterThan(500);
    expect(contrasts.filter(([, contrast]) => contrast < 4.5)).toEqual([]);
    const colours = await page.evaluate<[string, number][]>(SWATCHES);
    expect(colours).toHaveLength(6);
    expect(colours.filter(([, contrast]) => contrast < 3)).toEqual([]);
  });

  it("tells all but the rows where no script runs", async () => {
    await page.close();
    page = await browser.newPage({ javaScriptEnabled: false });
    page.on("request", (request) => urls.push(request.url()));
    await open(run);
    expect(await page.locator("noscript").innerText()).toContain("The rows are drawn by a script");
    expect(await page.getByRole("table", { name: "Where the time went" }).getByRole("row").count()).toBe(8);
    expect(await page.locator("#rows:visible, #controls:visible, .pager:visible").count()).toBe(0);
  });

  it("is light on paper, with all that takes a click left out", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await open(run);
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(27, 35, 48)");
    expect(await page.locator("button:visible, input:visible, select:visible, summary:visible").count()).toBe(0);
    expect(await rows().first().isVisible()).toBe(true);
  });
});

// The contrast of each colour of a phase to what is behind it: the colour stands for the text.
const SWATCHES = CONTRASTS.replace("body *", ".swatch:not(.phase-all)").replace("[...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())", "true").replace("getComputedStyle(node).color", "getComputedStyle(node).backgroundColor").replace("behind(node))]", "behind(node.parentElement))]");

// Texts of the tables that reach over another's, or out of their own cell. A long key is cut at the bottom of its cell.
const OVERLAPS = String.raw`(() => {
  const boxes = [...document.querySelectorAll("#rows tr, .durations tr")].flatMap((row) => {
    const cells = [...row.children].filter((cell) => getComputedStyle(cell).clipPath === "none" && cell.textContent.trim() !== "" && !cell.querySelector("svg"));
    return [cells.map((cell) => { const range = document.createRange(); range.selectNodeContents(cell); const { left, right, top, bottom } = range.getBoundingClientRect(); return { text: cell.textContent, left, right, top, bottom: Math.min(bottom, cell.getBoundingClientRect().bottom) }; })];
  });
  // What stands before a text by the style has no box of its own, but makes its cell too small.
  const wide = [...document.querySelectorAll("#body tr > *, .durations tr > *, .tile, .pager, .controls > *")].filter((node) => node.checkVisibility() && node.clientWidth > 1 && node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent);
  return wide.concat(boxes.flatMap((row) => row.flatMap((one, index) => row.slice(index + 1).filter((other) => one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1).map((other) => one.text + " | " + other.text))));
})()`;
