import type { InstanceId, RegisteredInstance } from "@ticktally/core";
import { countAnswer, fieldsAnswer, textAnswer, valuesAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, readKeys } from "../connection/key-commands.ts";
import { storeError } from "../connection/store-error.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import type { RedisInstanceRegistry } from "./instance-registry.ts";
import { keeping, lastPlaceReads, placesOf, placing, type Places } from "./registration-order.ts";

/** Takes a few milliseconds in Redis and in the reader. */
const SLICE = 1_000;
const COUNTED_AT_ONCE = 50;

/** Which instances Prometheus sees individually; all others are exported as one sum. */
export interface Shown {
  readonly instances: readonly RegisteredInstance[];
  /** The base of the sum: counts of instances that were part of it and were deleted or are now shown individually. By counter. */
  readonly summedOnce: ReadonlyMap<string, number>;
}

/** The growing counters of each instance, by name. */
export type CountedOf = (ids: readonly InstanceId[]) => Promise<readonly ReadonlyMap<string, number>[]>;

interface Placed extends RegisteredInstance {
  readonly place: number;
}

/**
 * Decides which instances Prometheus sees individually: those registered first, so a new one displaces no other. A counter must never
 * decrease, so an instance's counts stay in the sum after it left the sum. That base is kept in Redis, once for all processes that export
 * the sum.
 */
export class ShownInstances {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #registry: Pick<RedisInstanceRegistry, "slices">;

  constructor(redis: RedisClient, keys: Keys, registry: Pick<RedisInstanceRegistry, "slices">) {
    this.#redis = redis;
    this.#keys = keys;
    this.#registry = registry;
    defineScripts(redis);
  }

  /** @param limit how many are shown individually @throws {StoreUnavailableError} */
  async settle(limit: number, countedOf: CountedOf): Promise<Shown> {
    await this.#completeOrder();
    for (;;) {
      const first = await this.#placed(0, limit);
      const shown = first.slice(0, limit);
      const before = await this.#places();
      const places = await this.#placesOfOthers(first[limit], before);
      const isSettled = places === undefined || (await this.#move(shown, before, places, countedOf));
      if (isSettled) return { instances: shown.map(({ id, name }) => ({ id, name })), summedOnce: await this.#kept() };
    }
  }

  /** @returns `false` if another process moved them meanwhile */
  async #move(shown: readonly Placed[], before: Places | undefined, places: Places, countedOf: CountedOf) {
    const { instanceNames, summedPlaces } = this.#keys;
    if (before?.from === places.from && before.to === places.to) return true;
    const left = shown.filter(({ place }) => before !== undefined && before.from <= place && place <= before.to);
    const counted = new Map<string, number>();
    for (let from = 0; from < left.length; from += COUNTED_AT_ONCE)
      for (const counts of await countedOf(left.slice(from, from + COUNTED_AT_ONCE).map(({ id }) => id)))
        for (const [counter, count] of counts) counted.set(counter, (counted.get(counter) ?? 0) + count);
    return changeKeys(this.#redis, instanceNames, [["HMGET", summedPlaces, "from", "to"]], ([answer]) => {
      const now = placesOf(answer);
      if (now?.from !== before?.from || now?.to !== before?.to) return { commands: [], outcome: false };
      const { from, to } = places;
      return {
        commands: [["HSET", summedPlaces, "from", from, "to", to], ...keeping(this.#keys, counted)],
        outcome: true,
      };
    });
  }

  /**
   * A place that left the sum is not added again: otherwise two processes with different limits would keep moving it.
   * @param first the first place that is not shown individually
   * @returns `undefined` if there never was one
   */
  async #placesOfOthers(first: Placed | undefined, before: Places | undefined): Promise<Places | undefined> {
    if (first === undefined) return before && { from: before.to + 1, to: before.to };
    const [last] = await this.#placed(-1, -1);
    return {
      from: Math.max(before?.from ?? 0, first.place),
      to: Math.max(before?.to ?? 0, last?.place ?? first.place),
    };
  }

  async #places(): Promise<Places | undefined> {
    const { instanceNames, summedPlaces } = this.#keys;
    const [answer] = await readKeys(this.#redis, instanceNames, [["HMGET", summedPlaces, "from", "to"]]);
    return placesOf(answer);
  }

  async #kept(): Promise<ReadonlyMap<string, number>> {
    const kept = await this.#redis.hgetall(this.#keys.summedOnce).catch(storeError);
    return new Map(Object.entries(kept).map(([counter, count]) => [counter, Number(count)]));
  }

  /** In the order of registration. @param first from 0; -1 is the last place */
  async #placed(first: number, last: number): Promise<readonly Placed[]> {
    const { instanceNames, registrationOrder } = this.#keys;
    const placed: Placed[] = [];
    for (let from = first; from <= last; from += SLICE) {
      const to = Math.min(last, from + SLICE - 1);
      const [answer] = await readKeys(this.#redis, instanceNames, [
        ["ZRANGE", registrationOrder, from, to, "WITHSCORES"],
      ]);
      const flat = valuesAnswer.parse(answer).map(String);
      const ids = flat.filter((_, i) => i % 2 === 0);
      const names = ids.length === 0 ? [] : await this.#redis.hmget(instanceNames, ...ids).catch(storeError);
      // An instance that was deleted meanwhile has no name.
      ids.forEach((id, i) => placed.push({ id, name: names[i] ?? id, place: Number(flat[2 * i + 1]) }));
      if (ids.length < to - from + 1) break;
    }
    return placed;
  }

  /** Instances registered by an older version, which kept no order, come last, ordered as gateways assign ids. */
  async #completeOrder(): Promise<void> {
    const { instanceNames, registrationOrder } = this.#keys;
    const [names, placed] = await readKeys(this.#redis, instanceNames, [
      ["HLEN", instanceNames],
      ["ZCARD", registrationOrder],
    ]);
    if (countAnswer.parse(names) === countAnswer.parse(placed)) return;
    const known = new Set<InstanceId>();
    for await (const slice of this.#registry.slices()) for (const { id } of slice) known.add(id);
    const inOrder = new Set<InstanceId>();
    for (let from = 0; ; from += SLICE) {
      const to = from + SLICE - 1;
      const some = await this.#redis.zrange(registrationOrder, String(from), String(to)).catch(storeError);
      for (const id of some) inOrder.add(id);
      if (some.length < SLICE) break;
    }
    const missing = [...known].filter((id) => !inOrder.has(id)).sort(byId);
    for (let from = 0; from < missing.length; from += SLICE) await this.#place(missing.slice(from, from + SLICE));
    for (const id of inOrder) if (!known.has(id)) await this.#dropIfUnknown(id);
  }

  async #place(ids: readonly InstanceId[]): Promise<void> {
    const { instanceNames, registrationOrder } = this.#keys;
    const reads = [
      ["HMGET", instanceNames, ...ids] as const,
      ...ids.map((id) => ["ZSCORE", registrationOrder, id] as const),
      ...lastPlaceReads(this.#keys),
    ];
    await changeKeys(this.#redis, instanceNames, reads, ([names, ...rest]) => {
      const known = fieldsAnswer.parse(names);
      const fresh = ids.filter((_, i) => known[i] !== undefined && textAnswer.parse(rest[i]) === undefined);
      const commands = fresh.length === 0 ? [] : [placing(this.#keys, fresh, rest.slice(ids.length))];
      return { commands, outcome: undefined };
    });
  }

  async #dropIfUnknown(id: InstanceId): Promise<void> {
    const { instanceNames, registrationOrder } = this.#keys;
    await changeKeys(this.#redis, instanceNames, [["HMGET", instanceNames, id]], ([name]) => {
      const [known] = fieldsAnswer.parse(name);
      return { commands: known === undefined ? [["ZREM", registrationOrder, id]] : [], outcome: undefined };
    });
  }
}

function byId(a: InstanceId, b: InstanceId): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
