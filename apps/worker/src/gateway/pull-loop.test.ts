import { DEFAULT_GATEWAY } from "@ticktally/gateways";
import { createLogger, createRegistry } from "@ticktally/telemetry";
import { once } from "node:events";
import { createServer } from "node:http";
import { Agent } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GatewayMetrics } from "./gateway-metrics.ts";
import { PullLoop } from "./pull-loop.ts";

const STATUS = { typeWebhook: "outgoingMessageStatus", instanceData: { idInstance: 1 }, idMessage: "M", timestamp: 1 };
/** A gateway whose notifications have as many parts as one may have. */
const GATEWAY = {
  ...DEFAULT_GATEWAY,
  split: (body: unknown) => Array.from({ length: 10_000 }, () => DEFAULT_GATEWAY.split(body)).flat(),
};

const asked: string[] = [];
const server = createServer((req, res) => {
  const [, method = ""] = /^\/waInstance1\/(\w+)\//.exec(req.url ?? "") ?? [];
  const isFirst = !asked.includes(method);
  asked.push(method);
  if (method === "deleteNotification") res.end('{"result":true}');
  else res.end(isFirst ? JSON.stringify({ receiptId: 7, body: STATUS }) : "null");
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
});

it("queues a notification of many parts in batches that a worker can take, and deletes it after the last", async () => {
  const address = server.address();
  const apiUrl = `http://127.0.0.1:${String(typeof address === "object" ? (address?.port ?? 0) : 0)}`;
  const upstream = { apiUrl, apiTokenInstance: "x", pull: true, reconcileEveryMinutes: 0 };
  const batches: number[] = [];
  let askedByThen: readonly string[] = [];
  const deps = {
    queue: {
      shards: 1,
      put: async (_: number, lines: readonly string[]) => {
        batches.push(lines.length);
        askedByThen = [...asked];
        return Promise.resolve("0-1");
      },
      waiting: async () => Promise.resolve(0),
    },
    lanes: { append: async () => Promise.resolve([]) },
    pseudonyms: undefined,
    agent: new Agent(),
    lease: { hold: async () => Promise.resolve(true), release: async () => Promise.resolve() },
    metrics: new GatewayMetrics(createRegistry()),
    logger: createLogger("test", "silent"),
    now: () => 1_000,
  };
  const api = GATEWAY.upstream;
  if (api === undefined) throw new Error("no upstream");
  const loop = new PullLoop(deps, "1", upstream, GATEWAY, api);
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(2);
  loop.stop();
  await loop.ended;
  expect(batches).toEqual(Array.from({ length: 20 }, () => 500));
  expect(askedByThen).toEqual(["receiveNotification"]);
  expect(asked.slice(0, 3)).toEqual(["receiveNotification", "deleteNotification", "receiveNotification"]);
});
