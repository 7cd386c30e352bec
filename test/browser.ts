import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** Debian's browser. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`There is no ${CHROMIUM}: run scripts/ensure-chromium.sh, or leave the browser out with ACI_TEST_BROWSER=no`);
  return chromium.launch({ executablePath: CHROMIUM });
}

/** A page, what it asks for, and what the browser complains of. */
export interface WatchedPage {
  readonly page: Page;
  readonly urls: string[];
  readonly complaints: string[];
}

export async function openPage(browser: Browser, options: Parameters<Browser["newPage"]>[0] = {}): Promise<WatchedPage> {
  const page = await browser.newPage(options);
  const [urls, complaints]: [string[], string[]] = [[], []];
  page.on("request", (request) => urls.push(request.url()));
  page.on("console", (message) => (["error", "warning"].includes(message.type()) ? complaints.push(message.text()) : undefined));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, urls, complaints };
}
