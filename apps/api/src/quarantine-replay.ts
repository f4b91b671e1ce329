import { shardOf, type WebhookQueue } from "@ticktally/core";
import type { RedisQuarantine } from "@ticktally/redis";
import {
  parseWebhookText,
  webhookInstance,
  webhookLine,
  type QuarantineEntry,
  type ReplayRequest,
} from "@ticktally/schemas";

export interface ReplayDeps {
  readonly quarantine: Pick<RedisQuarantine, "ids" | "entries" | "remove">;
  readonly queue: WebhookQueue;
  /** Unix ms */
  readonly now: () => number;
}

const ENTRIES_A_JOB = 200;

/**
 * Put webhooks from the quarantine back into the queue, as if they had just come. What still cannot be understood comes
 * back; a crash in between leaves an entry both queued and here, which counts once all the same.
 */
export async function replay(
  { quarantine, queue, now }: ReplayDeps,
  { ids, reason, instance }: ReplayRequest,
): Promise<{ replayed: number; skipped: number }> {
  const filter = { ...(reason === undefined ? {} : { reason }), ...(instance === undefined ? {} : { instance }) };
  const wanted = ids ?? (await quarantine.ids(filter));
  let [replayed, skipped] = [0, 0];
  for (let from = 0; from < wanted.length; from += ENTRIES_A_JOB) {
    const entries = await quarantine.entries(wanted.slice(from, from + ENTRIES_A_JOB));
    const webhooks = entries.filter(isWebhook);
    await Promise.all(
      [...byShard(webhooks, queue.shards)].map(async ([shard, lines]) => queue.put(shard, lines, now())),
    );
    await quarantine.remove(webhooks.map(({ id }) => id));
    replayed += webhooks.length;
    skipped += entries.length - webhooks.length;
  }
  return { replayed, skipped };
}

function isWebhook({ reason, text }: QuarantineEntry): boolean {
  if (reason === "job_unreadable") return false;
  try {
    parseWebhookText(text);
    return true;
  } catch {
    return false;
  }
}

function byShard(entries: readonly QuarantineEntry[], shards: number): ReadonlyMap<number, readonly string[]> {
  const lines = new Map<number, string[]>();
  for (const entry of entries) {
    const shard = shardOf(entry.instance, shards);
    lines.set(shard, [...(lines.get(shard) ?? []), lineOf(entry)]);
  }
  return lines;
}

/** It speaks for the instance that it is quarantined under, whatever it names. */
function lineOf({ receivedAtMs, text, instance }: QuarantineEntry): string {
  const isNamed = instance === undefined || webhookInstance(parseWebhookText(text)) === instance;
  return webhookLine({ receivedAtMs, text, ...(isNamed ? {} : { sender: instance }) });
}
