import { statSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { Fault, runMain } from "../process/fault.mjs";
import { PROJECT_ROOT } from "../workspace.mjs";

/**
 * `node scripts/development/screenshots.mjs` makes docs/console/console.png from a running Ticktally, preferably the demo (`npm start -- --demo`).
 * Environment: CONSOLE_URL is its address, TICKTALLY_ACCOUNT_TOKEN the token to sign in with, CHROMIUM the path of the browser.
 */
const FILE = /** @type {`${string}.png`} */ (join(PROJECT_ROOT, "docs", "console", "console.png"));
const BYTES_MAX = 250_000;
const { CONSOLE_URL = "http://127.0.0.1:8081", TICKTALLY_ACCOUNT_TOKEN, CHROMIUM = "/usr/bin/chromium" } = process.env;

await runMain(async () => {
  if (TICKTALLY_ACCOUNT_TOKEN === undefined) throw new Fault("Set TICKTALLY_ACCOUNT_TOKEN to the account's token.", 64);
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--lang=en-GB"],
  });
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1440, height: 1080 });
    await page.goto(CONSOLE_URL, { waitUntil: "domcontentloaded" });
    await page.waitForSelector("input[type=password]");
    await page.type("input[type=password]", TICKTALLY_ACCOUNT_TOKEN);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".funnel-count");
    await page.waitForFunction(() => document.querySelector(".loading") === null);
    await page.waitForNetworkIdle({ idleTime: 300, concurrency: 2 });
    await page.screenshot({ path: FILE });
  } finally {
    await browser.close();
  }
  const { size } = statSync(FILE);
  if (size > BYTES_MAX) throw new Fault(`${FILE} has ${String(size)} bytes, more than ${String(BYTES_MAX)}.`, 1);
  process.stdout.write(`${FILE}: ${String(size)} bytes\n`);
  return 0;
});
