import { shardOf, type WebhookQueue } from "@ticktally/core";
import type { RedisQuarantine } from "@ticktally/redis";
import {
  parseWebhookText,
  webhookInstance,
  webhookLine,
  withoutContent,
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
    const webhooks = entries.flatMap((entry) => {
      const line = lineOf(entry);
      return line === undefined ? [] : [{ ...entry, line }];
    });
    await Promise.all(
      [...byShard(webhooks, queue.shards)].map(async ([shard, lines]) => queue.put(shard, lines, now())),
    );
    await quarantine.remove(webhooks.map(({ id }) => id));
    replayed += webhooks.length;
    skipped += entries.length - webhooks.length;
  }
  return { replayed, skipped };
}

/**
 * It speaks for the instance that it is quarantined under, whatever it names.
 * @returns a few kB, although an entry of an earlier version may have some MB; `undefined` for what is no webhook
 */
function lineOf({ reason, receivedAtMs, text, instance }: QuarantineEntry): string | undefined {
  if (reason === "job_unreadable") return undefined;
  try {
    const body = parseWebhookText(text);
    const isNamed = instance === undefined || webhookInstance(body) === instance;
    return webhookLine({
      receivedAtMs,
      text: withoutContent(text, body),
      ...(isNamed ? {} : { sender: instance }),
    });
  } catch {
    return undefined;
  }
}

interface Replayed {
  readonly instance?: string | undefined;
  readonly line: string;
}

function byShard(webhooks: readonly Replayed[], shards: number): ReadonlyMap<number, readonly string[]> {
  const lines = new Map<number, string[]>();
  for (const { instance, line } of webhooks) {
    const shard = shardOf(instance, shards);
    const ofShard = lines.get(shard);
    if (ofShard === undefined) lines.set(shard, [line]);
    else ofShard.push(line);
  }
  return lines;
}
