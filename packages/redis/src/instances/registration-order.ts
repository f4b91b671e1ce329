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

/** The reads that {@link placing} needs. */
export function lastPlaceReads({ registrationOrder, summedPlaces }: OrderKeys): readonly KeyCommand[] {
  return [
    ["ZRANGE", registrationOrder, -1, -1, "WITHSCORES"],
    ["HMGET", summedPlaces, "from", "to"],
  ];
}

/** Put new instances after all others. A place is never reused, not even that of the last instance after it was deleted. */
export function placing(
  { registrationOrder }: OrderKeys,
  ids: readonly InstanceId[],
  [last, summed]: readonly (PackedAnswer | undefined)[],
): KeyCommand {
  const [, place = "0"] = valuesAnswer.parse(last).map(String);
  const first = Math.max(Number(place), placesOf(summed)?.to ?? 0) + 1;
  return ["ZADD", registrationOrder, ...ids.flatMap((id, i) => [first + i, id])];
}

/** The reads that {@link leaving} needs. */
export function leavingReads({ registrationOrder, summedPlaces }: OrderKeys, id: InstanceId): readonly KeyCommand[] {
  return [
    ["ZSCORE", registrationOrder, id],
    ["HMGET", summedPlaces, "from", "to"],
  ];
}

/** Remove an instance from the order. If it was part of the sum, its counts stay in the sum. */
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
