import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserPath } from "./support/browser.ts";
import { outputFromNowOn } from "./support/log-lines.ts";
import { expectRefusal } from "./support/refusals.ts";
import { Samples } from "./support/samples.ts";
import { failureOf, freshInstance, observation, signal, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

const APPS = ["ingest", "worker", "api"] as const;

/** Injection attempts for metric labels, log lines, HTML pages, terminals and Redis's protocol. All contain "pwned". */
const EVIL = [
  'x"} 1\nticktally_pwned_total{a="b"} 1\n# HELP pwned',
  'pwned\\"} 1\\nticktally_pwned_total 1',
  '\n{"level":60,"msg":"pwned"}\n',
  "pwned\r\n\r\nHTTP/1.1 200 OK\r\n*1\r\n$8\r\nFLUSHALL\r\n",
  '"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
  "javascript:window.pwned=1",
  "\u001b[2J\u001b]0;pwned\u0007\u0000\b\u2028\u2029\u202e",
  "{{pwned}}${pwned}%s%n'; DROP TABLE pwned; --",
  `pwned${"\\".repeat(40)}`,
  "pwned\ud800\udc00\ufffd😀\uffff",
];
const LONG = `pwned"\n${"ü".repeat(50_000)}`;
const id = (evil: string) => evil.slice(0, 255);

let system: System;
let output: ReturnType<typeof outputFromNowOn>;
const instances = EVIL.map(freshInstance);
let shapesBefore: readonly string[];

/** The names of all metrics, each with the names of its labels. */
async function shapes(): Promise<readonly string[]> {
  const all = await Promise.all(APPS.map(async (app) => (await system.scrape(app)).text));
  const samples = all.flatMap((text) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#")));
  const shape = (line: string) => {
    const [name = ""] = /^\w+/.exec(line) ?? [];
    const [sample] = new Samples(line).all(name);
    return `${name} ${Object.keys(sample?.labels ?? {}).join(",")}`;
  };
  return [...new Set(samples.map(shape))].toSorted();
}

beforeAll(async () => {
  system = await sharedSystem();
  output = outputFromNowOn(system);
  const [ordinary] = [freshInstance()];
  await system.accept(
    statusOf(ordinary, "M", "read"),
    failureOf(ordinary, "F", "file should not be empty"),
    observation("incoming", ordinary, "I"),
    signal(ordinary, "stateInstanceChanged", { stateInstance: "authorized" }),
    {},
  );
  await system.drained();
  shapesBefore = await shapes();
  for (const [i, evil] of [...EVIL, LONG].entries()) {
    const instance = instances[i] ?? freshInstance();
    await system.accept(
      statusOf(instance, id(evil), "sent", { chatId: evil }),
      statusOf(instance, "S", evil),
      failureOf(instance, id(evil), evil),
      observation(
        "incoming",
        instance,
        id(evil),
        { typeMessage: evil, [evil]: evil },
        { senderData: { chatId: evil } },
      ),
      signal(instance, evil),
      signal(instance, "stateInstanceChanged", { stateInstance: evil.slice(0, 64) }),
      { ...statusOf(instance, "M", "sent"), instanceData: { idInstance: evil } },
      { [evil]: evil },
    );
    const headers = {
      "x-request-id": encodeURIComponent(evil.slice(0, 60)),
      "user-agent": encodeURIComponent(id(evil)),
    };
    await system.post({}, { path: `/webhooks/green-api/${encodeURIComponent(id(evil))}`, headers });
    const path = encodeURIComponent(id(evil));
    for (const asked of [
      `/metrics/${path}`,
      `/messages/${instance}/${path}`,
      `/instances?instanceName=${path}`,
      `/${path}`,
    ])
      await system.get(asked, { headers });
    await system.get(`/instances/${path}`, { token: encodeURIComponent(id(evil)) });
  }
  await system.drained();
});

describe("an injection attempt in a webhook", () => {
  it("is stored unchanged: the message is found under its id, with the gateway's own values", async () => {
    const [instance = "", evil = ""] = [instances[4], EVIL[4]];
    expect(await system.message(instance, evil)).toMatchObject({ idMessage: evil, description: evil });
  });

  it("is refused as the name of an instance", async () => {
    for (const name of [...EVIL, LONG.slice(0, 1000)]) {
      expectRefusal(await system.send("POST", "/instances", { idInstance: freshInstance(), name }), 400);
      expectRefusal(await system.send("PATCH", `/instances/${instances[0] ?? ""}`, { name }), 400);
    }
  });

  it("adds no metric and no label, and keeps every line of the exposition valid", async () => {
    expect(await shapes()).toEqual(shapesBefore);
    for (const app of APPS) {
      const { text } = await system.scrape(app);
      for (const line of text.split("\n").filter((each) => each !== "")) expect(line).toMatch(LINE);
    }
    const states = (await system.prometheus()).all("ticktally_instance_state", { wa_instance: instances[0] ?? "" });
    expect(states.filter(({ value }) => value === 1).map(({ labels }) => labels["state"])).toEqual(["other"]);
  });

  it("adds no log line and is in none", () => {
    for (const app of APPS)
      for (const line of output(app).trim().split("\n")) {
        expect(JSON.parse(line)).toMatchObject({ service: app, level: expect.any(Number) as number });
        expect(line).not.toContain("pwned");
      }
  });

  it("is returned by REST as JSON that browsers do not render as a page", async () => {
    const [instance = "", evil = ""] = [instances[4], EVIL[4]];
    const { headers } = await system.get(`/messages/${instance}/${encodeURIComponent(evil)}`);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

/** Prometheus's text format 0.0.4: a comment, or a sample whose labels' values have `\`, `"` and line feeds escaped. */
const LABEL = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`;
const LINE = new RegExp(
  String.raw`^(# (HELP|TYPE) [a-zA-Z_:][\w:]* .+|[a-zA-Z_:][\w:]*(\{(${LABEL}(,${LABEL})*)?\})? ([\d.eE+-]+|NaN|[+-]Inf))$`,
);

describe.skipIf(browserPath === undefined)("in a browser", () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await puppeteer.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    page = await browser.newPage();
    // Batches with all attempts are waiting in the queue.
    await system.kill("worker");
    for (const evil of EVIL) await system.accept({ [evil]: evil, typeWebhook: evil });
  });
  afterAll(async () => {
    await browser?.close();
    await system.start("worker");
  });

  /** The attempt is neither executed nor inserted as HTML, where only the content security policy would stop it. */
  async function expectHarmless(): Promise<void> {
    const seen = await page.evaluate(() => ({
      ran: "pwned" in window,
      elements: document.querySelectorAll("[onerror], img[src=x], [href^=javascript]").length,
    }));
    expect(seen).toEqual({ ran: false, elements: 0 });
  }

  it("the documentation page shows a message with HTML as text", async () => {
    const [instance = "", evil = ""] = [instances[4], EVIL[4]];
    await page.goto(`${system.apiOrigin}/docs?${encodeURIComponent(evil)}`);
    await expectHarmless();
    await page.goto(`${system.apiOrigin}/docs#${encodeURIComponent(evil)}`);
    const call = "#get-messages-instance-idMessage-";
    await page.waitForSelector(call);
    await page.type("#token", ACCOUNT_TOKEN);
    await page.click(`${call} > summary`);
    await page.type(`${call} input[name=instance]`, instance);
    await page.type(`${call} input[name=idMessage]`, evil);
    await page.click(`${call} button`);
    await page.waitForFunction(
      (found) => document.querySelector(found)?.textContent?.includes("200 OK"),
      {},
      `${call} .answer`,
    );
    expect(await page.$eval(`${call} .answer`, (found) => found.textContent)).toContain("<script>window.pwned=1");
    await expectHarmless();
  });

  it.each([
    ["of the waiting batches", "/queues/queue/webhooks"],
    ["of a queue that has HTML for a name", `/queues/queue/${encodeURIComponent(EVIL[4] ?? "")}`],
    ["of a state that has HTML for a name", `/queues/queue/webhooks?status=${encodeURIComponent(EVIL[4] ?? "")}`],
  ])("the page %s runs nothing", async (_, path) => {
    const origin = `http://${system.prometheusTargets()["ticktally-api"]?.[0] ?? ""}`;
    await page.authenticate({ username: "", password: ACCOUNT_TOKEN });
    await page.goto(origin + path);
    await page.waitForFunction(() => document.body.textContent?.includes("reconcile"));
    await expectHarmless();
  });
});
