// A Redis Stream in place of BullMQ, all else ours: an entry carries a batch, and is deleted when it is counted. An entry whose
// worker died would have to be claimed, retried and counted as tried by code of one's own, which is not here.
import { giveWay } from "../../apps/worker/dist/give-way.js";
import { webhookJobOf } from "../../packages/schemas/dist/index.js";
import { connectTo, ourProcessor, startOurIngest } from "./ours/parts.mjs";

/** @typedef {[id: string, fields: string[]]} Entry */

const { ROLE, STORE_URL = "" } = process.env;
const redis = connectTo(STORE_URL, "worker");

if (ROLE === "ingest") {
  await startOurIngest(redis, {
    shards: 1,
    put: async (_, lines) => {
      const id = await redis.xadd("webhooks", "*", "lines", lines.join("\n"));
      return id ?? "";
    },
    waiting: async () => redis.xlen("webhooks"),
  });
} else {
  giveWay();
  const reader = connectTo(STORE_URL, "worker");
  const processor = ourProcessor(redis);
  await redis.xgroup("CREATE", "webhooks", "counters", "0", "MKSTREAM");
  process.send?.("ready");
  /** Counts some entries while the next are being read. */
  let counting = Promise.resolve();
  for (;;) {
    const found = await reader.xreadgroup(
      "GROUP",
      "counters",
      "one",
      "COUNT",
      8,
      "BLOCK",
      5000,
      "STREAMS",
      "webhooks",
      ">",
    );
    const entries = /** @type {[string, Entry[]][] | null} */ (found)?.[0]?.[1] ?? [];
    await counting;
    if (entries.length > 0) counting = count(processor, entries);
  }
}

/** @param {ReturnType<typeof ourProcessor>} processor @param {readonly Entry[]} entries */
async function count(processor, entries) {
  await Promise.all(
    entries.map(async ([id, [, lines = ""]]) =>
      processor.process({ id, shard: 0, attempt: 1, data: webhookJobOf([lines]) }),
    ),
  );
  const ids = entries.map(([id]) => id);
  await redis
    .multi()
    .xack("webhooks", "counters", ...ids)
    .xdel("webhooks", ...ids)
    .exec();
}
