import { shardOf } from "@ticktally/core";
import { DEFAULT_GATEWAY, gatewayNamed } from "@ticktally/gateways";
import type { BullWebhookQueue } from "@ticktally/redis";
import { webhookLine } from "@ticktally/schemas";
import { LAST_SENDING_SECONDS, webhookOf, type Period, type Sending, type Traffic } from "../traffic/traffic.ts";

export interface HistoryOptions {
  readonly traffic: Traffic;
  /** The period: all webhooks sent in it are written. */
  readonly period: Period;
  /** Messages before this moment do not exist, Unix ms. */
  readonly sinceMs: number;
  readonly queue: Pick<BullWebhookQueue, "put" | "waiting" | "shards">;
  /** @param share of the period, from 0 to 1 */
  readonly onProgress: (share: number, webhooks: number) => void;
  readonly signal: AbortSignal;
}

/** The number that ingest puts into a job. */
const JOB_LINES = 500;
/** Jobs that may wait in a shard: enough to keep a worker busy without using much memory. */
const JOBS_WAITING_MAX = 60;
const STEP_MS = 6 * 3_600_000;
const LOOK_AGAIN_MS = 20;

/**
 * Write past webhooks into the queue, as ingest would have done: over HTTP each would be received now, with a latency of up to a month. All
 * webhooks of a message follow one another, so a worker reads and stores it once; the counts do not depend on the order.
 * @returns how many were written
 */
export async function writeHistory({ traffic, period, sinceMs, ...options }: HistoryOptions): Promise<number> {
  const { queue, onProgress, signal } = options;
  const batches = Array.from({ length: queue.shards }, (): string[] => []);
  let [webhooks, inFlight] = [0, Promise.resolve()];
  const flush = async (shard: number) => {
    const lines = batches[shard]?.splice(0) ?? [];
    if (lines.length === 0) return;
    webhooks += lines.length;
    // One job is stored while the next is made.
    await inFlight;
    inFlight = queue.put(shard, lines, Date.now()).then(() => undefined);
    while (!signal.aborted && (await queue.waiting(shard)) > JOBS_WAITING_MAX) await wait(LOOK_AGAIN_MS);
  };
  for (const { begun, sent } of steps(period, sinceMs)) {
    for (const instance of traffic.instances) {
      const shard = shardOf(instance.id, queue.shards);
      const batch = batches[shard] ?? [];
      for (const sending of traffic.sendings(instance, begun, sent)) {
        batch.push(...linesOf(sending));
        if (batch.length >= JOB_LINES) await flush(shard);
        if (signal.aborted) return webhooks;
      }
    }
    onProgress((begun.toMs - period.fromMs) / (period.toMs - period.fromMs), webhooks);
  }
  for (const shard of batches.keys()) await flush(shard);
  await inFlight;
  return webhooks;
}

function* steps(period: Period, sinceMs: number): Generator<{ readonly begun: Period; readonly sent: Period }> {
  let fromMs = Math.max(sinceMs, period.fromMs - LAST_SENDING_SECONDS * 1000);
  // Whole minutes, because messages are made by the minute.
  while (fromMs < period.toMs) {
    const toMs = Math.min(period.toMs, Math.floor((fromMs + STEP_MS) / 60_000) * 60_000);
    yield { begun: { fromMs, toMs }, sent: period };
    fromMs = toMs;
  }
}

function linesOf(sending: Sending): readonly string[] {
  const { gateway: name } = sending.instance.shape;
  const gateway = gatewayNamed(name) ?? DEFAULT_GATEWAY;
  const tag = gateway === DEFAULT_GATEWAY ? {} : { gateway: name };
  return gateway.split(webhookOf(sending)).map((part) => {
    return webhookLine({ receivedAtMs: sending.atMs, ...tag, text: gateway.withoutContent(part) });
  });
}

async function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
