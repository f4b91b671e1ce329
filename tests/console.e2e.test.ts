import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  failuresAnswer,
  healthAnswer,
  messageListAnswer,
  readTokenCreatedAnswer,
  seriesAnswer,
} from "../packages/schemas/src/index.ts";
import { browserPath } from "./support/browser.ts";
import { axeFindings, openConsole, signIn, visit, waitForText, type ConsolePage } from "./support/console-page.ts";
import { failureOf, freshInstance, nowSeconds, observation, signal, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

const INSTANCE = freshInstance();
const HOSTILE = `<img src=x onerror="window.hacked=1">`;
const LABEL = "spring & <b>sale</b>";
const PAGES = ["overview", "instances", `messages?instance=sales`, "failures", "labels", "health", "settings"];

let system: System;
let browser: Browser;
let account: ConsolePage;

describe.skipIf(browserPath === undefined)("the console", () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await puppeteer.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    await system.send("POST", "/instances", { idInstance: INSTANCE, name: "sales" });
    for (let index = 0; index < 12; index++) await send(`M${String(index)}`, index);
    await system.accept(
      failureOf(INSTANCE, "F1", `Timed Out ${HOSTILE}`),
      failureOf(INSTANCE, HOSTILE, "connection closed", { chatId: `${HOSTILE}@c.us` }),
      statusOf(INSTANCE, "Q1", HOSTILE),
      signal(INSTANCE, "stateInstanceChanged", { stateInstance: HOSTILE }),
    );
    await system.drained();
    await system.send("POST", "/tokens", { name: HOSTILE, scope: "read" });
    await system.send("PUT", `/labels/${encodeURIComponent(LABEL)}`, { instance: "sales", idMessages: ["M1", "M2"] });
    account = await openConsole(browser, system.apiOrigin);
    await signIn(account.page, ACCOUNT_TOKEN);
    await waitForText(account.page, "Overview");
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
  });

  it("is served at / to browsers, and not to other clients", async () => {
    const typeFor = async (accept: string) =>
      (await fetch(system.apiOrigin, { headers: { accept } })).headers.get("content-type");
    expect(await typeFor("text/html,application/xhtml+xml,*/*;q=0.8")).toContain("text/html");
    expect(await typeFor("application/json")).toContain("application/json");
    expect(await typeFor("*/*")).toContain("application/json");
  });

  it("signs in with a cookie that scripts cannot read, and stores the token nowhere", async () => {
    const cookies = await account.page.browserContext().cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: "Strict" }]);
    const reachable = await account.page.evaluate(() =>
      JSON.stringify([document.cookie, localStorage, sessionStorage, document.documentElement.outerHTML]),
    );
    expect(reachable).not.toContain(ACCOUNT_TOKEN);
    expect(reachable).not.toContain(cookies[0]?.value);
  });

  it("reports a wrong token", async () => {
    const { page } = await openConsole(browser, system.apiOrigin);
    await signIn(page, "no-such-token");
    await waitForText(page, "No such token.");
    await page.browserContext().close();
  });

  it("shows the same numbers as REST", async () => {
    const { page } = account;
    await visit(page, "overview");
    const { from, to } = sevenDays();
    const query = `from=${from}&to=${to}&cohort=message`;
    const { series } = seriesAnswer.parse(JSON.parse((await system.get(`/metrics/all/series?${query}`)).text));
    const shown = await page.$$eval(".funnel-count .count", (found) => found.map((count) => Number(count.textContent)));
    const { sent, delivered, read, failed, noAccount, notInGroup, noActiveSession } = series.totals;
    expect(sent).toBeGreaterThan(0);
    expect(shown).toEqual([sent, delivered, read, failed + noAccount + notInGroup + noActiveSession]);

    await visit(page, "failures");
    const answer = await system.get(`/metrics/all/failures?from=${from}&to=${to}`);
    const { failures } = failuresAnswer.parse(JSON.parse(answer.text));
    await waitForText(page, `${String(failures.total)} messages failed`);
    const rows = await page.$$eval(".matrix tbody tr", (found) =>
      found.map((row) => Number(row.querySelector("td")?.textContent)),
    );
    expect(rows.toSorted((a, b) => a - b)).toEqual(
      failures.byReason.map(({ count }) => count).toSorted((a, b) => a - b),
    );

    await visit(page, "instances");
    await page.waitForFunction(() => document.querySelector("tbody td.number")?.textContent !== "…");
    const row = await page.$$eval("tbody tr:not(.spacer) td", (found) => found.map((cell) => cell.textContent));
    expect(row).toContain("sales");
    expect(row).toContain(String(sent));
  });

  it("shows the same numbers in tables, heat map and lists", async () => {
    const { page } = account;
    const { from, to } = sevenDays();
    const seriesOf = async (query: string) =>
      seriesAnswer.parse(JSON.parse((await system.get(`/metrics/all/series?from=${from}&to=${to}&${query}`)).text))
        .series;
    await visit(page, "overview");
    const events = (await seriesOf("step=day")).totals;
    const failed = events.failed + events.noAccount + events.notInGroup + events.noActiveSession;
    expect(await columnsOf(page, "Over time")).toEqual([events.sent, events.delivered, events.read, failed]);
    const { messages } = (await seriesOf("cohort=message")).totals;
    const heat = await columnsOf(page, "When");
    expect(heat.reduce((sum, value) => sum + value, 0)).toBe(messages);
    const bars = await page.$$eval(".bars-number:nth-child(2)", (found) => found.map((one) => Number(one.textContent)));
    expect(bars.reduce((sum, value) => sum + value, 0)).toBe(failed);

    await visit(page, "labels");
    expect(
      await page.$$eval(".label-numbers dd", (found) => found.map((one) => Number.parseInt(one.textContent, 10))),
    ).toEqual([2, 2, 1, 0]);
    await visit(page, "messages?instance=sales&status=read&direction=outgoing");
    const list = await system.get("/messages/sales?status=read&limit=1000");
    const { messages: listed } = messageListAnswer.parse(JSON.parse(list.text));
    expect(await page.$$eval("tbody tr", (rows) => rows.length)).toBe(listed.length);
    await visit(page, "health");
    const { quarantine } = healthAnswer.parse(JSON.parse((await system.get("/health")).text)).health;
    await waitForText(page, `${String(quarantine.size)} webhooks could not be understood`);
  });

  it("shows a new message without a reload", async () => {
    const { page } = account;
    await visit(page, "overview");
    const before = await sentShown(page);
    await system.accept(statusOf(INSTANCE, "LIVE", "sent"));
    await page.waitForFunction(
      (count) => Number(document.querySelector(".funnel-count .count")?.textContent) > count,
      { timeout: 15_000 },
      before,
    );
  });

  it("shows external texts as plain text", async () => {
    const { page } = account;
    for (const path of [...PAGES, `messages/sales/${encodeURIComponent(HOSTILE)}?instance=sales`]) {
      await visit(page, path);
      expect(
        await page.evaluate(() => ({
          hacked: "hacked" in globalThis,
          images: document.querySelectorAll("img[onerror]").length,
        })),
      ).toEqual({
        hacked: false,
        images: 0,
      });
    }
    await visit(page, "failures");
    await waitForText(page, HOSTILE);
    await visit(page, "settings");
    await waitForText(page, HOSTILE);
  });

  it.each(["light", "dark"] as const)(
    "has no accessibility violations (axe), in the %s theme",
    async (theme) => {
      const { page } = account;
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      for (const path of [...PAGES, "messages/sales/M0?instance=sales", `settings?edit=${INSTANCE}`]) {
        await visit(page, path);
        expect(await axeFindings(page), path).toEqual([]);
      }
    },
    60_000,
  );

  it("does not scroll horizontally on a phone", async () => {
    const { page } = account;
    await page.setViewport({ width: 390, height: 844 });
    for (const path of PAGES) {
      await visit(page, path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
    }
    await page.setViewport({ width: 1440, height: 900 });
  });

  it("shows no buttons for changes to a read token, and signs out when the token is revoked", async () => {
    const made = await system.send("POST", "/tokens", { name: "viewer", scope: "read" });
    const { id, token } = readTokenCreatedAnswer.parse(JSON.parse(made.text));
    const { page } = await openConsole(browser, system.apiOrigin);
    await signIn(page, token);
    await waitForText(page, "read only");
    await visit(page, "settings");
    expect(await page.$$eval("main form", (forms) => forms.length)).toBe(0);
    await system.send("DELETE", `/tokens/${id}`);
    await visit(page, "overview").catch(() => undefined);
    await page.waitForSelector("input[type=password]");
    await page.browserContext().close();
  });

  it("shows an instance's token only that instance, and no health page", async () => {
    const { text } = await system.send("POST", "/instances/sales/token");
    const { token } = JSON.parse(text) as { token: string };
    await system.accept(statusOf(freshInstance(), "OTHER", "sent"));
    await system.drained();
    const { page } = await openConsole(browser, system.apiOrigin);
    await signIn(page, token);
    await waitForText(page, "one instance");
    await visit(page, "instances");
    expect(await page.$$eval("tbody tr", (rows) => rows.length)).toBe(1);
    expect(await page.$$eval(".rail a", (links) => links.map((link) => link.textContent))).not.toContain("Health");
    await page.browserContext().close();
  });

  it("shows since when Redis is unavailable, keeps the numbers, and recovers by itself", async () => {
    const { page } = account;
    await visit(page, "overview");
    const before = await sentShown(page);
    await system.killRedis("SIGSTOP");
    try {
      await waitForText(page, "has not answered since");
      expect(await sentShown(page)).toBe(before);
    } finally {
      await system.killRedis("SIGCONT");
    }
    await page.waitForFunction(() => !document.body.innerText.includes("has not answered since"));
  }, 60_000);

  it("sends no requests to other hosts, and violates no rule of its content security policy", () => {
    expect(account.requests.filter((url) => !url.startsWith(system.apiOrigin) && !/^(?:data|blob):/.test(url))).toEqual(
      [],
    );
    expect(account.errors).toEqual([]);
  });
});

/** Report a message that was observed and sent; two of three are delivered, one of three is read. */
async function send(idMessage: string, index: number): Promise<void> {
  await system.accept(observation("api", INSTANCE, idMessage), statusOf(INSTANCE, idMessage, "sent"));
  if (index % 3 > 0) await system.accept(statusOf(INSTANCE, idMessage, "delivered"));
  if (index % 3 > 1) await system.accept(statusOf(INSTANCE, idMessage, "read"));
}

/** The column sums of the table in a card. */
async function columnsOf(page: Page, title: string): Promise<readonly number[]> {
  const card = `.card[aria-label="${title}"]`;
  await page.$eval(`${card} details`, (details) => {
    details.open = true;
  });
  await page.waitForSelector(`${card} .plain`);
  const rows = await page.$$eval(`${card} .plain tbody tr`, (found) =>
    found.map((row) => [...row.querySelectorAll("td")].map((cell) => Number.parseInt(cell.textContent, 10) || 0)),
  );
  return (rows[0] ?? []).map((_, column) => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0));
}

async function sentShown(page: Page): Promise<number> {
  return page.$eval(".funnel-count .count", (count) => Number(count.textContent));
}

/** The console's default period, in the time zone of the browser, which is that of the tests. */
function sevenDays(): { readonly from: number; readonly to: number } {
  const now = nowSeconds();
  return { from: now - 6 * 86_400, to: now + 86_400 };
}
