import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS, WEBHOOK_PATH } from "../packages/schemas/src/index.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";
import { browserPath } from "./support/browser.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";

const INSTANCE = freshInstance();

describe.skipIf(browserPath === undefined)("the documentation page", () => {
  let system: System;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    system = await sharedSystem();
    browser = await puppeteer.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await system.accept(statusOf(INSTANCE, "M1", "delivered"), statusOf(INSTANCE, "M2", "read"));
    await system.drained();
    await page.goto(`${system.apiOrigin}/docs`, { waitUntil: "networkidle0" });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  it("shows every call", async () => {
    const calls = OPERATIONS.filter(({ isLeftOut }) => isLeftOut !== true);
    const shown = await page.$$eval("details.call .path", (found) => found.map((path) => path.textContent));
    expect(shown.toSorted()).toEqual([...calls.map(({ path }) => path), WEBHOOK_PATH].toSorted());
  });

  it("makes a call with the typed token, and shows the counts and a curl command without the token", async () => {
    await page.type("#token", ACCOUNT_TOKEN);
    const call = "#get-metrics-instances-";
    await page.click(`${call} > summary`);
    await page.type(`${call} input[name=instances]`, INSTANCE);
    await page.click(`${call} button`);
    await page.waitForFunction((id) => document.querySelector(`${id} .answer`)?.textContent?.includes("{"), {}, call);
    const answer = await page.$eval(`${call} .answer`, (found) => found.textContent);
    expect(answer).toMatch(/^200 OK\nratelimit: /);
    expect(answer).toContain('"messagesSent": 2');
    const curl = await page.$eval(`${call} pre[aria-label=curl]`, (found) => found.textContent);
    expect(curl).toContain(`/metrics/${INSTANCE}`);
    expect(curl).not.toContain(ACCOUNT_TOKEN);
  });

  it("sends a body and a query, and marks a refusal", async () => {
    const call = "#post-quarantine-replay";
    await page.click(`${call} > summary`);
    await page.click(`${call} button`);
    await page.waitForSelector(`${call} .answer.refused`);
    expect(await page.$eval(`${call} .answer`, (found) => found.textContent)).toContain("Choose the entries");
  });

  it("shows how to post a webhook to ingest's port, without sending one", async () => {
    const call = "#post-webhooks-gateway-";
    await page.click(`${call} > summary`);
    const line = `${call} pre[aria-label=curl]`;
    await page.waitForFunction((found) => document.querySelector(found)?.textContent !== "", {}, line);
    const curl = await page.$eval(line, (found) => found.textContent);
    expect(curl).toContain("-X POST 'http://127.0.0.1:8080/webhooks/green-api' -H 'authorization: Bearer …'");
    expect(curl).toContain('"typeWebhook": "outgoingMessageStatus"');
    expect(curl).not.toContain(ACCOUNT_TOKEN);
    expect(await page.$(`${call} button`)).toBeNull();
  });

  it("shows the required token, the default values and examples of each call", async () => {
    const access = async (id: string) => page.$eval(`#${id} .access`, (found) => found.textContent);
    expect(await access("get-metrics-instances-")).toBe("Token: the account's, a read token or the instance's own.");
    expect(await access("get-health")).toBe("Token: the account's, or read token.");
    expect(await access("post-instances")).toBe("Token: the account's.");
    expect(await access("put-labels-label-")).toBe("Token: the account's, or the instance's own token.");
    const series = "#get-metrics-instances-series";
    const step = await page.$eval(`${series} select[name=step]`, (found) => found.selectedOptions[0]?.textContent);
    expect(step).toBe("day (default)");
    const placeholders = await page.$$eval(`${series} input`, (found) => found.map(({ placeholder }) => placeholder));
    expect(placeholders).toContain("for example instance,label");
    const body = await page.$eval("#put-labels-label- textarea", (found) => found.value);
    expect(JSON.parse(body)).toEqual({ instance: "sales", idMessages: ["…"] });
  });

  it("formats text in backticks as code, and makes scrollable areas reachable with the keyboard", async () => {
    const series = "#get-metrics-instances-series";
    expect(await page.$$eval(`${series} small code`, (found) => found.map((code) => code.textContent))).toContain(
      "event",
    );
    const texts = await page.$$eval("main p, main small, main td:not(:has(pre))", (found) =>
      found.map((one) => one.textContent),
    );
    expect(texts.filter((text) => text.includes("`"))).toEqual([]);
    const unreachable = await page.$$eval("main pre", (found) => found.filter((pre) => pre.tabIndex !== 0).length);
    expect(unreachable).toBe(0);
  });

  it("keeps the token after a reload, and has none in another tab", async () => {
    const typed = async (where: Page) => where.$eval("#token", (found) => (found as HTMLInputElement).value);
    await page.reload({ waitUntil: "networkidle0" });
    expect(await typed(page)).toBe(ACCOUNT_TOKEN);
    const other = await browser.newPage();
    await other.goto(`${system.apiOrigin}/docs`, { waitUntil: "networkidle0" });
    expect(await typed(other)).toBe("");
    await other.close();
  });

  it("sends no requests to other hosts, and logs no error except the provoked refusal", () => {
    expect(requests.filter((url) => !url.startsWith(system.apiOrigin) && !url.startsWith("data:"))).toEqual([]);
    expect(errors.filter((error) => !error.includes("400"))).toEqual([]);
  });

  it("runs only its own scripts", async () => {
    const { headers } = await system.get("/docs", { token: null });
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*script-src 'self'/);
  });
});
