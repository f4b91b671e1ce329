import { createHmac } from "node:crypto";
import { WhatsAppAPI } from "whatsapp-api-js";
import { describe, expect, it } from "vitest";
import type { GatewaySecrets, RequestHead } from "../gateway.ts";
import { bodyOf, statusBody } from "./testing/bodies.ts";
import { meta } from "./meta.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const OTHER = "fedcba9876543210fedcba9876543210";
const TOKEN = "a token of our own";

function secretsOf(settings: Record<string, string>): GatewaySecrets {
  return {
    setting: (name) => settings[name],
    tokenOwner: (token) => (token === "webhook-token" ? { kind: "account" } : undefined),
  };
}

const secrets = secretsOf({ META_APP_SECRET: SECRET, META_VERIFY_TOKEN: TOKEN });

function get(query: string): RequestHead {
  return { method: "GET", url: `/webhooks/meta${query}`, headers: {} };
}

function post(headers: RequestHead["headers"]): RequestHead {
  return { method: "POST", url: "/webhooks/meta", headers };
}

function signed(body: Buffer, secret = SECRET): RequestHead {
  return post({ "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` });
}

describe("Meta's handshake", () => {
  const query = (token: string, challenge = "1158201444") =>
    `?${new URLSearchParams({ "hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token }).toString()}`;

  it("is answered in the same way as by a library for receivers", () => {
    const judge = new WhatsAppAPI({ token: "x", appSecret: SECRET, webhookVerifyToken: TOKEN, v: "v24.0" });
    const answer = judge.get({ "hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": TOKEN });
    expect(meta.handshake?.(get(query(TOKEN)), secrets)).toEqual({
      status: 200,
      contentType: "text/plain; charset=utf-8",
      body: answer,
    });
  });

  it.each([
    ["a wrong token", query("another token")],
    ["an empty token", query("")],
    ["another mode", query(TOKEN).replace("=subscribe", "=unsubscribe")],
    ["no token", "?hub.mode=subscribe&hub.challenge=1"],
  ])("is refused with %s", (_, given) => {
    expect(meta.handshake?.(get(given), secrets)).toMatchObject({ status: 403 });
  });

  it.each([
    ["markup", "<script>alert(1)</script>"],
    ["a challenge that is too long", "1".repeat(257)],
    ["nothing", ""],
  ])("never returns %s", (_, challenge) => {
    const answer = meta.handshake?.(get(query(TOKEN, challenge)), secrets);
    expect(answer).toMatchObject({ status: 400, body: "no challenge" });
  });

  it("accepts any token of a list, including those for an account", () => {
    const several = secretsOf({ META_VERIFY_TOKEN: `${TOKEN}, 100000000000001=second-token` });
    for (const token of [TOKEN, "second-token"])
      expect(meta.handshake?.(get(query(token)), several)).toMatchObject({ status: 200 });
  });

  it.each(["", "?", "?page=1"])("is not any other GET (%s)", (given) => {
    expect(meta.handshake?.(get(given), secrets)).toBeUndefined();
  });
});

describe("Meta's signature", () => {
  // With Meta's escapes, which parsing and writing would change.
  const body = Buffer.from(
    JSON.stringify(statusBody({ id: "wamid.1", status: "sent" })).replace("{", '{"n":"\\u00e9\\/",'),
  );

  it("is valid or invalid in the same cases as for a library for receivers", async () => {
    const judge = new WhatsAppAPI({ token: "x", appSecret: SECRET, v: "v24.0" });
    for (const secret of [SECRET, OTHER]) {
      const head = signed(body, secret);
      const isRight = await judge.verifyRequestSignature(body.toString(), String(head.headers["x-hub-signature-256"]));
      expect(meta.verify?.(head, body, secrets)).toEqual(isRight ? { kind: "account" } : undefined);
      expect(isRight).toBe(secret === SECRET);
    }
  });

  it("covers the exact bytes of the body", () => {
    const changed = Buffer.from(body);
    changed[body.length - 1] = 32;
    expect(meta.verify?.(signed(body), changed, secrets)).toBeUndefined();
  });

  it.each([
    ["none", {}],
    ["half a signature", { "x-hub-signature-256": "sha256=00" }],
    ["a signature of another algorithm", { "x-hub-signature": `sha1=${"0".repeat(40)}` }],
    ["no digits", { "x-hub-signature-256": `sha256=${"x".repeat(64)}` }],
    ["a wrong token instead of a signature", { authorization: "Bearer guess" }],
    [
      "half a signature with a valid token",
      { "x-hub-signature-256": "sha256=00", authorization: "Bearer webhook-token" },
    ],
  ])("is required before the body is read: %s is refused", async (_, headers) => {
    expect(await meta.admit(post(headers), secrets)).toBeUndefined();
  });

  it("is checked once the body is received", async () => {
    expect(await meta.admit(signed(body), secrets)).toBe("after body");
  });

  it("is not required from a partner who sends our webhook token", async () => {
    expect(await meta.admit(post({ authorization: "Bearer webhook-token" }), secrets)).toEqual({ kind: "account" });
  });

  it("may use any secret of a list", () => {
    const several = secretsOf({ META_APP_SECRET: `${OTHER}, ${SECRET}` });
    for (const secret of [SECRET, OTHER])
      expect(meta.verify?.(signed(body, secret), body, several)).toEqual({ kind: "account" });
  });
});

describe("the secret of one account", () => {
  const of = (...numbers: readonly (string | null)[]) => {
    const bodies = numbers.map((number) =>
      bodyOf("messages", { statuses: [{ id: "wamid.1", status: "sent" }] }, number),
    );
    return Buffer.from(
      JSON.stringify({ object: "whatsapp_business_account", entry: bodies.flatMap(({ entry }) => entry) }),
    );
  };
  const [first, second] = ["100000000000001", "100000000000002"];
  const verdict = async (setting: string, body: Buffer) =>
    meta.verify?.(signed(body), body, secretsOf({ META_APP_SECRET: setting }));

  it.each([
    ["its own number", `${first}=${SECRET}`, of(first)],
    ["no number, which counts nothing", `${first}=${SECRET}`, of(null)],
    ["both its numbers", `${first}=${SECRET},${second}=${SECRET}`, of(first, second)],
    ["any number of its business account", `200000000000001=${SECRET}`, of(first, second)],
    ["any number, if there is also a general secret", `${SECRET},${first}=${SECRET}`, of(second)],
    ["invalid JSON, which is refused later", `${first}=${SECRET}`, Buffer.from("{")],
  ])("allows a body of %s", async (_, setting, body) => {
    expect(await verdict(setting, body)).toEqual({ kind: "account" });
  });

  it.each([
    ["another number", `${first}=${SECRET}`, of(second)],
    ["its own and another number", `${first}=${SECRET}`, of(first, second)],
    ["another business account", `200000000000009=${SECRET}`, of(first)],
    [
      "its business account, with a number that has its own secret",
      `200000000000001=${SECRET},${first}=${OTHER}`,
      of(first),
    ],
  ])("refuses a body of %s", async (_, setting, body) => {
    expect(await verdict(setting, body)).toBeUndefined();
  });
});
