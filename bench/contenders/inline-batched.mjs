// No queue, but our HTTP layer and our script: a batch is answered when it is counted.
import { webhookJobOf } from "../../packages/schemas/dist/index.js";
import { connectTo, ourProcessor, startOurIngest } from "./ours/parts.mjs";

const redis = connectTo(process.env["STORE_URL"] ?? "", "worker");
const processor = ourProcessor(redis);
let batches = 0;

await startOurIngest(redis, {
  shards: 1,
  put: async (shard, lines) => {
    const id = String(batches++);
    await processor.process({ id, shard, attempt: 1, data: webhookJobOf(lines) });
    return id;
  },
  waiting: async () => Promise.resolve(0),
});
