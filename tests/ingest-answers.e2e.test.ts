import { gzipSync } from "node:zlib";
import { request } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { BODY_LIMIT, sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type Answer, type System } from "./system.ts";
import { RawConnection, rawPost } from "./support/raw-http.ts";
import { expectRefusal, giveToken } from "./support/refusals.ts";
import { freshInstance, signal, statusOf } from "./support/webhooks.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const received = async (outcome: string) =>
  (await system.prometheus("ingest")).sum("ticktally_webhooks_received_total", { outcome });

describe("200", () => {
  it.each([`Bearer ${WEBHOOK_TOKEN}`, `Basic ${WEBHOOK_TOKEN}`, WEBHOOK_TOKEN, `bearer ${WEBHOOK_TOKEN}`])(
    "is the answer to a webhook with Authorization: %s",
    async (authorization) => {
      const instance = freshInstance();
      const answer = await system.post(statusOf(instance, "M", "sent"), { token: null, headers: { authorization } });
      expect(answer.status).toBe(200);
      expect((await system.counted(instance)).messagesSent).toBe(1);
    },
  );

  it.each(["/webhooks/green-api/", "/webhooks/green-api/sales", "/webhooks/green-api?from=here"])(
    "is the answer at %s",
    async (path) => {
      expect((await system.post(statusOf(freshInstance(), "M", "sent"), { path })).status).toBe(200);
    },
  );

  it.each(["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.green+json"])(
    "is the answer to content type “%s”",
    async (type) => {
      const answer = await system.post(statusOf(freshInstance(), "M", "sent"), { headers: { "content-type": type } });
      expect(answer.status).toBe(200);
    },
  );

  it("is the answer to a webhook without a content type", async () => {
    const connection = await RawConnection.open(system.ingestPort);
    const webhook = JSON.stringify(statusOf(freshInstance(), "M", "sent"));
    const post = rawPost("/webhooks/green-api", webhook, { authorization: WEBHOOK_TOKEN });
    connection.write(post.replace("content-type: application/json\r\n", ""));
    expect((await connection.answers(1))[0]?.status).toBe(200);
    connection.close();
  });

  it.each(["{}", "[]", "null", "7", '"text"', '{"typeWebhook":null}', " \n{}\n "])(
    "is the answer to JSON that is not a known webhook: %s",
    async (body) => {
      const before = (await system.prometheus()).value("ticktally_quarantine_size");
      expect((await system.post(body)).status).toBe(200);
      await system.drained();
      expect((await system.prometheus()).value("ticktally_quarantine_size")).toBe(before + 1);
    },
  );

  it("is the answer to an instance that posts with its own token", { timeout: 20_000 }, async () => {
    const instance = freshInstance();
    const token = await giveToken(system, instance);
    expect((await system.post(statusOf(instance, "M", "sent"), { token })).status).toBe(200);
    expect((await system.counted(instance)).messagesSent).toBe(1);
    expectRefusal(await system.post(statusOf(freshInstance(), "M", "sent"), { token }), 401);
  });
});

describe("400", () => {
  it.each(["", " ", "{", '{"a":}', "not json", "{'a':1}", '{"a":1}{"b":2}', "\u0000"])(
    "is the answer to a body that is not JSON: “%s”",
    async (body) => {
      const before = await received("not_json");
      expectRefusal(await system.post(body), 400);
      expect(await received("not_json")).toBe(before + 1);
    },
  );

  it("is the answer to a path that cannot be decoded", async () => {
    expectRefusal(await system.post("{}", { path: "/webhooks/green-api/%E0%A4%A" }), 400);
  });
});

describe("401", () => {
  it.each([null, "", "wrong", `${WEBHOOK_TOKEN}x`, WEBHOOK_TOKEN.slice(0, -1), `Bearer ${WEBHOOK_TOKEN}`])(
    "is the answer to the token %s, with a challenge, and is counted",
    async (token) => {
      const before = await received("unauthorized");
      const answer = await system.post(statusOf(freshInstance(), "M", "sent"), { token });
      expectRefusal(answer, 401);
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
      expect(await received("unauthorized")).toBe(before + 1);
    },
  );

  it("is sent before a large body has been received", async () => {
    // The body never ends, so an answer shows that ingest did not wait for it.
    const headers = { authorization: "Bearer wrong", "content-type": "application/json", "content-length": 50_000 };
    expectRefusal(await unfinishedPost(system.ingestPort, headers, '{"x":"'), 401);
  });
});

describe("404 and 405", () => {
  it.each(["/", "/webhooks", "/webhooks/nobody", "/webhooks/green-apis", "/metrics", "/healthz"])(
    "404 is the answer at %s",
    async (path) => {
      expectRefusal(await system.post("{}", { path }), 404);
    },
  );

  it.each(["PUT", "PATCH", "DELETE"])("405 is the answer to %s", async (method) => {
    const answer = await system.post("{}", { method });
    expectRefusal(answer, 405);
    expect(answer.headers.get("allow")).toBe("POST");
  });
});

describe("413", () => {
  const large = statusOf("1", "M", "sent", { description: "x".repeat(BODY_LIMIT) });

  it("is the answer to a content-length over INGEST_BODY_LIMIT", async () => {
    const before = await received("too_large");
    expectRefusal(await system.post(large), 413);
    expect(await received("too_large")).toBe(before + 1);
  });

  it("is the answer to a chunked body as soon as it exceeds the limit", async () => {
    const headers = { authorization: WEBHOOK_TOKEN, "content-type": "application/json" };
    expectRefusal(await unfinishedPost(system.ingestPort, headers, JSON.stringify(large)), 413);
  });

  it("is not the answer to a body of exactly the limit", async () => {
    const frame = JSON.stringify(statusOf(freshInstance(), "M", "sent", { extra: "" })).length;
    const webhook = statusOf(freshInstance(), "M", "sent", { extra: "x".repeat(BODY_LIMIT - frame) });
    expect(JSON.stringify(webhook)).toHaveLength(BODY_LIMIT);
    expect((await system.post(webhook)).status).toBe(200);
  });
});

describe("415", () => {
  it.each(["application/x-www-form-urlencoded", "text/plain", "application/jsonx", "multipart/form-data; boundary=x"])(
    "is the answer to content type %s",
    async (type) => {
      expectRefusal(await system.post("{}", { headers: { "content-type": type } }), 415);
    },
  );

  it("is the answer to a compressed body", async () => {
    const response = await fetch(`http://127.0.0.1:${system.ingestPort}/webhooks/green-api`, {
      method: "POST",
      headers: { authorization: WEBHOOK_TOKEN, "content-type": "application/json", "content-encoding": "gzip" },
      body: gzipSync(JSON.stringify(signal("1", "deviceInfo"))),
    });
    const { status, headers } = response;
    expectRefusal({ status, headers, text: await response.text() }, 415);
  });
});

/** Send headers and the start of a body, and nothing more. */
async function unfinishedPost(
  port: number,
  headers: Readonly<Record<string, string | number>>,
  begun: string,
): Promise<Answer> {
  const req = request({ port, host: "127.0.0.1", method: "POST", path: "/webhooks/green-api", headers });
  return new Promise((resolve, reject) => {
    req.on("error", reject);
    req.on("response", (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (part: string) => (text += part));
      res.on("end", () => {
        const pairs = Object.entries(res.headers).map(([name, value]): [string, string] => [name, String(value)]);
        resolve({ status: res.statusCode ?? 0, headers: new Headers(pairs), text });
        req.destroy();
      });
    });
    req.write(begun);
  });
}
