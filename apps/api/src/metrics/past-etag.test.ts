import { once } from "node:events";
import { createServer } from "node:http";
import { firstKeptHour } from "@ticktally/core";
import express from "express";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isKnownPast } from "./past-etag.ts";

const START = 1_790_000_000;
let seconds = START;
const oldest = firstKeptHour(START);
const deps = {
  counts: { pastVersions: async () => Promise.resolve(["the same"]) },
  now: () => seconds * 1000,
};
const asked = { echo: "sales", isAll: false, instances: [{ id: "1101000001", name: "sales" }] };

const app = express().get("/:fromHour", async (req, res) => {
  const period = { fromHour: Number(req.params.fromHour), toHour: oldest + 100 };
  if (!(await isKnownPast(req, res, deps, asked, { ...period, isCsv: false }))) res.json({});
});
const server = createServer(app);
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => server.close());

async function ask(fromHour: number, etag?: string) {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const headers = etag === undefined ? {} : { "if-none-match": etag };
  return fetch(`http://127.0.0.1:${String(port)}/${String(fromHour)}`, { headers });
}

// Hours are kept for 400 days, so the oldest hour of an answer is missing an hour later.
it.each([
  ["does not change while all its hours are kept", oldest + 10, 304],
  ["changes once one of its hours is no longer kept", oldest - 10, 200],
])("the ETag of a period %s", async (_, fromHour, later) => {
  seconds = START;
  const etag = (await ask(fromHour)).headers.get("etag") ?? "";
  expect((await ask(fromHour, etag)).status).toBe(304);
  seconds += 3600;
  expect((await ask(fromHour, etag)).status).toBe(later);
});
