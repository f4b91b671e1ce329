import { once } from "node:events";
import { createServer } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { DEFAULT_GATEWAY } from "@ticktally/gateways";
import { createLogger } from "@ticktally/telemetry";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorHandler } from "../http/api-error.ts";
import { reconcileUpload } from "./reconcile-upload.ts";

const { upstream: api } = DEFAULT_GATEWAY;
if (api === undefined) throw new Error("no API");
const server = createServer(
  express()
    .post("/", async (req, res) => {
      const upload = await reconcileUpload(req, { api, pseudonyms: undefined });
      res.json(upload.kind === "look" ? upload : { ...upload, entries: upload.entries.length });
    })
    .use(errorHandler(createLogger("test", "silent"))),
);
let origin: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" ? String(address?.port) : ""}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function post(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  const sent = { "content-type": "application/json", ...headers };
  const response = await fetch(origin, { method: "POST", headers: sent, body: new Uint8Array(Buffer.from(body)) });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

const ENTRY = { type: "outgoing", idMessage: "A", timestamp: 1_700_000_000, chatId: "7@c.us", statusMessage: "read" };
const LARGE = { ...ENTRY, jpegThumbnail: "x".repeat(100_000) };
const journalOf = (entries: readonly unknown[]): string => JSON.stringify(entries);

describe("an upload for reconciliation", () => {
  it.each([
    ["a short journal", journalOf([ENTRY, {}])],
    ["one in a field", JSON.stringify({ messages: [ENTRY, 7] })],
    ["a long one", journalOf([LARGE, LARGE].map((entry, i) => (i === 0 ? entry : { ...entry, type: "x" })))],
    ["one after a byte order mark and space", `\uFEFF \n${journalOf([ENTRY, null])} \n`],
  ])("is read: %s", async (_, body) => {
    expect(await post(body)).toEqual({ status: 200, answer: { kind: "journal", entries: 1, unread: 1 } });
  });

  it("may be compressed", async () => {
    const body = Buffer.from(journalOf([LARGE, ENTRY]));
    for (const [encoding, bytes] of [
      ["gzip", gzipSync(body)],
      ["Deflate", deflateSync(body)],
      ["br", brotliCompressSync(body)],
      ["identity", body],
    ] as const)
      expect(await post(bytes, { "content-encoding": encoding })).toMatchObject({
        status: 200,
        answer: { entries: 2 },
      });
  });

  it("may contain a period to reconcile instead of journals", async () => {
    expect(await post('{"minutes":5}')).toEqual({ status: 200, answer: { kind: "look", minutes: 5 } });
    expect(await post("{}")).toEqual({ status: 200, answer: { kind: "look" } });
  });

  it.each([
    ["entries", `[${"{},".repeat(10_000)}{}]`],
    ["empty entries in 2.9 MiB", `[${"[],".repeat(1_000_000)}[]]`],
    [
      "characters that are kept",
      journalOf(Array.from({ length: 10_000 }, () => ({ ...ENTRY, idMessage: "\u0001".repeat(255) }))),
    ],
    ["bytes that are no journal", `{"minutes":5,"x":"${"x".repeat(70_000)}"}`],
    ["bytes of nothing", Buffer.alloc(100_000)],
  ])("is refused with too many %s", async (_, body) => {
    expect(await post(body)).toMatchObject({ status: 413, answer: { error: { code: "payload_too_large" } } });
  });

  it.each([
    "",
    " ",
    "[",
    "[{]",
    '{"messages":[1',
    '{"messages":[],"x":1}',
    '{"x":1,"messages":[]}',
    '{"\\u006dessages":[]}',
    "7",
    "nul",
  ])("is refused if it is not an upload: %s", async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, answer: { error: { code: "bad_request" } } });
  });

  it("is refused in a way that a sender can read before the connection closes", async () => {
    const long = `{"x":"${"x".repeat(8 * 1024 * 1024)}"}`;
    const many = `[${"{},".repeat(3 * 1024 * 1024)}{}]`;
    for (const body of [long, many]) expect(await post(body, { connection: "close" })).toMatchObject({ status: 413 });
  });

  it("is refused if it does not match its headers", async () => {
    const body = journalOf([ENTRY]);
    expect(await post(body, { "content-encoding": "gzip" })).toMatchObject({ status: 400 });
    for (const headers of [
      { "content-encoding": "zstd" },
      { "content-type": "text/plain" },
      { "content-type": "application/json; charset=utf-16" },
    ])
      expect(await post(body, headers)).toMatchObject({ status: 415 });
  });
});
