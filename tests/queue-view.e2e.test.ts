import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AppProcess, type RunningApp } from "./support/app-process.ts";
import { browserPath } from "./support/browser.ts";
import { expectRefusal, giveToken } from "./support/refusals.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation } from "./support/webhooks.ts";
import { ACCOUNT_TOKEN, startSystem, type System } from "./system.ts";

const INSTANCES = Array.from({ length: 8 }, freshInstance);
/** Personal data in the waiting webhooks, which must not be shown. */
const PRIVATE = ["79001234567", "79876543210", "John", "hello"];
const QUEUES = ["reconcile", "shard-0-webhooks", "shard-1-webhooks"];

const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`any:${password}`).toString("base64")}` });

/** In place of the worker: the webhooks stay in the queue. */
const NONE: RunningApp = {
  output: "",
  start: async () => Promise.resolve(),
  isReady: async () => Promise.resolve(false),
  kill: async () => Promise.resolve(),
};

let system: System;
let origin: string;
let instanceToken: string;
beforeAll(async () => {
  system = await startSystem({
    env: { QUEUE_SHARDS: "2" },
    runApp: (app, env, opsOrigin) => (app === "worker" ? NONE : new AppProcess(app, env, opsOrigin)),
  });
  origin = `http://${system.prometheusTargets()["ticktally-api"]?.[0] ?? ""}`;
  instanceToken = await giveToken(system, freshInstance());
  await system.accept(...INSTANCES.map((instance) => observation("incoming", instance, "M1")));
});
afterAll(async () => system?.stop());

async function ask(path: string, headers: Record<string, string> = {}, method = "GET") {
  const response = await fetch(origin + path, { method, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function shownQueues() {
  const pages = await Promise.all(
    QUEUES.map(async (name) =>
      ask(`/queues/api/queues?activeQueue=${name}&page=1&jobsPerPage=20`, { token: ACCOUNT_TOKEN }),
    ),
  );
  return pages.map(({ text }) => text);
}

async function connections(): Promise<number> {
  return (await system.askRedis("CLIENT", "LIST")).match(/\bid=\d+/g)?.length ?? 0;
}

describe("the queue view", () => {
  it.each([
    ["no token", {}],
    ["a wrong token", { token: "wrong" }],
    ["a wrong password", basic("wrong")],
    ["an empty password", basic("")],
    ["a broken Basic header", { authorization: "Basic %%%" }],
  ])("refuses %s, with a challenge", async (_, headers) => {
    for (const path of ["/queues", "/queues/api/queues", "/queues/static/images/logo.svg"]) {
      const answer = await ask(path, headers);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Basic /);
      expect(JSON.parse(answer.text)).toMatchObject({ success: false, error: { code: "unauthorized" } });
    }
  });

  it("is available to the account, not to an instance's token", async () => {
    expect((await ask("/queues", { token: instanceToken })).status).toBe(401);
    for (const headers of [
      { token: ACCOUNT_TOKEN },
      { authorization: `Bearer ${ACCOUNT_TOKEN}` },
      basic(ACCOUNT_TOKEN),
    ])
      expect((await ask("/queues", headers)).status).toBe(200);
  });

  it("does not change the other paths of the port", async () => {
    expect((await ask("/healthz")).status).toBe(200);
    expect((await ask("/metrics")).status).toBe(200);
    expect((await ask("/queuesandmore", { token: ACCOUNT_TOKEN })).status).toBe(404);
  });

  it("shows the number, age and instance of the webhooks in each batch, and no personal data", async () => {
    const shown = await shownQueues();
    const all = shown.join("");
    for (const instance of INSTANCES) expect(all).toContain(`"${instance}"`);
    expect(all).toContain('"oldestReceivedAt"');
    expect(PRIVATE.filter((word) => all.includes(word))).toEqual([]);
    const queues = (JSON.parse(shown[1] ?? "") as { queues: { name: string; readOnlyMode: boolean }[] }).queues;
    expect(queues.map(({ name }) => name).toSorted()).toEqual(QUEUES);
    expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
  });

  it.each([
    ["a name that cannot be decoded", "/queues/api/queues?activeQueue=%25ff", 400],
    ["an unknown state", "/queues/api/queues?activeQueue=shard-0-webhooks&status=%00&page=1&jobsPerPage=1", 400],
    ["an unknown path", "/queues/nothing/<script>", 404],
    ["a path that cannot be decoded", "/queues/static/%ff", 404],
    ["a file outside of the page", "/queues/static/..%2f..%2fpackage.json", 404],
  ])("answers %s in JSON, as REST does, without internals", async (_, path, status) => {
    expectRefusal(await ask(path, { token: ACCOUNT_TOKEN }), status);
  });

  it("is read-only for every client", async () => {
    const before = await shownQueues();
    for (const path of ["pause", "shard-0-webhooks/empty", "shard-0-webhooks/obliterate", "shard-0-webhooks/1/clean"])
      expect((await ask(`/queues/api/queues/${path}`, { token: ACCOUNT_TOKEN }, "PUT")).status).toBe(405);
    expect((await ask("/queues/api/queues/shard-0-webhooks/add", { token: ACCOUNT_TOKEN }, "POST")).status).toBe(405);
    expect(await shownQueues()).toEqual(before);
  });
});

describe("the queue view without Redis", () => {
  it("answers 503 without details, does not limit the account's requests, and keeps the log in JSON", async () => {
    onTestFinished(async () => {
      await system.restartRedis();
      const shows = async () => (await ask("/queues/api/queues", { token: ACCOUNT_TOKEN })).status === 200;
      await until("the queues are shown again", shows);
    });
    // By then BullMQ has started, which needs Redis.
    expect((await ask("/queues/api/queues", { token: ACCOUNT_TOKEN })).status).toBe(200);
    await system.killRedis();
    expectRefusal(await ask("/queues/api/queues", { token: ACCOUNT_TOKEN }), 503);
    expectRefusal(await system.get("/instances"), 503);
    expectRefusal(await ask("/queues", { token: "wrong" }), 401);
    for (const line of system.output("api").trim().split("\n"))
      if (!line.startsWith("[ended")) expect(() => JSON.parse(line) as unknown, line).not.toThrow();
  });
});

describe.skipIf(browserPath === undefined)("in a browser", () => {
  let browser: Browser;
  let page: Page;
  const requests = new Map<string, string>();
  const blocked = new Set<string>();

  beforeAll(async () => {
    browser = await puppeteer.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    page = await browser.newPage();
    await page.setViewport({ width: 1400, height: 900 });
    const network = await page.createCDPSession();
    await network.send("Network.enable");
    network.on("Network.requestWillBeSent", ({ requestId, request }) => requests.set(requestId, request.url));
    network.on("Network.loadingFailed", ({ requestId, blockedReason }) => {
      if (blockedReason === "csp") blocked.add(requestId);
    });
    await page.authenticate({ username: "", password: ACCOUNT_TOKEN });
  }, 60_000);
  afterAll(async () => browser?.close());

  const text = async () => page.$eval("body", (body) => body.textContent);
  const shows = async (word: string) =>
    page.waitForFunction((wanted) => document.body.textContent?.includes(wanted), {}, word);

  it("shows all queues, with the account's token as the password", async () => {
    await page.goto(`${origin}/queues/`);
    for (const name of QUEUES) await shows(name);
    expect(await page.title()).toBe("Ticktally queues");
  });

  it("shows the summary of a waiting batch", async () => {
    await page.goto(`${origin}/queues/queue/shard-0-webhooks`);
    await shows("batch");
    await shows("oldestReceivedAt");
    const seen = (await text()) ?? "";
    expect(PRIVATE.filter((word) => seen.includes(word))).toEqual([]);
    const file = process.env["QUEUE_VIEW_SCREENSHOT"];
    if (file !== undefined) await page.screenshot({ path: file as `${string}.png` });
  });

  // The page refers to an external font. The test blocks it, because the browser would wait for the internet.
  it("sends no requests to other hosts", () => {
    expect(requests.size).toBeGreaterThan(5);
    const sent = [...requests].filter(([id]) => !blocked.has(id)).map(([, url]) => url);
    expect(sent.filter((url) => !url.startsWith(origin) && !url.startsWith("data:"))).toEqual([]);
  });
});

// The last tests: the api keeps this limit.
describe("after a start with API_RATE_LIMIT_PER_MINUTE=20", () => {
  it("opens no additional connection to Redis", async () => {
    const before = await connections();
    await system.kill("api");
    await system.askRedis("DEL", ...(await wrongTokens()));
    await system.start("api", { API_RATE_LIMIT_PER_MINUTE: "20" });
    const started = await connections();
    await shownQueues();
    expect([started, await connections()]).toEqual([before, before]);
  });

  it("answers 429 after some wrong tokens, counted together with REST; the account's token is never refused", async () => {
    for (let i = 0; i < 10; i++) {
      expectRefusal(await system.get("/instances", { token: `guess-number-${i}` }), 401);
      expectRefusal(await ask("/queues", basic(`guess-number-${i}`)), 401);
    }
    const refused = await ask("/queues/api/queues", { token: "guess" });
    expectRefusal(refused, 429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expectRefusal(await system.get("/instances", { token: "guess" }), 429);
    for (let i = 0; i < 25; i++) expect((await ask("/queues", basic(ACCOUNT_TOKEN))).status).toBe(200);
  });

  async function wrongTokens(): Promise<readonly string[]> {
    return (await system.askRedis("KEYS", "*rate-limit:*")).match(/ticktally:\S+/g) ?? [];
  }
});
