import { once } from "node:events";
import { createServer } from "node:http";
import { shardOf, type WebhookQueue } from "@ticktally/core";
import type { Access, Gateway, Part } from "@ticktally/gateways";
import { createLogger, createRegistry, UNTRACED } from "@ticktally/telemetry";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Forwarding } from "./forwarding.ts";
import { FailedLoginLimit } from "../failed-login-limit.ts";
import { IngestMetrics } from "../ingest-metrics.ts";
import { ingestListener } from "../http/ingest-listener.ts";
import { senderAddress } from "../access/sender-address.ts";
import { WebhookIntake } from "./webhook-intake.ts";
import { WebhookSources } from "../access/webhook-sources.ts";

const SHARDS = 4;
const [ONE, OTHER] = ["made-up:1", "made-up:2"];

/** A gateway that posts lists, with one part for each instance. */
const GATEWAY: Gateway = {
  name: "made-up",
  settings: [],
  types: ["thing"],
  handshake: ({ url }) => ({ status: url.endsWith("secret") ? 200 : 403, contentType: "text/plain", body: "42" }),
  admit: ({ headers }): Access | "after body" =>
    headers.authorization === undefined ? "after body" : { kind: "instance", instance: headers.authorization },
  verify: ({ headers }, bytes) => (headers["x-length"] === String(bytes.length) ? { kind: "account" } : undefined),
  parse: JSON.parse,
  split: (body) =>
    (Array.isArray(body) ? body : [body]).map((name: unknown): Part => {
      return { instance: typeof name === "string" ? name : undefined, type: "thing", body: name };
    }),
  withoutContent: ({ body }) => JSON.stringify(body),
  toEvents: () => ({ kind: "nothing" }),
  holdsFeed: false,
  relayedHeaders: [],
};

/** @param put stores a batch */
async function ingest(put: (shard: number) => Promise<string> = async () => Promise.resolve("1")) {
  const stored: string[] = [];
  const queue: WebhookQueue = {
    shards: SHARDS,
    put: async (shard, lines) => {
      const id = await put(shard);
      stored.push(...lines.map((line) => line.replace(/^\d+ /, "")));
      return id;
    },
    waiting: async () => Promise.resolve(0),
  };
  const addressOf = senderAddress([]);
  const registry = createRegistry();
  const intake = new WebhookIntake({
    queue,
    secrets: { tokenOwner: () => undefined, setting: () => undefined },
    sources: new WebhookSources([], addressOf),
    senderAddress: addressOf,
    failedLogins: new FailedLoginLimit(60),
    forwarding: new Forwarding({ append: async () => Promise.resolve([]), hasTargets: false, ownId: "" }),
    metrics: new IngestMetrics(registry, [GATEWAY]),
    logger: createLogger("test", "silent"),
    tracing: UNTRACED,
    bodyBytesMax: 1_000_000,
    batchMax: 10,
    storeTimeoutMs: 5_000,
    queueJobsMax: 1_000,
    now: Date.now,
  });
  const server = createServer(ingestListener(intake, [GATEWAY]));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? String(address?.port) : ""}`;
  const post = async (body: unknown, headers?: Record<string, string>, path = "/webhooks/made-up") => {
    const text = JSON.stringify(body);
    const own = headers ?? { "x-length": String(Buffer.byteLength(text)) };
    return (
      await fetch(origin + path, {
        method: "POST",
        body: text,
        headers: { "content-type": "application/json", ...own },
      })
    ).status;
  };
  return { origin, post, stored, registry };
}

describe("a request with several parts", () => {
  it("is accepted when all parts are stored, each in its instance's shard with the gateway's name", async () => {
    const shards: number[] = [];
    const { post, stored, registry } = await ingest(async (shard) => {
      shards.push(shard);
      return Promise.resolve("1");
    });
    expect(await post([ONE, OTHER, 7])).toBe(200);
    expect(stored.toSorted()).toEqual([`#made-up "${ONE}"`, `#made-up "${OTHER}"`, "#made-up 7"]);
    expect(new Set(shards)).toEqual(new Set([ONE, OTHER, undefined].map((id) => shardOf(id, SHARDS))));
    const counted = await registry.getSingleMetricAsString("ticktally_webhooks_received_total");
    expect(counted).toContain('{outcome="accepted",type="thing",gateway="made-up"} 3');
  });

  it("is refused completely if one part cannot be stored", async () => {
    const { post } = await ingest(async (shard) => {
      if (shard === shardOf(OTHER, SHARDS)) throw new Error("Redis is away");
      return Promise.resolve("1");
    });
    expect(shardOf(ONE, SHARDS)).not.toBe(shardOf(OTHER, SHARDS));
    expect([await post([ONE]), await post([ONE, OTHER]), await post([ONE])]).toEqual([200, 503, 200]);
  });

  it("can have thousands of parts, and other requests are served meanwhile", async () => {
    const { post, stored } = await ingest();
    let [ms, turn] = [0, 0];
    vi.spyOn(performance, "now").mockImplementation(() => (ms += 1));
    const nextTurn = () => {
      turn += 1;
      timer = setImmediate(nextTurn);
    };
    let timer = setImmediate(nextTurn);
    const turns = new Set<number>();
    vi.spyOn(GATEWAY, "withoutContent").mockImplementation(({ body }) => {
      turns.add(turn);
      return JSON.stringify(body);
    });
    onTestFinished(() => {
      clearImmediate(timer);
      vi.restoreAllMocks();
    });
    const many = Array.from({ length: 9_000 }, (_, place) => `made-up:${String(place)}`);
    expect(await post(many)).toBe(200);
    expect(stored.toSorted()).toEqual(many.map((name) => `#made-up "${name}"`).toSorted());
    expect(turns.size).toBeGreaterThan(100);
  });

  it("with thousands of parts is refused completely while too much is waiting", async () => {
    let goAway: (error: Error) => void = () => undefined;
    const away = new Promise<string>((_, reject) => (goAway = reject));
    const { post, stored } = await ingest(async () => away);
    const many = Array.from({ length: 9_000 }, (_, place) => `made-up:${String(place)}`);
    const posts = [post(many), post(many)];
    expect(await Promise.race(posts)).toBe(503);
    goAway(new Error("Redis is away"));
    const statuses = await Promise.all(posts);
    expect([statuses, stored]).toEqual([[503, 503], []]);
  });

  it("is refused completely if it has an instance's token and a part of another instance", async () => {
    const { post, stored } = await ingest();
    expect(await post([ONE, ONE, OTHER], { authorization: ONE })).toBe(401);
    expect(stored).toEqual([]);
    expect(await post([ONE, 7], { authorization: ONE })).toBe(200);
    expect(stored).toEqual([`#made-up "${ONE}"`, `#made-up @${ONE} 7`]);
  });
});

describe("a gateway that signs", () => {
  it("is authenticated by the bytes of the body", async () => {
    const { post, stored } = await ingest();
    expect(await post("é", { "x-length": "3" })).toBe(401);
    expect(stored).toEqual([]);
    expect(await post("é", { "x-length": "4" })).toBe(200);
  });

  it("answers verification requests itself; another method, and a disabled gateway, are refused", async () => {
    const { origin } = await ingest();
    const check = await fetch(`${origin}/webhooks/made-up?secret`);
    expect([check.status, check.headers.get("content-type"), await check.text()]).toEqual([200, "text/plain", "42"]);
    expect((await fetch(`${origin}/webhooks/made-up?guess`)).status).toBe(403);
    expect((await fetch(`${origin}/webhooks/made-up`, { method: "PUT" })).status).toBe(405);
    expect((await fetch(`${origin}/webhooks/green-api`, { method: "POST" })).status).toBe(404);
  });
});

describe("long bodies", () => {
  const long = (name: string) => [name, "x".repeat(100_000)];

  it("are processed one after the other, and small webhooks meanwhile", async () => {
    const { post } = await ingest();
    const begun: ((access: Access) => void)[] = [];
    vi.spyOn(GATEWAY, "verify").mockImplementation(async () => new Promise((resolve) => begun.push(resolve)));
    onTestFinished(() => void vi.restoreAllMocks());
    const posts = [post(long(ONE)), post(long(OTHER)), post(long(ONE))];
    for (const place of [0, 1, 2]) {
      await vi.waitFor(() => {
        expect(begun).toHaveLength(place + 1);
      });
      expect(await post([ONE], { authorization: ONE })).toBe(200);
      expect(begun).toHaveLength(place + 1);
      begun[place]?.({ kind: "account" });
    }
    expect(await Promise.all(posts)).toEqual([200, 200, 200]);
  });

  it("are refused if they cannot be read, and the next ones are processed", async () => {
    const { post } = await ingest();
    vi.spyOn(GATEWAY, "split").mockImplementationOnce(() => {
      throw new Error("broken");
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect([await post(long(ONE)), await post(long(ONE))]).toEqual([503, 200]);
  });

  it("may use half of the memory limit: further ones are refused, and small webhooks are not", async () => {
    let store: (id: string) => void = () => undefined;
    const stored = new Promise<string>((resolve) => (store = resolve));
    const { post } = await ingest(async () => stored);
    const big = () => [ONE, "x".repeat(900_000)];
    const posts = Array.from({ length: 24 }, async () => post(big()));
    expect(await Promise.race(posts)).toBe(503);
    const usual = post([ONE]);
    store("1");
    expect(await usual).toBe(200);
    expect((await Promise.all(posts)).filter((status) => status === 200).length).toBeGreaterThan(2);
  });
});
