import axeCore from "axe-core";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { until } from "./until.ts";

/** A tab with its own cookies, the errors it logged and the requests it sent. */
export interface ConsolePage {
  readonly page: Page;
  /** Errors and warnings in the browser's console, such as violations of the content security policy. Error answers of the api are not included. */
  readonly errors: readonly string[];
  /** The address of each request. */
  readonly requests: readonly string[];
}

export async function openConsole(browser: Browser, origin: string): Promise<ConsolePage> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    const isRefusal = message.text().startsWith("Failed to load resource");
    if ((message.type() === "error" || message.type() === "warn") && !isRefusal) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(origin, { waitUntil: "domcontentloaded" });
  await page.waitForSelector("input[type=password]");
  return { page, errors, requests };
}

/** Sign in with the keyboard only. */
export async function signIn(page: Page, token: string): Promise<void> {
  await page.focus("input[type=password]");
  await page.keyboard.type(token);
  await page.keyboard.press("Enter");
}

/** Open a page of the console by its address, and wait until it has loaded. */
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

/** The accessibility violations that axe finds, each with its element. */
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

/** Click a button by its accessible name. */
export async function press(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).click();
}

/** Close the open drawer. */
export async function closeDrawer(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector("dialog") === null);
}

/** Replace the content of a field. */
export async function fill(page: Page, selector: string, text: string): Promise<void> {
  const field = await page.waitForSelector(selector);
  await field?.evaluate((element) => {
    (element as HTMLInputElement).select();
  });
  await field?.type(text);
}

/** The files that a page downloads, in a temporary folder. Call {@link remove} at the end. */
export class Downloads {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async of(page: Page): Promise<Downloads> {
    const folder = await mkdtemp(join(tmpdir(), "ticktally-downloads-"));
    const session = await page.browser().target().createCDPSession();
    const { id } = page.browserContext();
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: folder,
      ...(id === undefined ? {} : { browserContextId: id }),
    });
    return new Downloads(folder);
  }

  /** Perform an action and return the file that the browser saves. */
  async file(action: () => Promise<void>): Promise<{ readonly name: string; readonly bytes: Buffer }> {
    const before = new Set(await readdir(this.#folder));
    await action();
    let name: string | undefined;
    await until("a file is saved", async () => {
      name = (await readdir(this.#folder)).find((file) => !before.has(file) && /\.(?:png|csv)$/.test(file));
      return name !== undefined;
    });
    const path = join(this.#folder, name ?? "");
    const bytes = await readFile(path);
    await rm(path);
    return { name: name ?? "", bytes };
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
