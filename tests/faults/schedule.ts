import type { Random } from "../support/day.ts";

/** Rounds of all items, each round in a random order that depends on the seed. */
export function* schedule<Item>(items: readonly Item[], random: Random): Generator<Item, never> {
  for (;;) {
    const round = items.map((item) => ({ item, key: random(2 ** 30) })).toSorted((a, b) => a.key - b.key);
    for (const { item } of round) yield item;
  }
}
