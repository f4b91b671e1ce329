import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserPath } from "./support/browser.ts";
import { closeDrawer, openConsole, press, signIn, visit, waitForText } from "./support/console-page.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

const INSTANCE = freshInstance();
const PAGES = ["overview", "instances", "messages?instance=sales", "failures", "labels", "health", "settings"];

let system: System;
let browser: Browser;
let page: Page;

describe.skipIf(browserPath === undefined)("using the console", () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await puppeteer.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    await system.send("POST", "/instances", { idInstance: INSTANCE, name: "sales" });
    for (const id of ["M1", "M2", "M3"])
      await system.accept(
        observation("api", INSTANCE, id),
        statusOf(INSTANCE, id, "sent"),
        statusOf(INSTANCE, id, "read"),
      );
    await system.accept(failureOf(INSTANCE, "F1", "Timed Out"), statusOf(INSTANCE, "Q1", "lost"));
    await system.drained();
    await system.send("PUT", "/labels/spring", { instance: "sales", idMessages: ["M1"] });
    ({ page } = await openConsole(browser, system.apiOrigin));
    await signIn(page, ACCOUNT_TOKEN);
    await waitForText(page, "Overview");
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
  });

  it("shifts no content while a page loads", async () => {
    for (const path of PAGES) {
      await visit(page, path);
      await page.reload({ waitUntil: "domcontentloaded" });
      await visit(page, path);
      const moved = await page.evaluate(() => {
        let sum = 0;
        const observer = new PerformanceObserver(() => undefined);
        observer.observe({ type: "layout-shift", buffered: true });
        for (const entry of observer.takeRecords()) sum += (entry as PerformanceEntry & { value: number }).value;
        return sum;
      });
      expect(moved, path).toBeLessThan(0.02);
    }
  });

  it("keeps the heading if the address names an unknown instance", async () => {
    await visit(page, "overview?instances=unknown-one");
    await waitForText(page, "unknown-one");
    expect(await page.$$eval("h1", (all) => all.map(({ textContent }) => textContent))).toEqual(["Overview"]);
    await visit(page, "overview");
  });

  it("announces the time under the crosshair, which the arrow keys move", async () => {
    await visit(page, "overview");
    const spoken = async (name: string) =>
      page.$eval(`[role=slider][aria-label^="${name}"]`, (slider) => slider.ariaValueText);
    for (const [name, key] of [
      ["Over time", "ArrowLeft"],
      ["When", "ArrowDown"],
    ] as const) {
      await page.focus(`[role=slider][aria-label^="${name}"]`);
      const before = await spoken(name);
      await page.keyboard.press(key);
      await page.waitForFunction(
        (label, was) => document.querySelector(`[role=slider][aria-label^="${label}"]`)?.ariaValueText !== was,
        {},
        name,
        before,
      );
    }
    expect(await spoken("Over time")).toMatch(/: Sent \d+, Delivered \d+, Read \d+, Failed \d+$/);
  });

  it("zooms into a range that is selected in a chart, and out again", async () => {
    await visit(page, "overview");
    const chart = await page.waitForSelector(".crosshair .u-over");
    await chart?.scrollIntoView();
    const { x, y, width } = (await chart?.boundingBox()) ?? { x: 0, y: 0, width: 0 };
    await page.mouse.move(x + width * 0.4, y + 40);
    await page.mouse.down();
    // The range ends with the last day, which has messages.
    await page.mouse.move(x + width - 2, y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => location.hash.includes("range=own"));
    await press(page, "Zoom out");
    await page.waitForFunction(() => !location.hash.includes("range=own"));
  });

  it("works with the keyboard only: to a page, to a row, into a message and back", async () => {
    await visit(page, "overview");
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    });
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Instances");
    await page.keyboard.press("/");
    await page.keyboard.type("sal");
    await page.waitForFunction(() => location.hash.includes("q=sal"));
    await visit(page, "messages?instance=sales");
    await page.focus("tbody tr");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open] .timeline");
    await closeDrawer(page);
  });
});
