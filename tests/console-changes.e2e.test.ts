import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Keys } from "../packages/redis/src/keys.ts";
import { LaneKeys } from "../packages/redis/src/forwarding/lane-keys.ts";
import { browserPath } from "./support/browser.ts";
import { closeDrawer, fill, openConsole, press, signIn, visit, waitForText } from "./support/console-page.ts";
import { StubGateway } from "./support/stub-gateway.ts";
import { TargetReceiver } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { PUBLIC_URL, sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

let system: System;
let stub: StubGateway;
let receiver: TargetReceiver;
let browser: Browser;
let page: Page;

/** Each change on the page is checked over REST. */
describe.skipIf(browserPath === undefined)("a change in the console", () => {
  beforeAll(async () => {
    [system, stub, receiver] = await Promise.all([sharedSystem(), StubGateway.start(), TargetReceiver.start()]);
    browser = await puppeteer.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    ({ page } = await openConsole(browser, system.apiOrigin));
    await page
      .browserContext()
      .overridePermissions(system.apiOrigin, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
    await signIn(page, ACCOUNT_TOKEN);
    await waitForText(page, "Overview");
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([stub?.stop(), receiver?.stop()]);
  });

  const statusFor = async (path: string, token?: string) =>
    (await system.get(path, token === undefined ? {} : { token })).status;
  const copied = async () => page.evaluate(async () => navigator.clipboard.readText());
  const shownCode = async () => page.$eval(".copied code", ({ textContent }) => textContent);

  it("creates an instance, shows its token once, renames it, and deletes it after its name was typed", async () => {
    const id = freshInstance();
    await visit(page, "settings");
    await press(page, "New instance");
    await fill(page, "[name=idInstance]", id);
    await fill(page, "[name=name]", "shop-1");
    await press(page, "Create");
    await page.waitForSelector(".copied code");
    const token = await shownCode();
    expect(await statusFor("/instances/shop-1", token)).toBe(200);
    await press(page, "Copy the token");
    await waitForText(page, "Copied");
    expect(await copied()).toBe(token);
    await closeDrawer(page);

    await visit(page, `settings?edit=${id}`);
    await page.waitForSelector("dialog[open]");
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(token);
    await page.$eval("dialog [name=name]", (field) => {
      (field as HTMLInputElement).value = "shop-2";
    });
    await press(page, "Save");
    await waitForText(page, "Saved.");
    expect(await statusFor("/instances/shop-2")).toBe(200);

    await visit(page, `settings?edit=${id}`);
    const isOff = async () => page.$eval("dialog .danger", (button) => (button as HTMLButtonElement).disabled);
    await page.waitForFunction(() => document.querySelector("dialog .danger")?.textContent === "Delete shop-2");
    expect(await isOff()).toBe(true);
    const field = await page.$("dialog form:last-of-type input");
    await field?.type("shop-");
    expect(await isOff()).toBe(true);
    await field?.type("2");
    await press(page, "Delete shop-2");
    await page.waitForSelector("dialog", { hidden: true });
    expect(await statusFor("/instances/shop-2")).toBe(404);
  });

  it("says why an instance cannot be created", async () => {
    await visit(page, "settings?edit=new");
    await fill(page, "[name=idInstance]", "not an id");
    await press(page, "Create");
    await waitForText(page, "idInstance");
    await closeDrawer(page);
  });

  it("creates a read token, shows it once, and revokes it after a confirmation", async () => {
    await visit(page, "settings");
    await fill(page, "[aria-label='What the token is for']", "grafana");
    await press(page, "Create token");
    await page.waitForSelector(".shown-once code");
    const token = await shownCode();
    expect(await statusFor("/metrics/all", token)).toBe(200);
    await press(page, "Copy the token");
    await until("it is copied", async () => (await copied()) === token);

    await page.reload();
    await waitForText(page, "grafana");
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(token);
    await press(page, "Revoke grafana");
    expect(await statusFor("/metrics/all", token)).toBe(200);
    await press(page, "Revoke grafana: Revoke now");
    await until("it is revoked", async () => (await statusFor("/metrics/all", token)) === 401);
    await page.waitForFunction(() => !document.body.innerText.includes("grafana"));
  });

  it("shows a quarantined webhook, replays it, and discards it after a confirmation", async () => {
    const instance = freshInstance();
    await system.accept(statusOf(instance, "Q1", "no such status"), statusOf(instance, "Q2", "nor this one"));
    await system.drained();
    await visit(page, "health");
    await waitForText(page, "It has an unknown status");
    await page.locator("tbody tr.opens").click();
    await page.waitForSelector("dialog .json");
    expect(await page.$eval("dialog .json", ({ textContent }) => textContent)).toContain(instance);
    await press(page, "Try again");
    await waitForText(page, "1 put back into the queue");
    // The webhook still cannot be read, so it is quarantined again.
    await until("it is back", async () => (await quarantined()) === 2);

    await visit(page, "overview");
    await visit(page, "health");
    await page.locator("tbody tr.opens").click();
    await press(page, "Discard");
    await press(page, "Discard: Discard now");
    await waitForText(page, "The webhook was discarded.");
    expect(await quarantined()).toBe(1);
  });

  async function quarantined(): Promise<number> {
    return (JSON.parse((await system.get("/quarantine")).text) as { size: number }).size;
  }

  it("reads the settings of a gateway, shows what to change, and changes it there", async () => {
    const idInstance = freshInstance();
    await system.send("POST", "/instances", {
      idInstance,
      settings: { upstream: { apiUrl: stub.url, apiTokenInstance: "gateway-token", reconcileEveryMinutes: 0 } },
    });
    const script = stub.of(idInstance);
    script.settings = { webhookUrl: `${PUBLIC_URL}webhooks/green-api`, outgoingWebhook: "no" };
    await visit(page, "settings");
    await page.reload();
    await visit(page, `settings?edit=${idInstance}`);
    await press(page, "Check the gateway");
    await waitForText(page, "Not counted.");
    await press(page, "What would be changed?");
    await waitForText(page, "outgoingWebhook: no → yes");
    expect(script.saved).toEqual([]);
    await page.locator(".findings + .button.primary").click();
    await until("it is changed at the gateway", () => script.saved.length === 1);
    expect(script.saved).toMatchObject([{ outgoingWebhook: "yes" }]);
    await closeDrawer(page);
  });

  /** Store dead letters as the forwarder does a day after receipt; a test cannot wait that long. */
  async function giveUp(target: string, count: number): Promise<void> {
    const keys = new LaneKeys(new Keys().forwarding);
    const { id } = z.object({ id: z.string() }).parse(JSON.parse(await stored("HGET", keys.targets, target)));
    for (let number = 1; number <= count; number++) {
      const [letter, now] = [`${String(Date.now())}-letter${String(number)}`, Date.now()];
      const head = {
        webhookId: letter,
        instance: "7103",
        type: "t",
        reason: "expired",
        receivedAtMs: now,
        lastStatus: "500",
      };
      await system.askRedis("HSET", keys.deadHeads(id), letter, JSON.stringify(head));
      await system.askRedis("ZADD", keys.dead(id), String(now), letter);
    }
  }

  /** The text of a reply; the line of AUTH and the line of the length come before it. */
  async function stored(...command: readonly string[]): Promise<string> {
    const reply = await system.askRedis(...command);
    return reply.slice(reply.indexOf("{"), reply.lastIndexOf("}") + 1);
  }

  it("adds a target, tests, pauses and resumes it, handles its dead letters, and deletes it after its name was typed", async () => {
    await visit(page, "settings");
    await press(page, "New target");
    await fill(page, "[name=name]", "crm");
    await fill(page, "[name=url]", `http://127.0.0.1:${String(receiver.port)}/hooks`);
    await press(page, "Create");
    await waitForText(page, "From now on webhooks are forwarded to crm");
    await closeDrawer(page);

    const open = async () => {
      await visit(page, "overview");
      await visit(page, "settings");
      await (await page.waitForSelector("tr.opens ::-p-text(crm)"))?.click();
      await page.waitForSelector("dialog[open]");
    };
    await open();
    await press(page, "Send a test");
    await waitForText(page, "It answered: 200");
    expect(receiver.posts).toHaveLength(1);
    await press(page, "Pause");
    await waitForText(page, "Paused; new webhooks are kept.");
    await press(page, "Resume");
    await waitForText(page, "Resumed.");
    await giveUp("crm", 3);
    const dead = async () =>
      (JSON.parse((await system.get("/targets/crm")).text) as { target: { dead: number } }).target.dead;
    await until("there are dead letters", async () => (await dead()) === 3);

    await open();
    await waitForText(page, "Not accepted for 24 hours");
    await (await page.$("dialog tbody input[type=checkbox]"))?.click();
    await press(page, "Discard 1");
    await press(page, "Discard 1: Discard now");
    await waitForText(page, "1 discarded.");
    expect(await dead()).toBe(2);
    await press(page, "Send all again");
    await waitForText(page, "0 are sent again, 2 cannot be.");
    await press(page, "Discard all");
    await press(page, "Discard all: Discard now");
    await until("none is left", async () => (await dead()) === 0);

    const field = await page.$("dialog form:last-of-type input");
    await field?.type("crm");
    await press(page, "Delete crm");
    await until("it is deleted", async () => (await statusFor("/targets/crm")) === 404);
  }, 60_000);
});
