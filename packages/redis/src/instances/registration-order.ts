import type { InstanceId } from "@ticktally/core";
import { fieldsAnswer, textAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";

/** Places in the order of registration, ends included. */
export interface Places {
  readonly from: number;
  readonly to: number;
}

type OrderKeys = Pick<Keys, "registrationOrder" | "summedPlaces" | "summedOnce">;

/** What {@link placing} has to know. */
export function lastPlaceReads({ registrationOrder, summedPlaces }: OrderKeys): readonly KeyCommand[] {
  return [
    ["ZRANGE", registrationOrder, -1, -1, "WITHSCORES"],
    ["HMGET", summedPlaces, "from", "to"],
  ];
}

/** Put new instances behind all others. A place is never given twice, also not that of the last one, which was deleted. */
export function placing(
  { registrationOrder }: OrderKeys,
  ids: readonly InstanceId[],
  [last, summed]: readonly (PackedAnswer | undefined)[],
): KeyCommand {
  const [, place = "0"] = valuesAnswer.parse(last).map(String);
  const first = Math.max(Number(place), placesOf(summed)?.to ?? 0) + 1;
  return ["ZADD", registrationOrder, ...ids.flatMap((id, i) => [first + i, id])];
}

/** What {@link leaving} has to know. */
export function leavingReads({ registrationOrder, summedPlaces }: OrderKeys, id: InstanceId): readonly KeyCommand[] {
  return [
    ["ZSCORE", registrationOrder, id],
    ["HMGET", summedPlaces, "from", "to"],
  ];
}

/** Take an instance out of the order. What it counted stays in the sum that it was shown in, if it was. */
export function leaving(
  keys: OrderKeys,
  id: InstanceId,
  [score, summed]: readonly (PackedAnswer | undefined)[],
  counted: ReadonlyMap<string, number>,
): readonly KeyCommand[] {
  const place = Number(textAnswer.parse(score) ?? 0);
  const places = placesOf(summed);
  const wasSummed = places !== undefined && places.from <= place && place <= places.to;
  return [["ZREM", keys.registrationOrder, id], ...(wasSummed ? keeping(keys, counted) : [])];
}

export function keeping({ summedOnce }: OrderKeys, counted: ReadonlyMap<string, number>): readonly KeyCommand[] {
  return [...counted].map(([counter, count]) => ["HINCRBY", summedOnce, counter, count]);
}

/** @param answer of `HMGET` */
export function placesOf(answer: PackedAnswer | undefined): Places | undefined {
  const [from, to] = fieldsAnswer.parse(answer).map((field) => (field === undefined ? undefined : Number(field)));
  return from === undefined || to === undefined ? undefined : { from, to };
}
