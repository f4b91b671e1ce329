import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { openApiDocument, OPERATIONS, readTokenCreatedAnswer, WEBHOOK_PATH } from "../packages/schemas/src/index.ts";
import { Administrator } from "./support/instances.ts";
import { expectRefusal } from "./support/refusals.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type Answer, type System } from "./system.ts";

/** The tokens of one instance. Two are valid at a time, so the first of three is no longer valid. */
interface Tokens {
  readonly instance: string;
  readonly valid: readonly [string, string];
  readonly rotatedOut: string;
}

let system: System;
let admin: Administrator;
/** An instance that only reads concern. */
let read: Tokens;
let other: Tokens;
let reader: string;
beforeAll(async () => {
  system = await sharedSystem();
  admin = new Administrator(system);
  [read, other] = await Promise.all([withTokens(), withTokens()]);
  const { text } = await system.send("POST", "/tokens", { name: "dashboards", scope: "read" });
  reader = readTokenCreatedAnswer.parse(JSON.parse(text)).token;
});

async function withTokens(): Promise<Tokens> {
  const instance = freshInstance();
  const { token: rotatedOut } = await admin.create({ idInstance: instance });
  return { instance, rotatedOut, valid: [await admin.newToken(instance), await admin.newToken(instance)] };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Tokens that give no access to REST; the empty one means no token. */
const invalidTokens = (own: Tokens): Readonly<Record<string, string>> => ({
  none: "",
  wrong: "a-token-of-nobody-at-all",
  "cut short": ACCOUNT_TOKEN.slice(0, -1),
  "with additional characters": `${ACCOUNT_TOKEN}x`,
  "with an encoded NUL at the end": `${ACCOUNT_TOKEN}%00`,
  "in capitals": ACCOUNT_TOKEN.toUpperCase(),
  "two joined tokens": `${ACCOUNT_TOKEN}, ${ACCOUNT_TOKEN}`,
  "the name of an object property": "__proto__",
  "very long": "x".repeat(8_000),
  "the account's digest": sha256(ACCOUNT_TOKEN),
  "the instance's digest, as it is stored": sha256(own.valid[0]),
  "replaced by newer ones": own.rotatedOut,
  "of webhooks": WEBHOOK_TOKEN,
});

describe("the REST interface", () => {
  it("is tested here with every call of the OpenAPI document", () => {
    const documented = Object.entries(openApiDocument()["paths"] ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    const known = [
      ...OPERATIONS.flatMap(({ method, path, isLeftOut }) => (isLeftOut === true ? [] : [`${method} ${path}`])),
      `post ${WEBHOOK_PATH}`,
    ];
    expect(documented.toSorted()).toEqual(known.toSorted());
    expect(documented.length).toBeGreaterThan(25);
  });

  it.each(OPERATIONS)("$method $path accepts the tokens it is meant for, and no others", async (operation) => {
    const own = operation.method === "get" ? read : await withTokens();
    const ask = async (token: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
      const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
        if (name === "apiTokenInstance") return encodeURIComponent(token);
        return ["idMessage", "id", "label"].includes(name) ? "M" : own.instance;
      });
      const query = "instance" in (operation.query?.shape ?? {}) ? `?instance=${own.instance}` : "";
      const isSent = operation.for !== "path" && token !== "";
      const whole = operation.for === "owner" ? { instance: own.instance, idMessages: ["M"] } : {};
      const body = operation.body === undefined ? undefined : whole;
      return system.send(operation.method.toUpperCase(), path + query, body, { token: isSent ? token : null, headers });
    };
    const expectOpen = ({ status, text }: Answer) => expect(`${status} ${text}`).not.toMatch(/^(401|403|405|5\d\d) /);
    const askWithAny = async () =>
      Promise.all(["", ...Object.values(invalidTokens(own)), own.valid[0]].map(async (token) => ask(token)));
    if (operation.for === "anybody") {
      for (const { status } of await askWithAny()) expect(status).toBe(200);
      return;
    }

    if (operation.for === "body") {
      for (const answer of await askWithAny()) expectRefusal(answer, 400);
      return;
    }

    const refused = Object.entries(invalidTokens(own)).map(async ([kind, token]) => {
      const answer = await ask(token);
      if (operation.for !== "path") expectRefusal(answer, 401);
      // Without a token this is another path, which does not exist.
      else expect(answer.status, kind).toBe(token === "" ? 404 : 401);
    });
    await Promise.all(refused);
    if (operation.for !== "path") {
      expectRefusal(await ask("", { authorization: `Basic ${ACCOUNT_TOKEN}` }), 401);
      expectRefusal(await ask("wrong", { authorization: `Bearer ${ACCOUNT_TOKEN}` }), 401);
      expectRefusal(await ask("", { cookie: `token=${ACCOUNT_TOKEN}`, "x-token": ACCOUNT_TOKEN }), 401);
    }
    const isList = operation.for === "instance" && operation.path !== "/labels" && !operation.path.includes("{");
    if (operation.for === "account" || operation.for === "owner") expectRefusal(await ask(reader), 403);
    else expectOpen(await ask(reader));
    for (const token of other.valid) {
      const answer = await ask(token);
      if (isList) expect(answer.text).not.toContain(own.instance);
      else expect(answer.status).toBe(403);
    }
    for (const token of own.valid) {
      const answer = await ask(token);
      if (operation.for === "account" || operation.for === "reader") expectRefusal(answer, 403);
      else expectOpen(answer);
    }
    expect((await admin.instance(own.instance)).idInstance).toBe(own.instance);
    expectOpen(await ask(ACCOUNT_TOKEN));
  });

  it("accepts no token in the query", async () => {
    expectRefusal(await system.get(`/instances?token=${ACCOUNT_TOKEN}`, { token: null }), 401);
  });
});

describe("where webhooks are posted", () => {
  const paths = ["/webhooks/green-api", "/webhooks/green-api/own"];

  it.each(paths)(
    "%s accepts the webhook token and the instance's own token, in the gateway's three formats",
    async (path) => {
      const own = await withTokens();
      const webhook = statusOf(own.instance, "M", "sent");
      const post = async (authorization: string) =>
        (await system.post(webhook, { path, token: null, headers: { authorization } })).status;
      for (const token of [WEBHOOK_TOKEN, ...own.valid])
        for (const spelling of [token, `Bearer ${token}`, `Basic ${token}`]) expect(await post(spelling)).toBe(200);
      for (const [kind, token] of Object.entries({ ...invalidTokens(own), "of webhooks": ACCOUNT_TOKEN }))
        expect(await post(`Bearer ${token}`), kind).toBe(401);
      expect(await post("")).toBe(401);
      for (const token of other.valid) expect(await post(token)).toBe(401);
      expect((await system.post(webhook, { path, token: null, headers: { token: WEBHOOK_TOKEN } })).status).toBe(401);
      expect((await system.counted(own.instance)).messagesSent).toBe(1);
    },
  );

  // Ingest must check the same instance id that the worker uses for counting.
  it.each([
    ["given twice", (own: string, theirs: string) => `"idInstance":${own},"idInstance":${theirs}`],
    ["as a text", (_: string, theirs: string) => `"idInstance":"${theirs}"`],
    ["written with an escape", (own: string, theirs: string) => `"idInstance":${own},"id\\u0049nstance":${theirs}`],
    ["as a fraction", (own: string, theirs: string) => `"idInstance":${own},"idInstance":${theirs}.0`],
    ["with an exponent", (own: string, theirs: string) => `"idInstance":${own},"idInstance":${theirs}e0`],
  ])("an instance's token cannot post webhooks of another instance: its id is %s", async (_, ids) => {
    const [own, theirs] = [await withTokens(), await withTokens()];
    const webhook = JSON.stringify(statusOf(own.instance, "STOLEN", "sent")).replace(
      `"idInstance":${own.instance}`,
      ids(own.instance, theirs.instance),
    );
    expect((await system.post(webhook, { token: own.valid[0] })).status).toBe(401);
    expect((await system.counted(theirs.instance)).totalMessages).toBe(0);
  });
});

describe("the ops ports", () => {
  it.each(["ingest", "worker", "api"] as const)(
    "%s answers GET and HEAD at three paths, and nothing else",
    async (app) => {
      const origin = `http://${system.prometheusTargets()[`ticktally-${app}`]?.[0] ?? ""}`;
      const statusOfEach = async (paths: readonly string[], methods: readonly string[]) =>
        Promise.all(
          paths.flatMap((path) => methods.map(async (method) => (await fetch(origin + path, { method })).status)),
        );
      const paths = ["/healthz", "/readyz", "/metrics"];
      expect(new Set(await statusOfEach(paths, ["GET", "HEAD"]))).toEqual(new Set([200]));
      expect(new Set(await statusOfEach(paths, ["POST", "PUT", "DELETE", "OPTIONS"]))).toEqual(new Set([405]));
      const others = ["/", "/metrics/x", "/healthz/", "/%6detrics", "//metrics", "/debug/pprof", "/instances"];
      expect(new Set(await statusOfEach(others, ["GET"]))).toEqual(new Set([404]));
    },
  );

  it.runIf(process.platform === "linux")(
    "listen on 127.0.0.1 only, even if HOST publishes the other ports",
    async () => {
      const elsewhere = (origin: string) => origin.replace("127.0.0.1", "127.0.0.2");
      const opsOf = (own: System) => `http://${own.prometheusTargets()["ticktally-api"]?.[0] ?? ""}/healthz`;
      const [published, opsPublished] = await Promise.all([
        system.startSecond("api", { HOST: "0.0.0.0" }),
        system.startSecond("api", { HOST: "127.0.0.1", OPS_HOST: "0.0.0.0" }),
      ]);
      expect((await fetch(`${elsewhere(published.apiOrigin)}/openapi.json`)).status).toBe(200);
      expect((await fetch(opsOf(published))).status).toBe(200);
      await expect(fetch(elsewhere(opsOf(published)))).rejects.toThrow();
      expect((await fetch(elsewhere(opsOf(opsPublished)))).status).toBe(200);
    },
  );
});

describe("guessing tokens", () => {
  it("gets 429 after some wrong webhook tokens; valid ones from the same address always get 200", async () => {
    const own = await withTokens();
    const strict = await system.startSecond("ingest", { INGEST_WRONG_TOKENS_PER_MINUTE: "5" });
    const webhook = statusOf(own.instance, "M", "sent");
    const guess = async (i: number) => strict.post(webhook, { token: `guess-number-${i}` });
    for (let i = 0; i < 5; i++) expectRefusal(await guess(i), 401);
    for (let i = 5; i < 8; i++) {
      const answer = await guess(i);
      expectRefusal(answer, 429);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(Number(answer.headers.get("retry-after"))).toBeLessThanOrEqual(60);
      expect(answer.headers.get("connection")).toBe("close");
      for (const token of [WEBHOOK_TOKEN, own.valid[0]])
        expect((await strict.post(webhook, { token })).status).toBe(200);
    }
    const samples = await strict.prometheus("ingest");
    expect(samples.sum("ticktally_webhooks_received_total", { outcome: "unauthorized" })).toBe(8);
  });

  it("gets 429 after some wrong REST tokens; valid ones from the same address get 200", async () => {
    const own = await withTokens();
    const strict = await system.startSecond("api", { API_RATE_LIMIT_PER_MINUTE: "20", TRUST_PROXY: "loopback" });
    // A separate address, so that requests of other tests do not count.
    const headers = { "x-forwarded-for": "203.0.113.9" };
    const guess = async (i: number) => strict.get("/instances", { token: `guess-number-${i}`, headers });
    for (let i = 0; i < 20; i++) expectRefusal(await guess(i), 401);
    const refused = await guess(20);
    expectRefusal(refused, 429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await strict.get("/instances", { token: own.valid[0], headers })).status).toBe(200);
    const elsewhere = { "x-forwarded-for": "203.0.113.10" };
    expectRefusal(await strict.get("/instances", { token: "guess", headers: elsewhere }), 401);
  });
});

describe("every answer", () => {
  it("forbids browsers to frame, execute, cache and share it, whatever the request", async () => {
    const ops = Object.values(system.prometheusTargets()).map(([target]) => `http://${target ?? ""}`);
    const answers = [
      await system.post({}),
      await system.post({}, { token: "wrong" }),
      await system.post("{"),
      await system.post({}, { method: "PUT" }),
      await system.post({}, { path: "/nowhere" }),
      await system.get("/instances"),
      await system.get("/instances", { token: null }),
      await system.get("/nowhere"),
      await system.get("/docs"),
      await system.send("OPTIONS", "/instances", undefined, {
        headers: { origin: "https://evil.example", "access-control-request-method": "GET" },
      }),
      await system.get("/instances", { headers: { origin: "https://evil.example" } }),
      ...(await Promise.all(
        ops.flatMap((origin) => ["/metrics", "/healthz", "/readyz", "/"].map(async (path) => fetch(origin + path))),
      )),
    ];
    for (const { headers } of answers) {
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("x-powered-by")).toBeNull();
      expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });
});
