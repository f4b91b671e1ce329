import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { readTokenCreatedAnswer, readTokensAnswer, sessionAnswer } from "../packages/schemas/src/index.ts";
import { expectRefusal, giveToken } from "./support/refusals.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

let system: System;
let reader: string;
beforeAll(async () => {
  system = await sharedSystem();
  reader = (await newReadToken("dashboards")).token;
});

async function newReadToken(name: string): Promise<z.infer<typeof readTokenCreatedAnswer>> {
  const { status, text } = await system.send("POST", "/tokens", { name, scope: "read" });
  expect(status).toBe(201);
  return readTokenCreatedAnswer.parse(JSON.parse(text));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a read token", () => {
  it("is listed with its last use and without its value, and is invalid as soon as it is revoked", async () => {
    const { id, token } = await newReadToken("bi");
    const listed = async () => {
      const { text } = await system.get("/tokens");
      expect(text).not.toContain(token);
      expect(text).not.toContain(sha256(token));
      return readTokensAnswer.parse(JSON.parse(text)).tokens.find((one) => one.id === id);
    };
    expect(await listed()).toMatchObject({ name: "bi", scope: "read", lastUsedAt: null });
    expect((await system.get("/instances", { token })).status).toBe(200);
    expect((await listed())?.lastUsedAt).not.toBeNull();
    expect((await system.send("DELETE", `/tokens/${id}`)).status).toBe(200);
    expectRefusal(await system.get("/instances", { token }), 401);
    expectRefusal(await system.send("DELETE", `/tokens/${id}`), 404);
    expect(await listed()).toBeUndefined();
  });

  it("cannot post webhooks", async () => {
    const headers = { authorization: `Bearer ${reader}` };
    const { status } = await system.post(statusOf(freshInstance(), "M", "sent"), { token: null, headers });
    expect(status).toBe(401);
  });

  it.each([{}, { name: "x" }, { name: "", scope: "read" }, { name: "x", scope: "write" }, { name: 1, scope: "read" }])(
    "is not made from %j",
    async (body) => {
      expectRefusal(await system.send("POST", "/tokens", body), 400);
    },
  );
});

describe("a console's session", () => {
  const signIn = async (token: string) => {
    const { status, headers, text } = await system.send("POST", "/session", { token }, { token: null });
    const setCookie = headers.get("set-cookie") ?? "";
    const cookie = setCookie.split(";")[0] ?? "";
    return { status, setCookie, cookie, text };
  };

  it("is a cookie that scripts cannot read and other sites cannot send, and identifies its token", async () => {
    const own = await giveToken(system, freshInstance());
    for (const [token, kind] of [
      [ACCOUNT_TOKEN, "account"],
      [reader, "read"],
      [own, "instance"],
    ] as const) {
      const { status, setCookie, cookie, text } = await signIn(token);
      expect(status).toBe(201);
      expect(setCookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
      expect(text).not.toContain(cookie.split("=")[1]);
      expect(sessionAnswer.parse(JSON.parse(text)).session.kind).toBe(kind);
      const again = await system.get("/session", { token: null, headers: { cookie } });
      expect(again.text).toBe(text);
    }
    expect((await signIn("a-token-of-nobody-at-all")).status).toBe(401);
  });

  it("allows changes only with the console's header", async () => {
    const { cookie } = await signIn(ACCOUNT_TOKEN);
    const body = { name: "by console", scope: "read" };
    const post = async (headers: Readonly<Record<string, string>>) =>
      system.send("POST", "/tokens", body, { token: null, headers: { cookie, ...headers } });
    expectRefusal(await post({}), 403);
    expect((await post({ "x-ticktally-console": "1" })).status).toBe(201);
  });

  it("ends when its token is revoked or its user signs out", async () => {
    const { id, token } = await newReadToken("short");
    const [first, second] = [await signIn(token), await signIn(token)];
    const ask = async (cookie: string) => system.get("/instances", { token: null, headers: { cookie } });
    expect((await ask(first.cookie)).status).toBe(200);
    const headers = { cookie: first.cookie, "x-ticktally-console": "1" };
    expect((await system.send("DELETE", "/session", undefined, { token: null, headers })).status).toBe(200);
    expectRefusal(await ask(first.cookie), 401);
    expect((await ask(second.cookie)).status).toBe(200);
    await system.send("DELETE", `/tokens/${id}`);
    expectRefusal(await ask(second.cookie), 401);
  });

  it("has its own rate limit, six times as high", async () => {
    const { cookie } = await signIn(reader);
    const { headers } = await system.get("/instances", { token: null, headers: { cookie } });
    const policy = headers.get("ratelimit-policy") ?? "";
    const ofToken = (await system.get("/instances", { token: reader })).headers.get("ratelimit-policy") ?? "";
    const limitOf = (text: string) => Number(/q=(\d+)/.exec(text)?.[1]);
    expect(limitOf(policy)).toBe(6 * limitOf(ofToken));
  });
});

it("a read token sees only the origin of a target's address, not its path", async () => {
  const url = "https://hooks.example.com/services/SECRET?key=SECRET";
  await system.send("POST", "/targets", { name: "chat", url, mode: "events" });
  for (const path of ["/targets", "/targets/chat"]) {
    const answer = await system.get(path, { token: reader });
    expect(answer.text).toContain('"url":"https://hooks.example.com/***"');
    expect(answer.text).not.toContain("SECRET");
    expect((await system.get(path)).text).toContain(url);
  }
  expect((await system.send("DELETE", "/targets/chat")).status).toBe(200);
});
