import { once } from "node:events";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { InvalidCursorError } from "@ticktally/core";
import { createLogger } from "@ticktally/telemetry";
import express, { Router } from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { errorHandler } from "./api-error.ts";
import { bodyOf, queryOf } from "./request-input.ts";
import { unrouted } from "./unrouted.ts";

const schema = z.strictObject({
  id: z.union([z.number(), z.string().min(1)], "must be a number or a text"),
  name: z.string().max(3).optional(),
  settings: z.strictObject({ flag: z.boolean().optional() }).optional(),
});
const query = z.strictObject({ step: z.enum(["hour", "day"]), limit: z.coerce.number().max(10).optional() });

const routes = Router()
  .get("/things{/:name}", (req, res) => void res.json(queryOf(req, query)))
  .post("/things", async (req, res) => void res.json(await bodyOf(req, res, schema)))
  .put("/files/:name", async (req, res) => void res.json(await bodyOf(req, res, schema, { bytesMax: 1_000_000 })))
  .get("/cursor", () => {
    throw new InvalidCursorError("no cursor");
  });
const server = createServer(
  express()
    .use(routes, unrouted([routes]))
    .use(errorHandler(createLogger("test", "silent"))),
);
let origin: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const JSON_HEADERS = { "content-type": "application/json" };

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(origin + path, init);
  const answer: unknown = await response.json();
  return { status: response.status, allow: response.headers.get("allow"), answer };
}

function refusal(message: string | RegExp, code: string) {
  const text: unknown = typeof message === "string" ? message : expect.stringMatching(message);
  return { success: false, error: { code, message: text } };
}

describe("a body", () => {
  const post = async (body: string | Buffer, headers: Record<string, string> = JSON_HEADERS, path = "/things") =>
    ask(path, { method: path === "/things" ? "POST" : "PUT", headers, body: new Uint8Array(Buffer.from(body)) });

  it("keeps ids beyond 2^53, and small numbers as numbers", async () => {
    expect((await post('{"id": 18446744073709551615}')).answer).toEqual({ id: "18446744073709551615" });
    expect((await post('{"id": 7103000000}')).answer).toEqual({ id: 7_103_000_000 });
  });

  it("may be compressed, and declared with a charset or a +json type", async () => {
    const gzip = { ...JSON_HEADERS, "content-encoding": "gzip" };
    expect((await post(gzipSync('{"id":1}'), gzip)).answer).toEqual({ id: 1 });
    for (const type of ["application/json; charset=utf-8", "application/merge-patch+json"])
      expect((await post('{"id":1}', { "content-type": type })).answer).toEqual({ id: 1 });
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"])(
    "415 as %s",
    async (type) => {
      const { status, answer } = await post('{"id":1}', { "content-type": type });
      expect(status).toBe(415);
      expect(answer).toEqual(refusal(/application\/json/, "unsupported_media_type"));
    },
  );

  // Only newer Node versions support zstd; the answer must not depend on the version.
  it.each(["rot13", "zstd", "ZSTD", "gzip, gzip"])("415 in the encoding %s", async (encoding) => {
    const { status, answer } = await post('{"id":1}', { ...JSON_HEADERS, "content-encoding": encoding });
    expect(status).toBe(415);
    expect(answer).toEqual(refusal(/gzip, deflate or br/, "unsupported_media_type"));
  });

  it.each(["", " \n", "{", "nothing", '{"id":1}}', '{"id":1,}', "\u0000"])("400 to %j", async (text) => {
    const { status, answer } = await post(text);
    expect(status).toBe(400);
    expect(answer).toEqual(refusal(/The body is (empty|not valid JSON)/, "bad_request"));
  });

  it("400 to a body that is not compressed as declared", async () => {
    expect((await post('{"id":1}', { ...JSON_HEADERS, "content-encoding": "gzip" })).status).toBe(400);
  });

  it("413 beyond 64 KiB, compressed or not; a route may allow more", async () => {
    const large = JSON.stringify({ id: "x".repeat(70_000) });
    const { status, answer } = await post(large);
    expect(status).toBe(413);
    expect(answer).toEqual(refusal(/65536 bytes/, "payload_too_large"));
    expect((await post(gzipSync(large), { ...JSON_HEADERS, "content-encoding": "gzip" })).status).toBe(413);
    expect((await post(large, JSON_HEADERS, "/files/x")).status).toBe(200);
  });

  it.each([
    ["{}", "`id` is required"],
    ['{"id":true}', "`id` must be a number or a text"],
    ['{"id":1,"name":"long"}', "`name` must have at most 3 characters"],
    ["[]", "The body must be a JSON object"],
    ["null", "The body must be a JSON object"],
    ['{"id":1,"x":2,"y":3}', "`x`, `y` are not known fields"],
    ['{"id":1,"settings":{"flag":"yes"}}', "`settings.flag` must be true or false"],
    ['{"id":1,"settings":{"flog":true}}', "`settings.flog` is not a known field"],
    ['{"id":1,"__proto__":{"settings":1}}', "`__proto__` is not a known field"],
  ])("400 to %s: %s", async (text, message) => {
    expect(await post(text)).toMatchObject({ status: 400, answer: refusal(message, "bad_request") });
  });

  it("may be nested deeply", async () => {
    const deep = `{"id":${"[".repeat(30_000)}9007199254740993${"]".repeat(30_000)}}`;
    expect((await post(deep)).status).toBe(400);
  });
});

describe("a query", () => {
  it("is parsed", async () => {
    expect((await ask("/things?step=day&limit=7")).answer).toEqual({ step: "day", limit: 7 });
  });

  it.each([
    ["", "`step` is required"],
    ["?step=week", "`step` must be one of hour, day"],
    ["?step=day&step=hour", "`step` must be one of hour, day"],
    ["?step=day&limit=x", "`limit` must be a number"],
    ["?step=day&limit=11", "`limit` must be at most 10"],
    ["?step=day&stop=1", "`stop` is not a known query parameter"],
  ])("400 to %s: %s", async (search, message) => {
    expect(await ask(`/things${search}`)).toMatchObject({ status: 400, answer: refusal(message, "bad_request") });
  });
});

describe("an unknown method or path", () => {
  it.each([
    ["PUT", "/things", "GET, HEAD, POST"],
    ["DELETE", "/things/x", "GET, HEAD"],
    ["GET", "/files/x", "PUT"],
    ["POST", "/Things/x/", "GET, HEAD"],
  ])("405 to %s %s, with Allow: %s", async (method, path, allow) => {
    const answer = await ask(path, { method });
    expect(answer).toMatchObject({ status: 405, allow, answer: refusal(/This path takes/, "method_not_allowed") });
  });

  it.each(["/", "/thing", "/things/x/y", "/files"])("404 at %s, whatever the method", async (path) => {
    for (const method of ["GET", "POST", "DELETE"]) {
      const answer = await ask(path, { method });
      expect(answer).toMatchObject({ status: 404, allow: null, answer: refusal(/GET \/docs/, "not_found") });
    }
  });
});

it("400 to an invalid cursor", async () => {
  expect(await ask("/cursor")).toMatchObject({ status: 400, answer: refusal(/cursor/, "bad_request") });
});
