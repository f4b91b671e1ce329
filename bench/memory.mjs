// Redis memory for each message with its whole timeline (observed, sent, delivered, read): `npm run bench -- memory --messages 1000000`
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect, Keys, RedisMessageStore } from "../packages/redis/dist/index.js";
import { startRedis } from "../scripts/embedded-redis.mjs";
import { messageId } from "./traffic.mjs";

const { values } = parseArgs({
  options: { messages: { type: "string", default: "200000" }, instances: { type: "string", default: "10" } },
});
const [messages, instances] = [Number(values.messages), Number(values.instances)];
const BATCH = 500;

const dir = await mkdtemp(join(tmpdir(), "ticktally-bench-"));
const server = await startRedis({ dir, durability: "fast" });
const target = { url: server.url, cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 60_000 };
const redis = connect(target, "worker", () => undefined);
const store = new RedisMessageStore(redis, { keys: new Keys(), retentionDays: 30 });
const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);

const before = await usedBytes();
const now = Math.floor(Date.now() / 1000);
for (let from = 0; from < messages; from += BATCH) {
  const instance = String(1_101_000_000 + ((from / BATCH) % instances));
  const events = Array.from({ length: Math.min(BATCH, messages - from) }, (_, i) => lifeOf(from + i)).flat();
  await store.apply([{ instance, events }], Date.now());
}
const bytes = (await usedBytes()) - before;
console.log(`${messages} messages of 4 events over ${instances} instances, ids of 20 digits, 20,000 chats`);
console.log(`${(bytes / 2 ** 20).toFixed(1)} MiB: ${(bytes / messages).toFixed(1)} bytes a message, counts included`);
redis.disconnect();
await server.stop();
await rm(dir, { recursive: true, force: true });

/** @param {number} n @returns {import("../packages/core/dist/index.js").InstanceEvent[]} */
function lifeOf(n) {
  const at = now - 86_400 + Math.floor((n / messages) * 80_000);
  const idMessage = messageId(Math.random);
  const common = { idMessage, chatId: `7900${1_000_000 + (n % 20_000)}@c.us`, origin: /** @type {const} */ ("api") };
  const told = (/** @type {number} */ after) => ({ ...common, at: at + after, receivedAt: at + after + 1 });
  return [
    { kind: "observation", direction: "outgoing", type: "text", ...told(0) },
    { kind: "status", status: "sent", ...told(1) },
    { kind: "status", status: "delivered", ...told(3) },
    { kind: "status", status: "read", ...told(60) },
  ];
}
