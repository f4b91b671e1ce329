import axeCore from "axe-core";
import type { Browser, Page } from "puppeteer-core";

/** A tab of its own, with cookies of its own, and what it did that it should not have. */
export interface ConsolePage {
  readonly page: Page;
  /** What the browser complained of, such as violations of the policy; refusals of the api are not among them. */
  readonly faults: readonly string[];
  /** All addresses that were asked. */
  readonly asked: readonly string[];
}

export async function openConsole(browser: Browser, origin: string): Promise<ConsolePage> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const faults: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => {
    const isRefusal = message.text().startsWith("Failed to load resource");
    if ((message.type() === "error" || message.type() === "warn") && !isRefusal) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(origin, { waitUntil: "domcontentloaded" });
  await page.waitForSelector("input[type=password]");
  return { page, faults, asked };
}

/** With the keyboard alone. */
export async function signIn(page: Page, token: string): Promise<void> {
  await page.focus("input[type=password]");
  await page.keyboard.type(token);
  await page.keyboard.press("Enter");
}

/** Open a page of the console by its address, and wait until nothing of it is loading. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${path}`);
  await page.waitForFunction(
    (name) => document.querySelector("h1")?.textContent.toLowerCase() === name,
    {},
    path.split(/[/?]/)[0],
  );
  await page.waitForFunction(() => document.querySelector(".loading") === null);
}

export async function waitForText(page: Page, text: string, timeout = 30_000): Promise<void> {
  await page.waitForFunction((wanted) => document.body.innerText.includes(wanted), { timeout }, text);
}

/** What axe finds wrong, each with the element. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeCore.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}
