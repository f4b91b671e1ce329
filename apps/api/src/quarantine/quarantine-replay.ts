import { shardOf, type WebhookQueue } from "@ticktally/core";
import type { RedisQuarantine } from "@ticktally/redis";
import { batchesOf, webhookLine, type QuarantineEntry, type ReplayRequest } from "@ticktally/schemas";
import { namedGateway } from "./queued-webhook.ts";

export interface ReplayDeps {
  readonly quarantine: Pick<RedisQuarantine, "ids" | "entries" | "remove">;
  readonly queue: WebhookQueue;
  /** Unix ms */
  readonly now: () => number;
}

const ENTRIES_A_JOB = 200;

/**
 * Put webhooks from the quarantine back into the queue, as if they had just arrived. Webhooks that still cannot be understood return here.
 * A crash in between leaves an entry both queued and here, which still counts once.
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
      const lines = linesOf(entry);
      return lines === undefined ? [] : [{ ...entry, lines }];
    });
    const jobs = [...byShard(webhooks, queue.shards)].flatMap(([shard, lines]) =>
      batchesOf(lines).map((batch) => ({ shard, batch })),
    );
    await Promise.all(jobs.map(async ({ shard, batch }) => queue.put(shard, batch, now())));
    await quarantine.remove(webhooks.map(({ id }) => id));
    replayed += webhooks.length;
    skipped += entries.length - webhooks.length;
  }
  return { replayed, skipped };
}

/**
 * It belongs to the instance it is quarantined under, whatever it names.
 * @returns a few kB, even for an entry of an earlier version with several MB; `undefined` if it is not a webhook
 */
function linesOf({
  reason,
  receivedAtMs,
  text,
  instance,
  gateway: name,
}: QuarantineEntry): readonly string[] | undefined {
  const gateway = namedGateway(name);
  if (reason === "job_unreadable" || gateway === undefined) return undefined;
  try {
    return gateway.split(gateway.parse(text)).map((part) => {
      const isNamed = instance === undefined || part.instance === instance;
      const tags = { ...(name === undefined ? {} : { gateway: name }), ...(isNamed ? {} : { sender: instance }) };
      return webhookLine({ receivedAtMs, text: gateway.withoutContent(part), ...tags });
    });
  } catch {
    return undefined;
  }
}

interface Replayed {
  readonly instance?: string | undefined;
  readonly lines: readonly string[];
}

function byShard(webhooks: readonly Replayed[], shards: number): ReadonlyMap<number, readonly string[]> {
  const lines = new Map<number, string[]>();
  for (const webhook of webhooks) {
    const shard = shardOf(webhook.instance, shards);
    const ofShard = lines.get(shard) ?? [];
    lines.set(shard, ofShard);
    for (const line of webhook.lines) ofShard.push(line);
  }
  return lines;
}
