import type { Redis } from "ioredis";
import {
  contributionOf,
  COUNTER_OF_SLOT,
  CounterChanges,
  messageOf,
  moveCounts,
  newContribution,
  sourceOfSlot,
  type Counter,
  type Counts,
  type MessageRecord,
} from "../../packages/core/src/index.ts";
import { timesOf } from "../../packages/core/src/testing/index.ts";
import {
  Keys,
  openMessageStores,
  RedisInstanceRegistry,
  RedisQuarantine,
  RedisReconciliationStore,
  RedisUpstreamStore,
} from "../../packages/redis/src/index.ts";
import { quarantinedText } from "../../packages/gateways/src/index.ts";
import { slotOfOld } from "../../packages/redis/src/layout-1/counters.ts";

const keys = new Keys();
export const RETENTION_DAYS = 30;

/** Everything that is stored, except keys and hashes that differ between Redis servers. */
export async function storeSnapshot(client: Redis) {
  const stores = openMessageStores(client, { keys, retentionDays: RETENTION_DAYS });
  const [registry, upstreams] = [new RedisInstanceRegistry(client, keys), new RedisUpstreamStore(client, keys)];
  const instances = new Map<string, InstanceSnapshot>();
  for (const { id, name } of await registry.list()) {
    const known = await instanceSnapshot(stores, id);
    const run = await new RedisReconciliationStore(client, keys).last(id);
    const tokens = [...(await registry.tokensOf(id))];
    instances.set(id, { ...known, name, tokens, run, upstream: await upstreams.upstream(id) });
  }
  return { instances, quarantine: await new RedisQuarantine(client, keys, quarantinedText).list({}, 100) };
}

interface InstanceSnapshot extends Awaited<ReturnType<typeof instanceSnapshot>> {
  readonly name: string;
  readonly tokens: readonly string[];
  readonly run: unknown;
  readonly upstream: unknown;
}

async function instanceSnapshot(stores: ReturnType<typeof openMessageStores>, id: string) {
  const records: MessageRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await stores.messages.list(id, { filter: {}, limit: 40, ...(cursor === undefined ? {} : { cursor }) });
    const found = await Promise.all(
      page.messages.map(async ({ idMessage, direction }) => stores.messages.message(id, idMessage, direction)),
    );
    records.push(...found.filter((record) => record !== undefined));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  const [summary] = await stores.counts.summaries([id], Date.now());
  const [settings] = await stores.settings.settings([id]);
  return {
    messages: records.map(messageOf),
    records,
    summary: {
      ...summary,
      counts: sorted(summary?.counts),
      retracted: sorted(summary?.retracted),
      chatsVersion: undefined,
    },
    times: await timesOf(stores.counts, id, 480_000, 520_000),
    failures: (await stores.messages.recentFailures(id)).map(messageOf),
    settings,
  };
}

const sorted = (counts: Counts | undefined) => new Map([...(counts ?? [])].toSorted());
export const withoutLatencies = (counts: ReadonlyMap<Counter, number>) =>
  new Map([...counts].filter(([counter]) => !/^(?:outcomes|latency|latencies)/.test(counter)).toSorted());

/** What the current rules count for records: totals, and counts by time in the format of `timesOf`. */
export function sumOf(records: readonly MessageRecord[]) {
  const changes = new CounterChanges();
  for (const record of records) moveCounts(newContribution(), contributionOf(record, newContribution()), changes);
  const [totals, times] = [new Map<Counter, number>(), new Map<string, number>()];
  const nameOf = (slot: number) => COUNTER_OF_SLOT[slot] ?? "contradictions";
  changes.takeTotals((slot, by) => totals.set(nameOf(slot), by));
  changes.takeTimes((time, slot, by) => {
    times.set(`${String(sourceOfSlot(slot))} ${String(time)} ${String(slot)}`, by);
  });
  return { totals, times: new Map([...times].sort()) };
}

/** The totals of version 0.1, under the current names. */
export async function oldTotals(client: Redis, id: string): Promise<Map<Counter, number>> {
  const counts = (await client.getBuffer(`${keys.instance(id)}counts`)) ?? Buffer.alloc(0);
  const totals = new Map<Counter, number>();
  for (let slot = 0; slot < 300 && 6 * slot < counts.length; slot++) {
    const [value, today] = [counts.readUIntBE(6 * slot, 6), slotOfOld(slot)];
    const name = today === undefined ? undefined : COUNTER_OF_SLOT[today];
    if (value > 0 && name !== undefined) totals.set(name, (totals.get(name) ?? 0) + value);
  }
  return totals;
}

export const typesIn = (totals: ReadonlyMap<Counter, number>) =>
  [...totals].filter(([counter]) => /^(?:types|actions)\//.test(counter)).reduce((sum, [, count]) => sum + count, 0);
