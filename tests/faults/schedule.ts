import type { Random } from "../support/day.ts";

/** One after the other, each as often as the next, in an order that the seed gives. */
export function* schedule<Item>(items: readonly Item[], random: Random): Generator<Item, never> {
  for (;;) {
    const round = items.map((item) => ({ item, key: random(2 ** 30) })).toSorted((a, b) => a.key - b.key);
    for (const { item } of round) yield item;
  }
}
