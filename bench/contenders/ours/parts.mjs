// Ticktally's own parts, put together around another queue: the same door, the same worker's work, the same script.
import { GroupedStore } from "../../../apps/worker/dist/grouped-store.js";
import { JobProcessor } from "../../../apps/worker/dist/job-processor.js";
import { KnownInstances } from "../../../apps/worker/dist/known-instances.js";
import { WorkerMetrics } from "../../../apps/worker/dist/worker-metrics.js";
import { Forwarding } from "../../../apps/ingest/dist/forwarding.js";
import { GuessLimit } from "../../../apps/ingest/dist/guess-limit.js";
import { IngestMetrics } from "../../../apps/ingest/dist/ingest-metrics.js";
import { startIngestServer } from "../../../apps/ingest/dist/ingest-server.js";
import { senderAddress } from "../../../apps/ingest/dist/sender-address.js";
import { WebhookAccess } from "../../../apps/ingest/dist/webhook-access.js";
import { WebhookIntake } from "../../../apps/ingest/dist/webhook-intake.js";
import { WebhookSources } from "../../../apps/ingest/dist/webhook-sources.js";
import { DEFAULT_GATEWAY, quarantinedText } from "../../../packages/gateways/dist/index.js";
import {
  connect,
  Keys,
  openLaneWriter,
  RedisInstanceRegistry,
  RedisMessageStore,
  RedisQuarantine,
} from "../../../packages/redis/dist/index.js";
import { createLogger, createRegistry, UNTRACED } from "../../../packages/telemetry/dist/index.js";

/** @typedef {import("../../../packages/redis/dist/index.js").RedisClient} RedisClient */

const keys = new Keys();
const logger = createLogger("bench", "warn");

/** @param {string} url @param {import("../../../packages/redis/dist/index.js").ConnectionRole} role */
export function connectTo(url, role) {
  const target = { url, cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 60_000 };
  return connect(target, role, (error) => {
    throw error;
  });
}

const ignored = () => undefined;
/** No target is there: what each batch asks is measured with the rest. */
const LANES = {
  keys,
  env: {
    FORWARD_KEY: undefined,
    FORWARD_MAX_BYTES: 1,
    FORWARD_MAX_TOTAL_BYTES: 1,
    FORWARD_WHEN_FULL: /** @type {const} */ ("drop"),
  },
  onError: ignored,
  onUnusable: ignored,
  onKeyMissing: ignored,
};

/** Our HTTP layer over another queue. @param {RedisClient} redis @param {import("../../../packages/core/dist/index.js").WebhookQueue} queue */
export async function startOurIngest(redis, queue) {
  const { PORT, TOKEN = "" } = process.env;
  const addressOf = senderAddress([]);
  const access = new WebhookAccess(TOKEN, new RedisInstanceRegistry(redis, keys));
  const intake = new WebhookIntake({
    queue,
    secrets: { tokenOwner: access.of.bind(access), setting: () => undefined },
    sources: new WebhookSources([], addressOf),
    senderAddress: addressOf,
    guesses: new GuessLimit(60),
    forwarding: new Forwarding(openLaneWriter(redis, LANES)),
    metrics: new IngestMetrics(createRegistry(), [DEFAULT_GATEWAY]),
    logger,
    tracing: UNTRACED,
    bodyBytesMax: 5_242_880,
    batchMax: 500,
    storeTimeoutMs: 60_000,
    queueJobsMax: 1_000_000,
    now: Date.now,
  });
  await startIngestServer(intake, [DEFAULT_GATEWAY], "127.0.0.1", Number(PORT));
  process.send?.("ready");
}

/** What our worker does with a job. @param {RedisClient} redis */
export function ourProcessor(redis) {
  return new JobProcessor({
    store: new GroupedStore(new RedisMessageStore(redis, { keys, retentionDays: 30 })),
    quarantine: new RedisQuarantine(redis, keys, quarantinedText),
    quarantineBounds: { entriesMax: 1_000, bytesMax: 16 * 1024 * 1024 },
    instances: new KnownInstances(new RedisInstanceRegistry(redis, keys), true),
    metrics: new WorkerMetrics(createRegistry(), { entriesMax: 1_000, bytesMax: 16 * 1024 * 1024 }),
    logger,
    tracing: UNTRACED,
    signal: new AbortController().signal,
    now: Date.now,
  });
}
