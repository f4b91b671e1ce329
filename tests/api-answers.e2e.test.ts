import { beforeAll, describe, expect, it } from "vitest";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";
import { expectRefusal, giveToken } from "./support/refusals.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";

const [OWN, OTHER] = [freshInstance(), freshInstance()];

let system: System;
let ownToken: string;
beforeAll(async () => {
  system = await sharedSystem();
  ownToken = await giveToken(system, OWN);
  await system.accept(statusOf(OWN, "M", "sent"), statusOf(OTHER, "M", "sent"));
  await system.drained();
});

const pathsOf = (instance: string) => [
  `/metrics/${instance}`,
  `/api/instance/metrics/${instance}`,
  `/metrics/${instance}/series`,
  `/metrics/${instance}/failures`,
  `/metrics/${instance}/latency`,
  `/messages/${instance}`,
  `/messages/${instance}/M`,
];
const PATHS = pathsOf(OWN);

describe("an answer", () => {
  it.each(["gzip", "br"])("is compressed with %s if the client accepts it, in every format", async (encoding) => {
    for (const path of [
      `/metrics/${OWN}/series?step=day`,
      `/metrics/${OWN}/series?format=csv`,
      "/openapi.json",
      "/docs",
    ]) {
      const plain = await system.get(path, { headers: { "accept-encoding": "identity" } });
      const small = await system.get(path, { headers: { "accept-encoding": encoding } });
      expect([plain.headers.get("content-encoding"), small.headers.get("content-encoding")], path).toEqual([
        null,
        encoding,
      ]);
      expect(small.headers.get("vary")).toContain("Accept-Encoding");
      expect(small.text).toBe(plain.text);
    }
  });

  it("is not compressed if it is short, or a stream of events, which must arrive at once", async () => {
    for (const path of ["/session", `/events?instances=${OWN}`]) {
      const { status, headers } = await system.get(path, { headers: { "accept-encoding": "gzip" } });
      expect([status, headers.get("content-encoding")], path).toEqual([200, null]);
    }
  });
});

describe("access to metrics and messages", () => {
  it.each(PATHS)("200 to the account and to the instance itself, in either header, at %s", async (path) => {
    for (const token of [ACCOUNT_TOKEN, ownToken]) {
      const answers = [
        await system.get(path, { token }),
        await system.get(path, { token: null, headers: { authorization: `Bearer ${token}` } }),
      ];
      for (const { status, headers, text } of answers) {
        expect(status).toBe(200);
        expect(headers.get("content-type")).toMatch(/^application\/json/);
        expect(JSON.parse(text)).toMatchObject({ success: true });
      }
    }
  });

  it.each(PATHS)("401 without a token and with a wrong one, at %s", async (path) => {
    for (const token of [null, "", " ", "wrong", `${ACCOUNT_TOKEN}x`, ACCOUNT_TOKEN.slice(0, -1)])
      expectRefusal(await system.get(path, { token }), 401);
  });

  it.each([
    ...pathsOf(OTHER),
    ...pathsOf("nobody"),
    `/metrics/${OWN},${OTHER}`,
    `/metrics/${OWN},${OTHER}/series`,
    `/metrics/${OWN},nobody`,
  ])("403 to an instance at %s, whether or not the other instance exists", async (path) => {
    expectRefusal(await system.get(path, { token: ownToken }), 403);
  });
});

describe("names and paths", () => {
  it.each(["/metrics", "/metrics/", "/metrics/,", "/metrics/,,,", "/metrics/%20", "/metrics/%20,%20,"])(
    "400 when no instance is named: %s",
    async (path) => {
      expectRefusal(await system.get(path), 400);
    },
  );

  it.each(["/metrics/%E0%A4%A", "/messages/%ff/M"])("400 to a path that cannot be decoded: %s", async (path) => {
    expectRefusal(await system.get(path), 400);
  });

  it.each([
    "/metrics/nobody",
    `/metrics/${OWN},nobody`,
    `/metrics/${OWN},constructor,__proto__`,
    `/messages/${OWN}/unheard-of`,
    "/messages/nobody/M",
    "/nowhere",
    "/",
    "/metrics/a/b/c",
  ])("404 at %s", async (path) => {
    expectRefusal(await system.get(path), 404);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("405 to %s on metrics", async (method) => {
    const answer = await system.get(`/metrics/${OWN}`, { method });
    expectRefusal(answer, 405);
    expect(answer.headers.get("allow")).toContain("GET");
  });

  it("a very long list of names is refused quickly", async () => {
    const names = Array.from({ length: 1500 }, (_, i) => `n${i}`).join(",");
    expectRefusal(await system.get(`/metrics/${names}`), 400);
  });
});

describe("asOf", () => {
  const asOf = async () => Date.parse((await system.metrics(OWN)).asOf);

  it("is the current time if no webhook is waiting", async () => {
    const before = Date.now();
    await system.drained();
    expect(await asOf()).toBeGreaterThanOrEqual(before);
    expect(await asOf()).toBeLessThanOrEqual(Date.now());
  });

  it("is the receipt of the oldest uncounted webhook until that is counted", async () => {
    await system.kill("worker");
    const before = Date.now();
    await system.accept(statusOf(OWN, "WAITS", "sent"));
    const after = Date.now();
    await system.accept(statusOf(OWN, "WAITS TOO", "sent"), statusOf(OTHER, "WAITS TOO", "sent"));
    await until("the clock has moved on", () => Date.now() > after + 50);
    expect(await asOf()).toBeGreaterThanOrEqual(before);
    expect(await asOf()).toBeLessThanOrEqual(after);
    expect((await system.metrics(OWN)).messagesSent).toBe(1);
    await system.start("worker");
    const moved = await until("asOf has moved on", async () => {
      const metrics = await system.metrics(OWN);
      return Date.parse(metrics.asOf) > after && metrics;
    });
    expect(Date.parse(moved.asOf)).toBeGreaterThan(after);
    await system.drained();
    expect((await system.metrics(OWN)).messagesSent).toBe(3);
  });

  it("is never later than the last counted webhook, under load", async () => {
    const counts: { asOf: number; count: number }[] = [];
    const answeredAt: number[] = [];
    const start = (await system.counted(OTHER)).messagesSent;
    const load = (async () => {
      for (let i = 0; i < 300; i++) {
        await system.accept(statusOf(OTHER, `LOAD${i}`, "sent"));
        answeredAt.push(Date.now());
      }
      return true as const;
    })();
    let isDone = false;
    void load.then(() => (isDone = true));
    while (!isDone) {
      const metrics = await system.metrics(OTHER);
      counts.push({ asOf: Date.parse(metrics.asOf), count: metrics.messagesSent - start });
    }
    await load;
    expect(counts.length).toBeGreaterThan(10);
    // A webhook that was answered before asOf was also received before asOf.
    for (const { asOf: time, count } of counts)
      expect(count).toBeGreaterThanOrEqual(answeredAt.filter((at) => at < time).length);
  });
});

describe("more than API_RATE_LIMIT_PER_MINUTE requests", () => {
  it("429 in JSON with Retry-After to that token, also from another replica, and 200 to others", async () => {
    const [second, third] = [await giveToken(system, OWN), await giveToken(system, OWN)];
    const replica = async () => system.startSecond("api", { API_RATE_LIMIT_PER_MINUTE: "5" });
    const [one, another] = await Promise.all([replica(), replica()]);
    const ask = async (token: string) => one.get(`/api/instance/metrics/${OWN}`, { token });
    for (let i = 0; i < 5; i++) {
      const { status, headers } = await ask(second);
      expect(status).toBe(200);
      expect(headers.get("ratelimit-policy")).toMatch(/q=5; w=60/);
      expect(headers.get("ratelimit")).toMatch(new RegExp(`r=${String(4 - i)}; t=\\d+`));
      expect(headers.get("retry-after")).toBeNull();
    }
    const refused = await another.get(`/metrics/${OWN}`, { token: second });
    expectRefusal(refused, 429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(refused.headers.get("ratelimit")).toMatch(/r=0; t=\d+/);
    expect((await ask(third)).status).toBe(200);
  });
});

describe("while Redis is frozen", () => {
  it("503 with Retry-After to every call that asks Redis", async () => {
    await system.killRedis("SIGSTOP");
    const answers = await Promise.all(
      [ACCOUNT_TOKEN, ownToken].map(async (token) => system.get(`/metrics/${OWN}`, { token })),
    );
    await system.killRedis("SIGCONT");
    for (const answer of answers) {
      expectRefusal(answer, 503);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    await until("it answers again", async () => (await system.get(`/metrics/${OWN}`)).status === 200);
  });
});

describe("while Redis is down", () => {
  it("503 in JSON to every client, and 200 again once Redis is back", async () => {
    await system.killRedis();
    const calls = PATHS.flatMap((path) => [ACCOUNT_TOKEN, ownToken, "wrong"].map((token) => ({ path, token })));
    const answers = await Promise.all(calls.map(async ({ path, token }) => system.get(path, { token })));
    for (const answer of answers) expectRefusal(answer, 503);
    const { status, headers, text } = await system.get(`/waInstance${OWN}/getSettings/${ACCOUNT_TOKEN}`, {
      token: null,
    });
    expect(`${status} ${text}`).toMatch(/^503 \{"message":"[^"]+"\}$/);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await system.isReady("api")).toBe(false);
    await system.restartRedis();
    await until("the API answers again", async () => (await system.get(`/metrics/${OWN}`)).status === 200);
    expect((await system.metrics(OWN)).messagesSent).toBe(3);
  });
});
