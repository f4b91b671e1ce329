import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { MemoryMessageStore } from "@ticktally/core/testing";
import { createLogger } from "@ticktally/telemetry";
import express from "express";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { errorHandler } from "../http/api-error.ts";
import { LargeQueries } from "../metrics/large-queries.ts";
import { gatewayRoutes } from "./gateway.ts";

const [SHORT, LONG] = ["1101000001", "1101000002"];
const WAITING_MAX = 8;

const store = new MemoryMessageStore();
/** Pages of long journals after the first that were read, and those that wait until the test lets them be read. */
let [read, held]: [number, (() => void)[]] = [0, []];
let isHeld = true;

/** Requests that were answered or given up. */
let closed = 0;

const app = express();
app.use((_req, res, next) => {
  res.once("close", () => (closed += 1));
  next();
});
app.use(
  gatewayRoutes({
    counts: store,
    messages: store,
    lists: {
      list: async (instance, { cursor }) => {
        if (instance === SHORT) return { messages: [] };
        if (cursor === undefined) return { messages: [], nextCursor: "1" };
        if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
        read += 1;
        return { messages: [], nextCursor: String(Number(cursor) + 1) };
      },
    },
    authoriser: {
      caller: async () => Promise.resolve({ kind: "account" }),
      instance: async (_, name) => Promise.resolve({ id: name, name }),
    },
    largeQueries: new LargeQueries(),
    now: () => 1_790_000_000_000,
  }),
  errorHandler(createLogger("test", "silent")),
);
let server: ReturnType<typeof app.listen>;
beforeAll(async () => {
  server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
});
beforeEach(() => {
  [read, held, isHeld, closed] = [0, [], true, 0];
});
afterAll(() => server.close());

async function journal(instance: string, signal?: AbortSignal): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}/waInstance${instance}/lastOutgoingMessages/token`;
  const answer = await fetch(url, signal === undefined ? {} : { signal });
  return answer.status;
}

function letAllBeRead(): void {
  isHeld = false;
  for (const resolve of held) resolve();
}

it("reads one long journal at a time, refuses those beyond the waiting ones, and no short one", async () => {
  const all = Array.from({ length: WAITING_MAX + 2 }, async () => journal(LONG));
  expect(await Promise.race(all)).toBe(503);
  expect(held).toHaveLength(1);
  expect(await journal(SHORT)).toBe(200);
  letAllBeRead();
  const statuses = await Promise.all(all);
  expect(statuses.filter((status) => status === 200)).toHaveLength(WAITING_MAX + 1);
});

it("ends a long journal when the client disconnects", async () => {
  const abort = new AbortController();
  const answer = journal(LONG, abort.signal).catch(() => undefined);
  await vi.waitUntil(() => held.length === 1);
  abort.abort();
  await answer;
  await vi.waitUntil(() => closed === 1);
  letAllBeRead();
  expect(await journal(LONG)).toBe(200);
  // The page that was being read, and those of the other request.
  expect(read).toBe(1 + 19);
});
