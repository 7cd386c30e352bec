import type { Browser, Page } from "playwright-core";
import { scripted, startEmulator, type Emulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBrowser, openPage } from "../../browser.js";
import { CONTRASTS } from "../../contrasts.js";
import { arm, groupBody } from "../arm.js";

// What would run if any of it were taken for markup.
const MARKUP = `<img src=x onerror="globalThis.struck = true"><script>globalThis.struck = true</script>`;

describe("the page to look at", () => {
  let browser: Browser;
  let page: Page;
  let emulator: Emulator;
  let container: ScriptedContainer;
  let urls: string[];
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    const forever = (c: ScriptedContainer): Promise<number> => {
      container = c;
      return new Promise(() => undefined);
    };
    emulator = await startEmulator({ engine: scripted({ forever, fail: () => 3 }) });
    ({ page, urls, complaints } = await openPage(browser));
  });
  afterEach(async () => {
    await page.close();
    await emulator.close();
    expect(complaints).toEqual([]);
    expect(urls.filter((url) => !url.startsWith(`${emulator.endpoint}/`))).toEqual(urls.filter((url) => url === "data:,"));
  });

  const create = (name: string, image: string, more: object = {}): Promise<unknown> => arm(emulator, "PUT", `containerGroups/${name}`, { body: { ...groupBody(image), ...more } });
  const region = (name: string | RegExp): ReturnType<Page["getByRole"]> => page.getByRole("region", { name });

  it("shows groups with their containers, states and events as they change", async () => {
    await page.goto(emulator.pageUrl);
    await region("Container groups").getByText("There is none").waitFor();
    await create("failing", "fail");
    const group = page.getByRole("article", { name: "Container group failing" });
    await group.getByText("provisioning Succeeded").waitFor();
    expect(await group.getByRole("table", { name: "Containers of failing" }).getByRole("row").nth(1).innerText()).toMatch(/^main\s+Terminated\s+3\s+0\s+fail/);
    await group.getByText(/\d events/).press("Enter");
    await group.getByText("Started container").waitFor();
    await arm(emulator, "DELETE", "containerGroups/failing");
    await group.waitFor({ state: "detached" });
  });

  it("follows the log of the container that is chosen by keyboard, and keeps the focus there", async () => {
    await create("web", "forever");
    container.print("first line\n");
    await page.goto(emulator.pageUrl);
    const button = page.getByRole("button", { name: "Show log of main" });
    await button.focus();
    await page.keyboard.press("Enter");
    await region("Log of main in web").getByText("first line").waitFor();
    container.print("second line\n");
    await region("Log of main in web").getByText("second line").waitFor();
    expect([await button.getAttribute("aria-pressed"), await page.evaluate("document.activeElement.textContent")]).toEqual(["true", "Show log"]);
  });

  it("takes nothing that it is told for markup", async () => {
    await create("evil", "forever", { tags: { [MARKUP]: MARKUP } });
    emulator.inject({ on: "logs", name: MARKUP, answer: { status: 418, code: MARKUP, message: MARKUP } });
    await arm(emulator, "GET", `containerGroups/${encodeURIComponent(MARKUP)}`);
    container.print(`${MARKUP}\n`);
    await page.goto(emulator.pageUrl);
    await page.getByRole("button", { name: "Show log of main" }).click();
    await region("Log of main in evil").getByText(MARKUP).waitFor();
    await page.getByRole("article", { name: "evil" }).getByText(`${MARKUP}=${MARKUP}`).waitFor();
    await region("Faults").getByText(`418 ${MARKUP}`).first().waitFor();
    expect(await page.evaluate("[document.images.length, document.scripts.length, 'struck' in globalThis]")).toEqual([0, 1, false]);
  });

  it("shows the faults that are set, how often each has struck, and the requests that met them", async () => {
    emulator.inject({ on: ["get", "list"], times: 2, answer: "unavailable" });
    emulator.inject({ happens: "maintenance", name: "web", times: Infinity });
    await page.goto(emulator.pageUrl);
    await region("Faults").getByText("0 of 2").first().waitFor();
    await arm(emulator, "GET", "containerGroups");
    await region("Faults").getByText("1 of 2").first().waitFor();
    expect(await region("Faults").first().getByRole("row").allInnerTexts()).toEqual(["When\tWhat\tStruck", "get, list\tunavailable\t1 of 2", "a group · named web\tmaintenance\t0 of ∞"]);
    const row = region("Requests").first().getByRole("row").nth(1);
    expect(await row.innerText()).toMatch(/GET\s+…\/resourceGroups\/emulator\/containerGroups\s+503$/s);
    expect(emulator.requests).toHaveLength(1);
  });

  it("takes the token out of the address, and still has it after a reload", async () => {
    await page.goto(emulator.pageUrl);
    await page.getByText("Live, scripted engine").waitFor();
    expect(page.url()).toBe(`${emulator.endpoint}/`);
    await page.reload();
    await page.getByText("Live, scripted engine").waitFor();
    const token = emulator.environment["ACI_EMULATOR_TOKEN"] ?? "";
    expect(await page.content()).not.toContain(token);
  });

  it("shows and asks for nothing without the token, and says how to get it", async () => {
    await create("web", "forever");
    await page.goto(`${emulator.endpoint}/`);
    await region("How to get in").waitFor();
    expect(await page.getByRole("main").isVisible()).toBe(false);
    expect(urls.filter((url) => url.startsWith("http"))).toEqual([`${emulator.endpoint}/`]);
    await page.goto(emulator.pageUrl);
    await page.getByRole("article", { name: "Container group web" }).waitFor();
  });

  it("forgets a token that is not the emulator's", async () => {
    await page.goto(`${emulator.endpoint}/#${"0".repeat(64)}`);
    await page.getByText("not, or no longer, that of the emulator").waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    // The browser itself notes the refusal.
    expect(complaints.splice(0)).toEqual([expect.stringContaining("401")]);
  });

  it("asks about once a second, and not while it is hidden", async () => {
    const looks = (): number => urls.filter((url) => url.includes("/emulator/state")).length;
    const hide = (isHidden: boolean): Promise<unknown> => page.evaluate(`Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`);
    await page.goto(emulator.pageUrl);
    await page.waitForResponse(/state/);
    await page.waitForResponse(/state/);
    await hide(true);
    const before = looks();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(looks()).toBe(before);
    await Promise.all([page.waitForResponse(/state/), hide(false)]);
  });

  it.each(["light", "dark"] as const)("has text that can be read in the %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await create("web", "forever");
    await page.goto(emulator.pageUrl);
    await page.getByRole("article", { name: "Container group web" }).waitFor();
    const contrasts = await page.evaluate(CONTRASTS);
    expect((contrasts as [string, number][]).filter(([, contrast]) => contrast < 4.5)).toEqual([]);
  });
});
